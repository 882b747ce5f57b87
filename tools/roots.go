package tools

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"podman-mcp/parse"
)

// Roots are the host's folders that calls may read and write: what is mounted,
// built, copied, saved and loaded. Nil means every folder but the private ones,
// of which a root opens one only where it lies inside it. A home folder is a root
// for what is in it and not hidden; as a whole nothing opens it.
type Roots []string

// DefaultRoots are those of an operator who names none: the server's own folder,
// where it is not private, and the home. They open nothing private.
func DefaultRoots() Roots {
	roots := Roots{}
	if folder, err := os.Getwd(); err == nil {
		if actual, err := filepath.EvalSymlinks(folder); err == nil && forbidden(actual) == "" {
			roots = append(roots, actual)
		}
	}
	home, err := os.UserHomeDir()
	if err == nil && filepath.IsAbs(home) && home != filepath.Dir(home) && !slices.Contains(roots, home) {
		roots = append(roots, filepath.Clean(home))
	}
	return roots
}

// private are places that no agent needs and that give a machine away: its
// settings, its programs, and what podman keeps.
func private() []string {
	return []string{"/etc", "/run", "/var/run", "/proc", "/sys", "/dev", "/boot", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/root",
		"/var/lib/containers", "/var/spool/cron"}
}

// Source returns the plain path, without symbolic links, of a file or folder
// that a call may read. What is not there is judged by where it would come to
// lie: podman-compose makes folders that it is to mount.
func (r Roots) Source(parameter, path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	actual, err := follow(abs, maxLinks)
	if err != nil {
		return "", r.denied(parameter, path, "cannot be looked at: "+parse.Clean(err.Error()))
	}
	if about, err := os.Stat(actual); err == nil && about.Mode()&fs.ModeSocket != 0 {
		return "", r.denied(parameter, path, "is a socket, through which a container could take the machine over")
	}
	// The kernel, and so a compose provider, goes up from where a link leads.
	if written, err := filepath.EvalSymlinks(path); err == nil {
		if written, err = filepath.Abs(written); err == nil {
			err = r.allow(parameter, path, written)
		}
		if err != nil {
			return "", err
		}
	}
	return actual, r.allow(parameter, path, abs, actual)
}

// maxLinks is how many links that lead nowhere are followed.
const maxLinks = 40

// follow is path without symbolic links, also where it, or what a link in it
// names, is not there.
func follow(path string, links int) (string, error) {
	actual, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return actual, err
	}
	if links == 0 {
		return "", errors.New("too many symbolic links")
	}
	if to, err := os.Readlink(path); err == nil { // to what is not there
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		return follow(filepath.Clean(to), links-1)
	}
	folder, err := follow(filepath.Dir(path), links)
	return filepath.Join(folder, filepath.Base(path)), err
}

// Elsewhere is Source for a path of the machine where podman's service runs, of
// which only the words can be judged.
func (r Roots) Elsewhere(parameter, path string) error {
	return r.allow(parameter, path, filepath.Clean(path))
}

// Target is Source for a file or folder that a call is to write: it must not
// exist, so that nothing of a person's is lost, and its folder must.
func (r Roots) Target(parameter, path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	// Judged before all else, for what is there outside is none of a call's business.
	if _, err := r.Source(parameter, path); err != nil {
		return "", err
	}
	if _, err := os.Lstat(abs); err == nil {
		f := invalid(parameter, "%q exists already, and nothing is overwritten", path)
		f.Hint = "Nothing was run. Name a file that does not exist yet."
		return "", f
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if err != nil {
		return "", invalid(parameter, "the folder of %q does not exist", path)
	}
	actual := filepath.Join(folder, filepath.Base(abs))
	return actual, r.allow(parameter, path, abs, actual)
}

// allow judges a path by its words and by what they lead to.
func (r Roots) allow(parameter, given string, paths ...string) error {
	for _, path := range paths {
		place := forbidden(path)
		opened := func(root string) bool { return within(root, place) && within(path, root) }
		whole := slices.Contains(homes(), place) // what is hidden in a home would come with it
		if place != "" && (whole || !slices.ContainsFunc(r.plain(), opened)) {
			return r.denied(parameter, given, "is private: "+place)
		}
		if r != nil && !slices.ContainsFunc(r.plain(), func(root string) bool { return within(path, root) }) {
			return outside(parameter, given, path, r)
		}
	}
	return nil
}

// plain adds to the roots what they are without symbolic links.
func (r Roots) plain() []string {
	all := slices.Clone(r)
	for _, root := range r {
		if actual, err := filepath.EvalSymlinks(root); err == nil {
			all = append(all, actual)
		}
	}
	return all
}

// forbidden returns the private place that path is, lies in or holds, "" where
// it is free.
func forbidden(path string) string {
	if path == filepath.Dir(path) {
		return path // the root folder
	}
	homes := homes()
	for _, home := range homes {
		if within(home, path) {
			return home // a home itself, or what holds one
		}
		if within(path, home) {
			rest := strings.TrimPrefix(filepath.ToSlash(path), filepath.ToSlash(home)+"/")
			if first, _, _ := strings.Cut(rest, "/"); strings.HasPrefix(first, ".") {
				return filepath.Join(home, first)
			}
		}
	}
	for _, place := range Roots(private()).plain() {
		inHome := slices.ContainsFunc(homes, func(home string) bool { return within(path, home) && within(home, place) })
		if within(place, path) || within(path, place) && !inHome { // root's home is its own, but for what is hidden there
			return place
		}
	}
	return ""
}

// homes are the home folders there are: what is hidden in them is private.
func homes() []string {
	var list Roots
	if home, err := os.UserHomeDir(); err == nil {
		list = append(list, home)
	}
	if me, err := user.Current(); err == nil && me.HomeDir != "" { // whatever HOME says
		list = append(list, me.HomeDir)
	}
	for _, folder := range []string{"/home", "/Users"} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue // there is none on this system
		}
		for _, entry := range entries {
			list = append(list, filepath.Join(folder, entry.Name()))
		}
	}
	return slices.DeleteFunc(list.plain(), func(home string) bool { return home == "/" })
}

// within tells whether path is folder or lies in it. Both are absolute and clean.
func within(path, folder string) bool {
	path, folder = filepath.ToSlash(path), filepath.ToSlash(folder)
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}

func denied(parameter, path, why string) *parse.Failure {
	return &parse.Failure{Code: parse.PolicyDenied, Subject: parameter,
		Message: parameter + ": " + short([]byte(path)) + " " + why,
		Hint:    "Nothing was run. Name another path; the operator allows folders with --allow-root DIR."}
}

// denied says which folders there are, where they are named.
func (r Roots) denied(parameter, path, why string) *parse.Failure {
	f := denied(parameter, path, why)
	if r != nil {
		f.Hint = "Nothing was run. Name a path in the folders that calls may use: " + r.String() + "; the operator allows others with --allow-root DIR."
	}
	return f
}

// outside says which folders there are, and which flag would allow another one.
func outside(parameter, given, path string, roots Roots) *parse.Failure {
	f := denied(parameter, given, "is outside of the folders that calls may use: "+roots.String())
	f.Hint = "Nothing was run. Name a path inside them; the operator allows this one with --allow-root " + parse.Clean(path) + ", or a folder that holds it."
	return f
}

// String lists the folders.
func (r Roots) String() string { return cmp.Or(strings.Join(r, ", "), "none") }
