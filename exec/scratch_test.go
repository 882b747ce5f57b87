//go:build unix

package exec_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"podman-mcp/exec"
)

// scratch makes one in a TMPDIR of the test's own.
func scratch(t *testing.T) (s *exec.Scratch, dir string) {
	t.Helper()
	s, err := exec.NewScratch()
	if err != nil {
		t.Fatal(err)
	}
	return s, filepath.Dir(s.Context())
}

func TestScratchKnowsItsOwn(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	store := t.TempDir()
	mine, dir := scratch(t)
	_, others := scratch(t)
	for id, mark := range map[string]string{"aa": dir, "bb": others, "cc": dir + "0", "dd": filepath.Dir(dir)} {
		userdata := filepath.Join(store, id, "userdata")
		if err := os.MkdirAll(userdata, 0o700); err != nil {
			t.Fatal(err)
		}
		note := fmt.Sprintf(`{"CommonBuildOpts":{"Secrets":["id=podman-mcp-build,src=%s/mark"]}}`, mark)
		if err := os.WriteFile(filepath.Join(userdata, "buildah.json"), []byte(note), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if made, err := mine.Made(store); err != nil || !slices.Equal(made, []string{"aa"}) {
		t.Errorf("%q, %v", made, err)
	}
	if made, err := mine.Made(filepath.Join(store, "nosuch")); err != nil || len(made) != 0 {
		t.Errorf("no store: %q, %v", made, err)
	}
	args, err := exec.Podman("build").Scratch(mine).Operand("x").Args()
	if want := "--secret=id=podman-mcp-build,src=" + dir + "/mark"; err != nil || !slices.Contains(args, want) {
		t.Errorf("%q, %v", args, err)
	}
}

// A number that another process has by now is no reason to kill it.
func TestScratchSparesOtherProcesses(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, dir := scratch(t)
	for i, number := range []string{fmt.Sprint(os.Getpid()), fmt.Sprint(os.Getppid()), "1", "0", "-1", "x", "999999999"} {
		bundle := filepath.Join(dir, "tmp", fmt.Sprint("buildah", i))
		if err := os.Mkdir(bundle, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(bundle, "pid"), []byte(number), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.EndSteps(); n != 0 {
		t.Errorf("%d processes were killed", n)
	}
}

func TestScratchGoesAndLeavesCaches(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	if err := os.Mkdir(filepath.Join(tmp, "buildah-cache"), 0o700); err != nil {
		t.Fatal(err)
	}
	s, dir := scratch(t)
	file, err := s.Write("FROM scratch\n")
	if about, statErr := os.Stat(file); err != nil || statErr != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("the Containerfile: %v, %v", err, statErr)
	}
	for _, path := range []string{"buildah-cache/old", "buildah-cache-7/new", "storage1/blob"} {
		path = filepath.Join(dir, "tmp", path)
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remove(); err != nil {
		t.Fatal(err)
	}
	var left []string
	err = filepath.WalkDir(tmp, func(path string, _ os.DirEntry, err error) error {
		left = append(left, strings.TrimPrefix(path, tmp))
		return err
	})
	if want := []string{"", "/buildah-cache", "/buildah-cache/old", "/buildah-cache-7", "/buildah-cache-7/new"}; err != nil || !slices.Equal(left, want) {
		t.Errorf("left are %q, want %q (%v)", left, want, err)
	}
}

// TestTemporary: what is large does not go to /tmp, and there is room where it goes.
func TestTemporary(t *testing.T) {
	own := t.TempDir()
	for set, want := range map[string]string{"": "/var/tmp", own: own, "relative": "/var/tmp", "/a,b": "/var/tmp"} {
		t.Setenv("TMPDIR", set)
		if got := exec.Temporary(); got != want {
			t.Errorf("TMPDIR=%s gives %s, want %s", set, got, want)
		}
	}
	if room := exec.Room(own); room <= 0 {
		t.Errorf("%d bytes are free", room)
	}
}
