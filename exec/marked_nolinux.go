//go:build !linux

package exec

// tree is always empty here: podman's containers run in a machine, whose
// processes this system does not see.
type tree struct{}

func newTree(string) *tree { return &tree{} }

func (*tree) grow() int { return 0 }

func (*tree) end(bool) {}

func (*tree) release() {}
