package parse

// Changes are the paths in which a file system differs from what it was made
// from. A folder counts as changed where something in it is.
type Changes struct {
	Added   []string `json:"added"`
	Deleted []string `json:"deleted"`
	Changed []string `json:"changed"`
}

// Diff reads podman diff --format json, which leaves out what there is none of.
func Diff(out []byte) (Changes, error) {
	v, err := firstObject("a list of changed paths", out)
	if err != nil {
		return Changes{}, err
	}
	paths := func(key string) []string {
		return append([]string{}, cleanList(v.Get(key))...)
	}
	return Changes{Added: paths("added"), Deleted: paths("deleted"), Changed: paths("changed")}, nil
}
