package compose

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// private is a folder that only this user reads, and that goes with the call:
// the provider's file, and what that names.
type private struct {
	dir   string
	files int
}

// privatePrefix begins its name, which ends in a number.
const privatePrefix = "podman-mcp-compose-"

// forgotten is the age of a folder whose server was killed: no call takes so long.
const forgotten = 24 * time.Hour

// private makes the folder. One name for a file where it is free, because newer
// podman-composes make containers anew where their file has changed, and it
// holds paths into the folder.
func (m *model) private() (*private, error) {
	at, err := filepath.EvalSymlinks(exec.Temporary())
	if err != nil {
		return nil, unreadable("file", exec.Temporary(), err)
	}
	sweepPrivate(at)
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(m.file + "\x00" + m.name)) // never fails
	dir := filepath.Join(at, privatePrefix+strconv.FormatUint(hash.Sum64(), 10))
	if err = os.Mkdir(dir, 0o700); errors.Is(err, fs.ErrExist) {
		dir, err = os.MkdirTemp(at, privatePrefix)
	}
	f := &private{dir: dir}
	if err == nil {
		err = os.Mkdir(f.file(""), 0o700)
	}
	if err != nil {
		return nil, &parse.Failure{Code: parse.PermissionDenied, Message: "a private folder for the compose provider could not be made: " + parse.Clean(err.Error()), Err: err,
			Hint: "Nothing was started. The server's user must be able to write to " + at + "."}
	}
	return f, nil
}

// sweepPrivate removes folders that were left.
func sweepPrivate(at string) {
	list, _ := filepath.Glob(filepath.Join(at, privatePrefix+"*")) // the pattern is well formed
	for _, dir := range list {
		if about, err := os.Lstat(dir); err == nil && about.IsDir() && time.Since(about.ModTime()) > forgotten {
			_ = os.RemoveAll(dir) // another user's stays
		}
	}
}

func (f *private) remove() { _ = os.RemoveAll(f.dir) }

// file is a path where the provider's file stands, and nothing else does.
func (f *private) file(name string) string { return filepath.Join(f.dir, "compose", name) }

// keep writes a file beside that and returns its path.
func (f *private) keep(content []byte) (string, error) {
	f.files++
	path := filepath.Join(f.dir, strconv.Itoa(f.files)+".env")
	return path, os.WriteFile(path, content, 0o600)
}

// podman is a podman for podman-compose that puts the user's folder for the
// private one into the label that tells where a container's file lies: whoever
// looks there for the file finds it, and podman-compose offers no other way. It
// is "" where a script cannot run; the label then names the private folder.
func (f *private) podman(program, dir string) (string, error) {
	if runtime.GOOS == "windows" {
		return "", nil
	}
	if program == "" {
		program = "podman"
	}
	const label = projectLabel + ".working_dir="
	script := fmt.Sprintf("#!/bin/sh\nfor word do\n\tshift\n\t[ \"$word\" != %s ] || word=%s\n\tset -- \"$@\" \"$word\"\ndone\nexec %s \"$@\"\n",
		shellWord(label+filepath.Dir(f.file("x"))), shellWord(label+dir), shellWord(program))
	path := filepath.Join(f.dir, "podman")
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		return "", err
	}
	if !exec.CanRun(path) {
		return "", nil
	}
	return path, nil
}

// contents are the variables that secrets and configs take their content from, for
// docker-compose, which would read the project's .env again.
func (m *model) contents() []byte {
	names := map[string]bool{}
	for _, s := range m.whole.Secrets {
		names[s.Environment] = true
	}
	for _, c := range m.whole.Configs {
		names[c.Environment] = true
	}
	var text strings.Builder
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "\n", `\n`)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if value, ok := m.vars[name]; ok {
			fmt.Fprintf(&text, "%s=\"%s\"\n", name, quoted.Replace(value))
		}
	}
	return []byte(text.String())
}

// original is the path of the user's file that a private one was made of, or
// file itself. dir is the project's.
func original(file, dir string) string {
	if strings.HasPrefix(filepath.Base(filepath.Dir(filepath.Dir(file))), privatePrefix) {
		return filepath.Join(dir, filepath.Base(file))
	}
	return file
}
