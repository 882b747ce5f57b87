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

func envFile(pairs []string) (string, error) {
	path, err := private(envName, []byte(strings.Join(pairs, "\n")+"\n"))
	if err != nil {
		return "", fmt.Errorf("write the container's environment: %w", err)
	}
	return path, nil
}

// kubeName begins the name of a file with Kubernetes YAML.
const kubeName = "podman-mcp-kube-"

// KubeFile writes Kubernetes YAML, which may hold secrets, for podman to read.
// Done removes it.
func KubeFile(text []byte) (path string, done func(), err error) {
	path, err = private(kubeName, text)
	if err != nil {
		return "", nil, fmt.Errorf("write Kubernetes YAML: %w", err)
	}
	return path, func() { _ = os.Remove(path) }, nil
}

// private writes a file that only this user and podman can read, in memory
// where the system has a folder for that.
func private(prefix string, text []byte) (string, error) {
	name := fmt.Sprintf("%s%d-*", prefix, os.Getpid())
	f, err := os.CreateTemp(os.Getenv("XDG_RUNTIME_DIR"), name) // mode 0600
	if err != nil {
		if f, err = os.CreateTemp("", name); err != nil {
			return "", err
		}
	}
	sweep(filepath.Dir(f.Name()), prefix)
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	path, err := filepath.Abs(f.Name()) // podman may run in another folder
	if err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return path, nil
}

// sweep removes what servers left that were killed before they could. A file
// of another user's stays, and so does one whose number a process has again.
func sweep(dir, prefix string) {
	left, _ := filepath.Glob(filepath.Join(dir, prefix+"*")) // the pattern is well formed
	for _, path := range left {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), prefix), "-")
		if pid, err := strconv.Atoi(number); err == nil && !alive(pid) {
			_ = os.Remove(path)
		}
	}
}
