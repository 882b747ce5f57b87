package tools

import (
	"archive/tar"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"podman-mcp/parse"
)

// unpacked is what came out of a container, in a folder of its own until it is
// whole. Every path goes through an os.Root, which follows no link out of it.
type unpacked struct {
	folder *os.Root // where the target will be
	name   string   // of the folder of our own in it
	root   *os.Root // that
	all    bool     // the container's root folder, whose entries have no common one

	files, skipped int
	bytes          int64

	links []string               // symbolic ones, to be judged when all is there
	modes map[string]fs.FileMode // of folders, set last: one may be read-only
}

// item is what everything is unpacked to, in our own folder.
const item = "item"

func newUnpacked(folder *os.Root, all bool) (*unpacked, error) {
	u := &unpacked{folder: folder, name: ".podman-mcp-" + rand.Text(), all: all, modes: map[string]fs.FileMode{}}
	if err := folder.Mkdir(u.name, 0o700); err != nil {
		return nil, err
	}
	var err error
	if u.root, err = folder.OpenRoot(u.name); err == nil && all {
		err = u.root.Mkdir(item, 0o700)
	}
	if err != nil {
		return nil, errors.Join(err, folder.RemoveAll(u.name))
	}
	return u, nil
}

// remove takes away what was not placed.
func (u *unpacked) remove() {
	_ = u.root.Close()
	_ = u.folder.RemoveAll(u.name) // what it cannot remove, such as on a full disk, nobody else could
}

// unpack reads the archive to its end.
func (u *unpacked) unpack(archive *tar.Reader) error {
	for n := 0; ; n++ {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) && n > 0 {
			return u.settle()
		}
		if err != nil {
			return err
		}
		at, err := u.at(entry.Name)
		if err != nil {
			return err
		}
		if err := u.add(at, entry, archive); err != nil {
			return fmt.Errorf("unpack %s: %w", parse.Clean(entry.Name), err)
		}
	}
}

// at is where an entry goes: its first folder, which is called as the copied
// one is, becomes the item.
func (u *unpacked) at(name string) (string, error) {
	name = path.Clean(name)
	rest := name
	if !u.all {
		_, rest, _ = strings.Cut(name, "/")
	}
	local := filepath.FromSlash(path.Join(item, rest))
	if !fs.ValidPath(name) || !filepath.IsLocal(local) {
		return "", parse.OutputInvalidError("an archive of what was asked for", []byte(name), nil)
	}
	return local, nil
}

func (u *unpacked) add(at string, entry *tar.Header, content io.Reader) error {
	mode := fs.FileMode(entry.Mode) & 0o777 // not set-user-id: the file is the server's user's here
	switch entry.Typeflag {
	case tar.TypeDir:
		u.modes[at] = mode
		return u.root.MkdirAll(at, 0o700)
	case tar.TypeReg:
		f, err := u.root.OpenFile(at, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
		if err != nil {
			return err
		}
		n, err := io.Copy(f, content)
		u.files, u.bytes = u.files+1, u.bytes+n
		return errors.Join(err, f.Close())
	case tar.TypeSymlink:
		inside := strings.TrimPrefix(filepath.ToSlash(at), item+"/")
		if at == item || path.IsAbs(entry.Linkname) || !filepath.IsLocal(filepath.FromSlash(path.Join(path.Dir(inside), entry.Linkname))) {
			u.skipped++
			return nil
		}
		u.links = append(u.links, at)
		return u.root.Symlink(filepath.FromSlash(entry.Linkname), at)
	case tar.TypeLink:
		from, err := u.at(entry.Linkname)
		if err != nil {
			return err
		}
		if about, err := u.root.Lstat(from); err == nil && about.Mode().IsRegular() {
			u.files++
			return u.root.Link(from, at)
		}
	}
	u.skipped++
	return nil
}

// settle takes links away that lead out of the item, and sets the folders' modes.
func (u *unpacked) settle() error {
	if len(u.links) > 0 {
		inner, err := u.root.OpenRoot(item)
		if err != nil {
			return err
		}
		defer func() { _ = inner.Close() }()
		for _, at := range u.links {
			rest, err := filepath.Rel(item, at)
			if err != nil {
				return err
			}
			if _, err := inner.Stat(rest); err == nil || errors.Is(err, fs.ErrNotExist) {
				continue // it leads to something inside, or to nothing there
			}
			if err := inner.Remove(rest); err != nil {
				return err
			}
			u.skipped++
		}
	}
	folders := slices.Sorted(maps.Keys(u.modes))
	slices.Reverse(folders) // what lies inside before what holds it
	for _, at := range folders {
		mode := u.modes[at]
		if at == item {
			mode |= 0o700 // or it could not be moved
		}
		if err := u.root.Chmod(at, mode); err != nil {
			return err
		}
	}
	return nil
}

// place moves the item to its name, where nothing may have come up meanwhile.
func (u *unpacked) place(name string) error {
	about, err := u.root.Lstat(item)
	if errors.Is(err, fs.ErrNotExist) {
		return invalid("path", "is neither a file nor a folder, and only those are copied")
	}
	if err != nil {
		return err
	}
	from := filepath.Join(u.name, item)
	if about.IsDir() {
		return u.folder.Rename(from, name) // which replaces no more than an empty folder
	}
	// A second name replaces nothing, as a move would.
	err = u.folder.Link(from, name)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return u.folder.Rename(from, name) // a file system without second names
	}
	return err
}
