package tools

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"podman-mcp/parse"
)

// A home with what people keep there, and a folder beside it.
func homeAndWork(t *testing.T) (home, work string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	home, work = filepath.Join(dir, "home"), filepath.Join(dir, "work")
	for _, folder := range []string{filepath.Join(home, ".ssh"), filepath.Join(home, "site"), work} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home) // Windows
	link := func(to, at string) {
		if err := os.Symlink(to, at); err != nil {
			t.Fatal(err)
		}
	}
	link("/etc", filepath.Join(work, "innocent"))
	link(filepath.Join(home, ".ssh"), filepath.Join(work, "keys"))
	link(filepath.Join(home, "site"), filepath.Join(work, "site"))
	link(filepath.Join(home, ".aws"), filepath.Join(work, "cloud")) // which is not there
	link("cloud", filepath.Join(work, "twice"))
	link("new", filepath.Join(work, "soon"))
	link("loop", filepath.Join(work, "loop"))
	return home, work
}

func TestRootsSource(t *testing.T) {
	home, work := homeAndWork(t)
	socket := filepath.Join(work, "s")
	ln, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for _, c := range []struct {
		name, path, actual string // actual is "" where the path is refused
		roots              Roots
	}{
		{"a folder", work, work, nil},
		{"one in the home", home + "/site", home + "/site", nil},
		{"one that is not there", work + "/new/deep", work + "/new/deep", nil},
		{"a link to a folder", work + "/site", home + "/site", nil},
		{"the root folder", "/", "", nil},
		{"the home itself", home, "", nil},
		{"what holds the home", filepath.Dir(home), "", nil},
		{"a hidden folder of the home", home + "/.ssh", "", nil},
		{"a file in there that is not there", home + "/.ssh/id", "", nil},
		{"a link to it", work + "/keys", "", nil},
		{"dots that lead to it", home + "/site/../.ssh", "", nil},
		{"a link to a private place that is not there", work + "/cloud", "", nil},
		{"a file in it", work + "/cloud/credentials", "", nil},
		{"a link to such a link", work + "/twice", "", nil},
		{"a link to a folder that is not there", work + "/soon/deep", work + "/new/deep", nil},
		{"a link to itself", work + "/loop", "", nil},
		{"what holds podman's storage", "/var/lib", "", nil},
		{"what holds what holds it", "/var", "", nil},
		{"a folder beside it", "/var/lib/misc", "/var/lib/misc", nil},
		{"programs", "/usr/local/bin", "", nil},
		{"other people's hidden folders", "/home/nobody-there/.ssh", "/home/nobody-there/.ssh", nil}, // there is no such home
		{"/etc", "/etc/passwd", "", nil},
		{"a link to /etc", work + "/innocent", "", nil},
		{"through a link to /etc", work + "/innocent/passwd", "", nil},
		{"podman's storage", "/var/lib/containers/storage", "", nil},
		{"a socket", socket, "", nil},
		{"a socket that is a root", socket, "", Roots{work}},
		{"in a root", work + "/new", work + "/new", Roots{work}},
		{"a root itself", work, work, Roots{work}},
		{"beside a root", home + "/site", "", Roots{work}},
		{"a name that begins like a root", work + "2", "", Roots{work}},
		{"out of a root by a link", work + "/site", "", Roots{work}},
		{"in a second root by a link", work + "/site", home + "/site", Roots{work, home + "/site"}},
		{"hidden in the home, which is a root", home + "/.ssh", "", Roots{home}},
		{"a home that is a root", home, "", Roots{home}},
		{"a root that lies in a private place", home + "/.ssh/id", home + "/.ssh/id", Roots{home + "/.ssh"}},
		{"the root folder as a root", "/etc/passwd", "", Roots{"/"}},
		{"a place that the root folder opens", work, work, Roots{"/"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			actual, err := c.roots.Source("volumes[0]", c.path)
			var f *parse.Failure
			switch {
			case c.actual != "" && (err != nil || actual != c.actual):
				t.Errorf("got %q, %v; want %q", actual, err, c.actual)
			case c.actual == "" && (!errors.As(err, &f) || f.Code != parse.PolicyDenied):
				t.Errorf("got %q, %v; want %s", actual, err, parse.PolicyDenied)
			}
		})
	}
}

