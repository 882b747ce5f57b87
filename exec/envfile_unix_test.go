//go:build unix

package exec

import (
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// What a killed server left goes with the next one's first file.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	dead := osexec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, envName+strconv.Itoa(dead.Process.Pid)+"-1")
	for _, path := range []string{left, filepath.Join(dir, envName+strconv.Itoa(os.Getppid())+"-1"), filepath.Join(dir, "else")} {
		if err := os.WriteFile(path, []byte("PASSWORD=x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := envFile([]string{"A=b"}); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 3 {
		t.Errorf("%v, %v", files, err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("the dead server's file: %v", err)
	}
}
