package tools

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"podman-mcp/parse"
)

// newFile lets write make the file of a path that [Roots.Target] has allowed.
// It has its name when it is whole; where write fails nothing is left. What is
// in a volume or an image may be secret, so only the server's user can read it.
//
// Podman opens what it is told by name. So the part it writes to lies in a
// private folder of a name that nobody can guess, beside the target: who shares
// the target's folder, such as a container that mounts it, cannot put a link in
// its way. And the whole file gets its name as a second one, which replaces nothing.
func newFile(path string, write func(part string) error) (size int64, err error) {
	if _, err := os.Lstat(path); err == nil {
		return 0, taken(path)
	}
	private := filepath.Join(filepath.Dir(path), ".podman-mcp-"+rand.Text())
	if err := os.Mkdir(private, 0o700); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(private)) }()
	folder, err := os.OpenRoot(private)
	if err != nil {
		return 0, err
	}
	defer func() { _ = folder.Close() }() // only looked through
	name := filepath.Base(path)
	part := filepath.Join(private, name)
	if err := write(part); err != nil {
		return 0, err
	}
	about, err := folder.Lstat(name)
	if err != nil || !about.Mode().IsRegular() {
		return 0, parse.OutputInvalidError("a new file", nil, err)
	}
	// Podman writes for all to read. A file system without modes permits no others.
	if err := folder.Chmod(name, 0o600); err != nil && !errors.Is(err, fs.ErrPermission) {
		return 0, err
	}
	return about.Size(), settle(part, path)
}

// settle gives part its name unless another file has taken it meanwhile.
func settle(part, target string) error {
	err := os.Link(part, target)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return taken(target)
	}
	// A file system without links.
	if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
		return taken(target)
	}
	if err := os.Rename(part, target); err != nil {
		return fmt.Errorf("name the new file: %w", err)
	}
	return nil
}

func taken(path string) error {
	return invalid("file", "%q exists already, and nothing is overwritten", path)
}