func TestRootsTarget(t *testing.T) {
	home, work := homeAndWork(t)
	if err := os.WriteFile(work+"/there", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(work+"/nothing", work+"/dangling"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, actual, code string }{
		{"a new file", work + "/new.tar", work + "/new.tar", ""},
		{"a new file by a link", work + "/site/new.tar", home + "/site/new.tar", ""},
		{"a file that is there", work + "/there", "", "INVALID_PARAMS"},
		{"a link that leads nowhere", work + "/dangling", "", "INVALID_PARAMS"},
		{"a folder that is not there", work + "/no/new.tar", "", "INVALID_PARAMS"},
		{"a private place by a link", work + "/keys/new", "", "POLICY_DENIED"},
		{"a new hidden file in the home", home + "/.profile", "", "POLICY_DENIED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			actual, err := Roots(nil).Target("to", c.path)
			var f *parse.Failure
			switch {
			case c.code == "" && (err != nil || actual != c.actual):
				t.Errorf("got %q, %v; want %q", actual, err, c.actual)
			case c.code != "" && (!errors.As(err, &f) || string(f.Code) != c.code):
				t.Errorf("got %q, %v; want %s", actual, err, c.code)
			}
		})
	}
}

// Without a flag calls may use the server's folder and the home, but nothing
// that is private, wherever the server was started.
func TestDefaultRoots(t *testing.T) {
	home, work := homeAndWork(t)
	for _, folder := range []string{filepath.Join(home, ".config/deep"), filepath.Join(work, "shop"), filepath.Join(home, "site")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		folder           string // in which the server was started
		allowed, refused []string
	}{
		{work + "/shop", []string{work + "/shop", work + "/shop/html", home + "/site"}, []string{work, work + "/other", work + "/shop2", "/srv/x"}},
		{home, []string{home + "/site"}, []string{work, "/srv/x"}},
		{home + "/site", []string{home + "/site", home + "/other"}, []string{work}},
		{home + "/.config/deep", []string{home + "/site"}, []string{home + "/.config/deep", home + "/.config/deep/x"}},
		{work + "/keys", []string{home + "/site"}, []string{work + "/keys/id", home + "/.ssh/id"}}, // a link to .ssh
		{"/", []string{home + "/site"}, []string{work, "/srv/x", "/opt"}},
		{"/etc", []string{home + "/site"}, []string{"/etc/x"}},
		{filepath.Dir(home), []string{home + "/site"}, []string{work, filepath.Dir(home) + "/x"}},
	} {
		t.Run(c.folder, func(t *testing.T) {
			t.Chdir(c.folder)
			roots := DefaultRoots()
			for _, path := range c.allowed {
				if _, err := roots.Source("file", path); err != nil {
					t.Errorf("%v: %v", roots, err)
				}
			}
			for _, path := range append(c.refused, "/", home, home+"/.ssh", home+"/.ssh/id", "/etc/passwd", "/var/lib/containers/storage", work+"/innocent", work+"/keys", os.TempDir()) {
				if actual, err := roots.Source("file", path); err == nil {
					t.Errorf("%v: took %s as %s", roots, path, actual)
				}
			}
		})
	}
	t.Run("no home", func(t *testing.T) {
		t.Setenv("HOME", "")
		t.Setenv("USERPROFILE", "")
		t.Chdir("/")
		roots := DefaultRoots()
		if _, err := roots.Source("file", work+"/x"); err == nil || len(roots) > 0 {
			t.Errorf("%v: took %s", roots, work)
		}
	})
	t.Run("the home is the root folder", func(t *testing.T) {
		t.Setenv("HOME", "/")
		t.Chdir(work + "/shop")
		if _, err := DefaultRoots().Source("file", work+"/x"); err == nil {
			t.Errorf("took %s", work)
		}
	})
	// The refusal names the path, the folders and the flag.
	t.Chdir(work + "/shop")
	_, err := DefaultRoots().Source("file", "../other/x")
	for _, word := range []string{"../other/x", "may use: " + work + "/shop, " + home + ".", "--allow-root " + work + "/other/x,"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not say %s", err, word)
		}
	}
}
