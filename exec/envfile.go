package exec

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// envName begins the name of an env file; the server's process number follows.
const envName = "podman-mcp-env-"

// envFile writes variables where only this user and podman can read them,
// in memory where the system has a folder for that.
func envFile(pairs []string) (string, error) {
	failed := func(err error) (string, error) {
		return "", fmt.Errorf("write the container's environment: %w", err)
	}
	name := fmt.Sprintf("%s%d-*", envName, os.Getpid())
	f, err := os.CreateTemp(os.Getenv("XDG_RUNTIME_DIR"), name) // mode 0600
	if err != nil {
		if f, err = os.CreateTemp("", name); err != nil {
			return failed(err)
		}
	}
	sweep(filepath.Dir(f.Name()))
	_, err = f.WriteString(strings.Join(pairs, "\n") + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return failed(err)
	}
	path, err := filepath.Abs(f.Name()) // podman may run in another folder
	if err != nil {
		_ = os.Remove(f.Name())
		return failed(err)
	}
	return path, nil
}

// sweep removes what servers left that were killed before they could. A file
// of another user's stays, and so does one whose number a process has again.
func sweep(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, envName+"*")) // the pattern is well formed
	for _, path := range left {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), envName), "-")
		if pid, err := strconv.Atoi(number); err == nil && !alive(pid) {
			_ = os.Remove(path)
		}
	}
}
