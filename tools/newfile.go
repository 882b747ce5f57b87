package tools

import (
	"errors"
	"io/fs"
	"os"
)

// newFile lets write make the file of a path that [Roots.Target] has allowed.
// It has its name when it is whole; where write fails nothing is left. What is
// in a volume or an image may be secret, so only the server's user can read it.
//
// The name is taken at once, by an empty file, and podman writes beside it: a
// file that somebody makes meanwhile is not overwritten, and one that is half
// written when the machine stops does not pass for a whole one.
func newFile(path string, write func(part string) error) (size int64, err error) {
	part := path + ".part"
	for _, name := range []string{path, part} {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			err = invalid("file", "%q exists already, and nothing is overwritten", name)
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			if name == part {
				err = errors.Join(err, os.Remove(path))
			}
			return 0, err
		}
	}
	err = write(part)
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return 0, errors.Join(err, os.Remove(path), os.RemoveAll(part))
	}
	about, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return about.Size(), nil
}
