package tools

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"podman-mcp/parse"
)

// entry is one of an archive: a folder where name ends with a slash, a link
// where to is set (a hard one where it begins with "="), else a file.
type entry struct{ name, to string }

func archiveOf(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o644, Size: 4, Typeflag: tar.TypeReg}
		switch hard, isHard := strings.CutPrefix(e.to, "="); {
		case e.to == "device":
			h.Typeflag, h.Size = tar.TypeChar, 0
		case isHard:
			h.Typeflag, h.Linkname, h.Size = tar.TypeLink, hard, 0
		case e.to != "":
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, e.to, 0
		case strings.HasSuffix(e.name, "/"):
			h.Typeflag, h.Size = tar.TypeDir, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write([]byte("text")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func packed(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestInsideTar: an archive may not reach out of the volume, neither by its own
// words nor by a link that lies in the volume.
func TestInsideTar(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp) // Windows
	whole := archiveOf(t, entry{"./", ""}, entry{"./a/", ""}, entry{"./a/f", ""}, entry{"./a/g", "=./a/f"}, entry{"link", "/etc"}, entry{"f", ""})
	for _, test := range []struct {
		name, says string // says is "" where the archive passes
		data       []byte
	}{
		{"of a folder", "", whole},
		{"packed", "", packed(t, whole)},
		{"of an empty volume", "", archiveOf(t)},
		{"with a link in the place of a file", "", archiveOf(t, entry{"f", ""}, entry{"f", "/etc"})},
		{"through its own link", `without its folder "x"`, archiveOf(t, entry{"x", "/etc"}, entry{"x/passwd", ""})},
		{"through its own link, packed", `without its folder "x"`, packed(t, archiveOf(t, entry{"x", "/etc"}, entry{"x/passwd", ""}))},
		{"through a folder that became a link", `without its folder "x"`, archiveOf(t, entry{"x/", ""}, entry{"x", "/etc"}, entry{"x/passwd", ""})},
		{"through a link deeper in", `without its folder "a/x"`, archiveOf(t, entry{"a/", ""}, entry{"a/x", "/etc"}, entry{"a/x/b/", ""})},
		{"through a link in the volume", `without its folder "x"`, archiveOf(t, entry{"x/passwd", ""})},
		{"with its folder too late", `without its folder "x"`, archiveOf(t, entry{"x/f", ""}, entry{"x/", ""})},
		{"upwards", "leads upwards", archiveOf(t, entry{"../f", ""})},
		{"upwards in the middle", "leads upwards", archiveOf(t, entry{"a/", ""}, entry{"a/../../f", ""})},
		{"with a hard link through its own link", `without its folder "s"`, archiveOf(t, entry{"s", "/etc"}, entry{"h", "=s/shadow"})},
		{"with a hard link to a link", "hard link", archiveOf(t, entry{"s", "/etc/shadow"}, entry{"h", "=s"})},
		{"with a hard link to the volume's own", "hard link", archiveOf(t, entry{"h", "=f"})},
		{"with a device", "neither file", archiveOf(t, entry{"null", "device"})},
		{"of a link for the volume itself", "the volume itself", archiveOf(t, entry{".", "/etc"})},
		{"cut off", "no whole tar archive", whole[:len(whole)-1800]},
		{"cut off, packed", "unexpected EOF", packed(t, whole)[:60]},
		{"that is none", "no whole tar archive", []byte(strings.Repeat("text ", 300))},
		{"of no bytes", "empty", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "a.tar")
			if err := os.WriteFile(file, test.data, 0o600); err != nil {
				t.Fatal(err)
			}
			copied, err := insideTar(t.Context(), file, importLimit())
			if test.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				got, err := os.ReadFile(copied)
				if err != nil || !bytes.HasPrefix(test.data, []byte{0x1f}) && !bytes.Equal(got, test.data) || bytes.HasPrefix(got, []byte{0x1f}) {
					t.Errorf("the copy has %d bytes, %v", len(got), err)
				}
				if err := os.Remove(copied); err != nil {
					t.Error(err)
				}
			} else {
				var f *parse.Failure
				if !errors.As(err, &f) || f.Code != parse.InvalidParams || !strings.Contains(f.Message, test.says) || f.Hint == "" {
					t.Errorf("got %v, want %s about %q", err, parse.InvalidParams, test.says)
				}
			}
			if left, err := filepath.Glob(filepath.Join(temp, "*import*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %q, %v", left, err)
			}
		})
	}
	t.Run("of a folder's name", func(t *testing.T) {
		if copied, err := insideTar(t.Context(), t.TempDir(), importLimit()); err == nil {
			t.Errorf("a folder was copied to %s", copied)
		}
	})
	t.Run("too large", func(t *testing.T) {
		bomb := packed(t, append(slices.Clone(whole), make([]byte, 8<<20)...)) // zeros, as at every archive's end
		file := filepath.Join(t.TempDir(), "a.tar.gz")
		if err := os.WriteFile(file, bomb, 0o600); err != nil {
			t.Fatal(err)
		}
		size := int64(len(whole) + 8<<20)
		copied, err := insideTar(t.Context(), file, size)
		if about, statErr := os.Stat(copied); err != nil || statErr != nil || about.Size() != size || filepath.Dir(copied) != temp {
			t.Errorf("of %d bytes: %s, %v, %v", size, copied, err, statErr)
		}
		if err := os.Remove(copied); err != nil {
			t.Error(err)
		}
		var f *parse.Failure
		if _, err := insideTar(t.Context(), file, size-1); !errors.As(err, &f) || f.Code != parse.InvalidParams || !strings.Contains(f.Message, "TMPDIR") {
			t.Errorf("%d packed bytes are unpacked beyond the limit: %v", len(bomb), err)
		}
		if left, err := filepath.Glob(filepath.Join(temp, "*import*")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %q, %v", left, err)
		}
	})
	t.Run("when cancelled", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "a.tar")
		if err := os.WriteFile(file, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := insideTar(ctx, file, importLimit()); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// TestNewFile: the file is there whole or not at all, and no other is touched.
func TestNewFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "v.tar")
	names := func() string {
		list, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range list {
			list[i] = filepath.Base(name)
		}
		return strings.Join(list, " ")
	}
	writes := func(text string, err error) func(string) error {
		return func(part string) error { return errors.Join(os.WriteFile(part, []byte(text), 0o644), err) }
	}
	broke := errors.New("broke off")
	if _, err := newFile(path, writes("half", broke)); !errors.Is(err, broke) || names() != "" {
		t.Errorf("got %v and left %q", err, names())
	}
	size, err := newFile(path, writes("whole", nil))
	if text, _ := os.ReadFile(path); err != nil || size != 5 || string(text) != "whole" || names() != "v.tar" {
		t.Errorf("wrote %q, %d bytes, %v, beside %q", text, size, err, names())
	}
	if about, err := os.Stat(path); err != nil || about.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("others can read it: %v, %v", about.Mode(), err)
	}
	if _, err := newFile(path, writes("other", nil)); err == nil {
		t.Error("a file was overwritten")
	}
	// The neighbour knows where podman writes only when it is too late for a link.
	mine := filepath.Join(dir, "mine")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(mine, filepath.Join(dir, "w.tar.part")); err != nil {
		t.Skipf("no links here: %v", err)
	}
	size, err = newFile(filepath.Join(dir, "w.tar"), func(part string) error {
		if about, err := os.Stat(filepath.Dir(part)); err != nil || about.Mode().Perm() != 0o700 && os.PathSeparator == '/' || filepath.Dir(part) == dir {
			t.Errorf("podman writes to %s, %v, %v", part, about.Mode(), err)
		}
		return os.WriteFile(part, []byte("whole"), 0o644)
	})
	if text, _ := os.ReadFile(mine); err != nil || size != 5 || string(text) != "mine" {
		t.Errorf("got %d bytes, %v; the neighbour's file says %q", size, err, text)
	}
	// What takes the name while podman writes stays.
	late := filepath.Join(dir, "late.tar")
	_, err = newFile(late, func(part string) error {
		return errors.Join(os.WriteFile(part, []byte("whole"), 0o600), os.WriteFile(late, []byte("theirs"), 0o600))
	})
	if text, _ := os.ReadFile(late); err == nil || string(text) != "theirs" {
		t.Errorf("got %v, and the file says %q", err, text)
	}
	// A link is no new file, wherever it leads.
	if _, err := newFile(filepath.Join(dir, "link.tar"), func(part string) error { return os.Symlink(mine, part) }); err == nil {
		t.Error("a link was taken for the new file")
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".podman-mcp-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}
