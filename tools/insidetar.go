package tools

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// insideTar makes a private, unpacked copy of a tar archive that is safe to give
// to "podman volume import", and returns its path; the caller removes it.
//
// Podman (4.3 to 5, seen) unpacks as itself and follows symbolic links: an
// archive with a link x to /etc and then a file x/passwd writes into the host's
// /etc, and one with x/passwd alone does where a container has left such a link
// in its volume. In an archive that passes, each folder stands before what is in
// it: podman then puts the folder in the place of any link. The copy is what
// was checked, whoever may change the file meanwhile, and a broken archive is
// noticed before anything in the volume is overwritten. A small packed file can
// be a very large archive: one of more than limit bytes is refused.
func insideTar(ctx context.Context, file string, limit int64) (copied string, err error) {
	in, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a named pipe would be waited for
	if err != nil {
		return "", broken(ctx, file, err)
	}
	defer func() { _ = in.Close() }() // only read
	if about, err := in.Stat(); err != nil || !about.Mode().IsRegular() {
		return "", broken(ctx, file, errors.New("it is no file"))
	}
	out, err := os.CreateTemp(exec.Temporary(), "podman-mcp-import-*") // mode 0600
	if err != nil {
		return "", err
	}
	defer func() {
		if err = errors.Join(err, out.Close()); err != nil {
			err = errors.Join(err, os.Remove(out.Name()))
		}
	}()
	if err := unpack(ctx, out, in, limit); err != nil {
		return "", broken(ctx, file, err)
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	if err := inspectTar(ctx, tar.NewReader(out)); err != nil {
		return "", broken(ctx, file, err)
	}
	return out.Name(), nil
}

// broken tells of an archive that was refused.
func broken(ctx context.Context, file string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	f := invalid("file", "%q cannot be imported: %s", file, parse.Clean(err.Error()))
	f.Hint = "The volume is as it was. Take an archive of podman_volume_export, or make one of a whole folder: tar -C FOLDER -cf FILE ."
	return f
}

// importLimit is the size of the largest archive that is imported: the copy may
// take half of the room, for others need some too.
func importLimit() int64 { return exec.Room(exec.Temporary()) / 2 }

// unpack copies, and undoes gzip where the archive is packed so.
func unpack(ctx context.Context, out io.Writer, in io.Reader, limit int64) error {
	buffered := bufio.NewReader(in)
	var from io.Reader = buffered
	if head, err := buffered.Peek(2); err == nil && head[0] == 0x1f && head[1] == 0x8b {
		if from, err = gzip.NewReader(buffered); err != nil {
			return err
		}
	}
	n, err := io.Copy(out, io.LimitReader(cancellable{ctx, from}, limit))
	if err != nil {
		return err
	}
	if n == 0 && limit > 0 {
		return errors.New("it is empty")
	}
	// One byte more would be too many; an end is an end, and tells of a broken gzip.
	switch _, err := io.ReadFull(cancellable{ctx, from}, make([]byte, 1)); {
	case err == nil:
		return fmt.Errorf("unpacked it has more than %d bytes, which is half of what is free in %s; make room there, or set TMPDIR for the server",
			limit, exec.Temporary())
	case !errors.Is(err, io.EOF):
		return err
	}
	return nil
}

// cancellable is a reader that ends when its context does.
type cancellable struct {
	ctx context.Context
	io.Reader
}

func (r cancellable) Read(b []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.Reader.Read(b)
}

// maxEntries bounds what is remembered of one archive.
const maxEntries = 1 << 20

// inspectTar reads an archive to its end, and says what is wrong with it.
func inspectTar(ctx context.Context, archive *tar.Reader) error {
	kinds := map[string]byte{".": tar.TypeDir} // of each path, what the archive last says that it is
	for len(kinds) <= maxEntries {
		header, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("it is no whole tar archive, plain or packed by gzip: %w", err)
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case header.Typeflag == tar.TypeXGlobalHeader:
			continue
		}
		name, err := placed(kinds, header.Name)
		if err != nil {
			return err
		}
		switch header.Typeflag {
		case tar.TypeReg, tar.TypeDir, tar.TypeSymlink:
		case tar.TypeLink:
			target, err := placed(kinds, header.Linkname)
			if err != nil {
				return err
			}
			if kinds[target] != tar.TypeReg {
				return fmt.Errorf("%q is a hard link to what is no file before it in the archive", header.Name)
			}
			kinds[name] = tar.TypeReg
			continue
		default:
			return fmt.Errorf("%q is neither file, folder nor link", header.Name)
		}
		if name == "." && header.Typeflag != tar.TypeDir {
			return fmt.Errorf("%q would stand in the place of the volume itself", header.Name)
		}
		kinds[name] = header.Typeflag
	}
	return fmt.Errorf("it has more than %d entries", maxEntries)
}

// placed is an entry's plain path in the volume, where every folder on the way
// is one that the archive has before it.
func placed(kinds map[string]byte, name string) (string, error) {
	if slices.Contains(strings.Split(name, "/"), "..") {
		return "", fmt.Errorf("%q leads upwards", name)
	}
	plain := path.Clean(strings.TrimLeft(name, "/"))
	for folder := path.Dir(plain); folder != "."; folder = path.Dir(folder) {
		if kinds[folder] != tar.TypeDir {
			return "", fmt.Errorf("%q stands in the archive without its folder %q before it", name, folder)
		}
	}
	return plain, nil
}
