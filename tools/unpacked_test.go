package tools

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// entries makes an archive; "name -> target" is a symbolic link, "name => target"
// a hard one, "name/" a folder, "name|" a pipe, anything else a file with its own name in it.
func entries(t *testing.T, names ...string) *tar.Reader {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range names {
		h := &tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o4755, Size: int64(len(name))}
		switch {
		case strings.Contains(name, " -> "):
			h.Name, h.Linkname, _ = strings.Cut(name, " -> ")
			h.Typeflag, h.Size = tar.TypeSymlink, 0
		case strings.Contains(name, " => "):
			h.Name, h.Linkname, _ = strings.Cut(name, " => ")
			h.Typeflag, h.Size = tar.TypeLink, 0
		case strings.HasSuffix(name, "/"):
			h.Typeflag, h.Size, h.Mode = tar.TypeDir, 0, 0o555
		case strings.HasSuffix(name, "|"):
			h.Typeflag, h.Size = tar.TypeFifo, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write([]byte(name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return tar.NewReader(&b)
}

// TestUnpacked: whatever a container puts into an archive, nothing is written
// outside of the target, and nothing in the target leads out of it.
func TestUnpacked(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a right there that users do not have")
	}
	for name, test := range map[string]struct {
		archive []string
		all     bool
		want    []string // paths in the target
		skipped int
		fails   bool
	}{
		"a file":               {archive: []string{"a"}, want: []string{"."}},
		"a folder":             {archive: []string{"d/", "d/e/", "d/e/a", "d/b"}, want: []string{"b", "e/a"}},
		"the root folder":      {archive: []string{"etc/", "etc/a", "b"}, all: true, want: []string{"b", "etc/a"}},
		"links inside":         {archive: []string{"d/", "d/a", "d/l -> a", "d/none -> missing", "d/h => d/a"}, want: []string{"a", "h", "l", "none"}},
		"a pipe":               {archive: []string{"d/", "d/p|"}, want: nil, skipped: 1},
		"only a pipe":          {archive: []string{"p|"}, fails: true},
		"nothing":              {fails: true},
		"an absolute link":     {archive: []string{"d/", "d/l -> /etc/passwd"}, skipped: 1},
		"a link out":           {archive: []string{"d/", "d/l -> ../../out"}, skipped: 1},
		"a link out by one":    {archive: []string{"d/", "d/l -> ../out"}, skipped: 1},
		"a link out by a link": {archive: []string{"d/", "d/e/", "d/y -> .", "d/e/x -> ../y/../out"}, want: []string{"y"}, skipped: 1},
		"a hard link to one":   {archive: []string{"d/", "d/e/", "d/e/l -> ../y", "d/h => d/e/l"}, want: []string{"e/l"}, skipped: 1},
		"through a link":       {archive: []string{"d/", "d/l -> ../..", "d/l/out"}, want: []string{"l/out"}, skipped: 1, fails: true},
		"dots":                 {archive: []string{"d/", "d/../../out"}, fails: true},
		"an absolute name":     {archive: []string{"/out"}, fails: true},
		"twice":                {archive: []string{"d/", "d/a", "d/a"}, fails: true},
		"a hard link out":      {archive: []string{"d/", "d/h => ../../out"}, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			work := filepath.Join(t.TempDir(), "work")
			if err := os.Mkdir(work, 0o700); err != nil {
				t.Fatal(err)
			}
			folder, err := os.OpenRoot(work)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = folder.Close() }()
			u, err := newUnpacked(folder, test.all)
			if err != nil {
				t.Fatal(err)
			}
			if err = u.unpack(entries(t, test.archive...)); err == nil {
				err = u.place("target")
			}
			u.remove()
			if (err != nil) != test.fails {
				t.Fatalf("error %v", err)
			}
			var got []string
			target := filepath.Join(work, "target")
			for _, path := range walk(t, filepath.Dir(work)) {
				rest, err := filepath.Rel(target, path)
				if err != nil || rest == ".." || strings.HasPrefix(rest, "../") {
					t.Errorf("%s was written", path)
				}
				if about, err := os.Stat(path); err == nil && about.Mode()&os.ModeSetuid != 0 {
					t.Errorf("%s is set-user-id", path)
				}
				got = append(got, rest)
			}
			if !test.fails && (!slices.Equal(got, test.want) || u.skipped != test.skipped) {
				t.Errorf("got %q, %d skipped; want %q, %d", got, u.skipped, test.want, test.skipped)
			}
			if test.fails && len(got) > 0 {
				t.Errorf("left %q", got)
			}
		})
	}
}

// walk lists what is no folder under root, in order.
func walk(t *testing.T, root string) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// What came up meanwhile at the target's place stays as it is.
func TestUnpackedOverwritesNothing(t *testing.T) {
	for _, archive := range [][]string{{"a"}, {"d/", "d/a"}} {
		work := t.TempDir()
		folder, err := os.OpenRoot(work)
		if err != nil {
			t.Fatal(err)
		}
		u, err := newUnpacked(folder, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := u.unpack(entries(t, archive...)); err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(work, "target")
		if err := os.WriteFile(target, []byte("a person's"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := u.place("target"); err == nil {
			t.Errorf("%q: no error", archive)
		}
		u.remove()
		if text, err := os.ReadFile(target); err != nil || string(text) != "a person's" || len(walk(t, work)) != 1 {
			t.Errorf("%q: %q, %v, %q", archive, text, err, walk(t, work))
		}
		_ = folder.Close()
	}
}

func TestWholeLines(t *testing.T) {
	for text, want := range map[string]string{"a\nb\nc": "a\nb\n", "abc": "abc", "ab\xe2\x98": "ab", "a\n\xe2\x98": "a\n", "": ""} {
		if got := wholeLines([]byte(text)); string(got) != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzUnpacked: no archive at all writes outside of the target.
func FuzzUnpacked(f *testing.F) {
	for _, seed := range []string{"d/l -> ../..", "d/h => ../../out", "d/../../out", "/out", "d/"} {
		f.Add("d/", seed, "d/l/out")
	}
	f.Fuzz(func(t *testing.T, first, second, third string) {
		if strings.ContainsRune(first+second+third, 0) {
			t.Skip("the format has no such names")
		}
		top := t.TempDir()
		work := filepath.Join(top, "work")
		if err := os.Mkdir(work, 0o700); err != nil {
			t.Fatal(err)
		}
		folder, err := os.OpenRoot(work)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = folder.Close() }()
		u, err := newUnpacked(folder, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := u.unpack(entries(t, first, second, third)); err == nil {
			_ = u.place("target") // fails where there is nothing to place
		}
		u.remove()
		for _, path := range walk(t, top) {
			rest, err := filepath.Rel(filepath.Join(work, "target"), path)
			if err != nil || rest == ".." || strings.HasPrefix(rest, "../") {
				t.Errorf("%s was written", path)
			}
		}
	})
}
