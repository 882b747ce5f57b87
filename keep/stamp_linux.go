package keep

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// settled is how much older than a run everything in a stamp has to be, so that
// no change could have come within the same tick of the file system's clock.
const (
	settled = 100 * time.Millisecond
	coarse  = 2 * time.Second // where it has whole seconds only
)

// stamp is what files were like. Equal ones tell that nothing was written.
type stamp struct {
	text   []byte
	newest time.Time // when the last of them changed, or the end of that tick
	failed error     // a file that cannot be looked at
}

// file adds a file or folder, and whether it is there.
func (s *stamp) file(path string) (exists bool) {
	var at syscall.Stat_t
	for {
		err := syscall.Stat(path, &at)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
			s.text = append(s.text, '-')
			return false
		case err != nil:
			s.failed = &fs.PathError{Op: "stat", Path: path, Err: err}
			return false
		}
		break
	}
	s.text = append(s.text, '+')
	for _, n := range [...]uint64{uint64(at.Dev), at.Ino, uint64(at.Size), uint64(at.Mode)} { //nolint:unconvert // Dev is narrower on some machines
		s.text = binary.AppendUvarint(s.text, n)
	}
	for _, when := range [...]syscall.Timespec{at.Mtim, at.Ctim} {
		sec, nsec := when.Unix()
		s.text = binary.AppendVarint(binary.AppendVarint(s.text, sec), nsec)
		t := time.Unix(sec, nsec)
		if nsec == 0 {
			t = t.Add(coarse)
		}
		if t.After(s.newest) {
			s.newest = t
		}
	}
	return true
}

// folder adds a folder with the files in it that want takes.
func (s *stamp) folder(path string, want func(name string) bool) {
	if !s.file(path) {
		return
	}
	list, err := os.ReadDir(path) // by name
	if errors.Is(err, syscall.ENOTDIR) {
		return
	}
	if err != nil {
		s.failed = err
		return
	}
	for _, e := range list {
		if !want(e.Name()) {
			continue
		}
		s.text = append(append(s.text, e.Name()...), 0)
		s.file(filepath.Join(path, e.Name()))
	}
}

// configuration are names of settings: also networks are kept in such files.
func configuration(name string) bool {
	switch filepath.Ext(name) {
	case ".conf", ".json", ".conflist":
		return true
	}
	return strings.HasSuffix(name, ".d")
}
