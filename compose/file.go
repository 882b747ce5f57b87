package compose

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/compose-spec/compose-go/v2/dotenv"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

const maxFile = 1 << 20 // bytes of a compose file or an env file

// defaultNames are searched in a folder, the first one wins.
var defaultNames = []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}

// locate gives the compose file that path names: a file, a folder that holds
// one, or the server's folder where path is empty. Symbolic links are resolved,
// as podman-compose does before it reads relative paths.
func locate(path string) (string, error) {
	if path == "" {
		path = "."
	}
	absolute, err := filepath.Abs(path)
	if err == nil {
		absolute, err = filepath.EvalSymlinks(absolute)
	}
	if err != nil {
		return "", unreadable("file", path, err)
	}
	info, err := os.Stat(absolute)
	switch {
	case err != nil:
		return "", unreadable("file", path, err)
	case info.IsDir():
		for _, name := range defaultNames {
			if found := filepath.Join(absolute, name); isFile(found) {
				return filepath.EvalSymlinks(found)
			}
		}
		return "", invalid("file", "there is no compose file in %s; looked for %s", absolute, strings.Join(defaultNames, ", "))
	case !info.Mode().IsRegular():
		return "", invalid("file", "%s is no regular file", absolute)
	}
	return absolute, nil
}

// read reads a file of at most 1 MiB; parameter is what named it.
func read(parameter, path string) ([]byte, error) {
	if !isFile(path) {
		if _, err := os.Stat(path); err != nil {
			return nil, unreadable(parameter, path, err)
		}
		return nil, invalid(parameter, "%s is no regular file", path)
	}
	// It may have become a pipe since, which nobody ever writes to.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, unreadable(parameter, path, err)
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, invalid(parameter, "%s is no regular file", path)
	}
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, unreadable(parameter, path, err)
	case len(content) > maxFile:
		return nil, invalid(parameter, "%s is larger than 1 MiB", path)
	}
	return content, nil
}

// variables are those with which a file in dir is read: what the provider sees
// of the server's environment (see package exec, which keeps the rest from it),
// and those of envFile, or of .env in dir where allow lets it be read: it may be
// a link to anything.
func variables(r *exec.Runner, dir, envFile string, allow Allow) (map[string]string, error) {
	vars := map[string]string{}
	for _, pair := range os.Environ() {
		if key, value, _ := strings.Cut(pair, "="); seen(key) || slices.Contains(r.Pass, key) {
			vars[key] = value
		}
	}
	path, parameter := filepath.Join(dir, ".env"), ".env"
	if envFile != "" {
		path, parameter = envFile, "env_file"
	} else if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return vars, nil
	} else if err := allow.check(parameter, path); err != nil {
		return nil, err
	}
	content, err := read(parameter, path)
	if err != nil {
		return nil, err
	}
	if _, err := grown(parameter, path, content, vars); err != nil {
		return nil, err
	}
	own, err := dotenv.ParseWithLookup(bytes.NewReader(content), func(key string) (string, bool) {
		value, ok := vars[key]
		return value, ok
	})
	if err != nil {
		return nil, invalid(parameter, "%s: %s", path, withoutContent(withoutQuotes(err)))
	}
	maps.Copy(own, vars) // the environment wins, as in every provider but the oldest
	return own, nil
}

// seen agrees with what package exec passes on to a command that may pull.
func seen(key string) bool {
	windows := runtime.GOOS == "windows"
	if windows {
		key = strings.ToUpper(key)
	}
	switch key {
	case "PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "REGISTRY_AUTH_FILE":
		return true
	case "SYSTEMROOT", "SYSTEMDRIVE", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "TEMP", "TMP", "PATHEXT", "COMSPEC", "WINDIR":
		return windows
	}
	switch strings.ToLower(key) {
	case "http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy":
		return true
	}
	return slices.ContainsFunc([]string{"LC_", "XDG_", "CONTAINER_", "CONTAINERS_"},
		func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

// A reader of env files quotes what it cannot read, and a compose file may name
// any file of the host as one.
var quotedText = parse.Lazily(`(?s)(in variable name|unterminated quoted value|with another \$|is missing a value).*`)

func withoutQuotes(err error) string {
	return quotedText().ReplaceAllString(parse.Clean(err.Error()), "$1")
}

func unreadable(parameter, path string, err error) *parse.Failure {
	f := invalid(parameter, "%s cannot be read: %v", path, err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Message = fmt.Sprintf("%s: there is no %s", parameter, parse.Clean(path))
	case errors.Is(err, fs.ErrPermission):
		f.Code, f.Hint = parse.PermissionDenied, "The server's user must be able to read it."
	}
	f.Err = err
	return f
}

func invalid(parameter, format string, args ...any) *parse.Failure {
	return &parse.Failure{Code: parse.InvalidParams, Subject: parameter,
		Message: parameter + ": " + parse.Mask(parse.Clean(fmt.Sprintf(format, args...))),
		Hint:    "Nothing was started. Correct it and call again."}
}
