package serve

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// StateFile is the path of a file of the server's own, which outlives it:
// ${XDG_STATE_HOME:-~/.local/state}/podman-mcp/NAME.
func StateFile(name string) (string, error) {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("where to keep the token: %w; name a file with --token-file", err)
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "podman-mcp", name), nil
}

// ReadToken reads the token that a file holds.
func ReadToken(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	defer f.Close()
	info, err := f.Stat() // of what was opened, whatever takes its name meanwhile
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	if open := info.Mode().Perm() & 0o077; open != 0 && runtime.GOOS != "windows" {
		return "", fmt.Errorf("others can read the token in %s (mode %04o); make it yours alone: chmod 600 %s", path, info.Mode().Perm(), quote(path))
	}
	text, err := io.ReadAll(io.LimitReader(f, 4<<10))
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if !regexp.MustCompile(`^[A-Za-z0-9._~+/=-]{16,512}$`).MatchString(token) {
		return "", fmt.Errorf("%s holds no token: that is 16 to 512 letters, digits and any of . _ ~ + / = -; openssl rand -hex 32 makes one", path)
	}
	return token, nil
}

// KeepToken reads the token at path, and makes one first where there is none.
func KeepToken(path string) (token string, made bool, err error) {
	token, err = ReadToken(path)
	if !errors.Is(err, os.ErrNotExist) {
		return token, false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", false, fmt.Errorf("keep the token: %w; name a file with --token-file", err)
	}
	// It appears whole or not at all, and of two servers that start at once both
	// use the first one's.
	f, err := os.CreateTemp(filepath.Dir(path), ".token-*") // mode 0600
	if err != nil {
		return "", false, fmt.Errorf("keep the token: %w; name a file with --token-file", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(rand.Text() + rand.Text() + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return "", false, fmt.Errorf("keep the token: %w", err)
	}
	err = os.Link(f.Name(), path)
	if err != nil && !errors.Is(err, os.ErrExist) {
		return "", false, fmt.Errorf("keep the token: %w", err)
	}
	token, readErr := ReadToken(path)
	return token, err == nil, readErr
}

// quote is a path for a shell.
func quote(path string) string {
	if regexp.MustCompile(`^[A-Za-z0-9_./~+@%,:=-]+$`).MatchString(path) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
