package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
	"unicode"

	"github.com/alecthomas/kong"

	"podman-mcp/exec"
	"podman-mcp/parse"
	"podman-mcp/tools"
)

// What flags take. kong calls Validate after flags, variables and file are
// read. Nothing of these can become a flag of podman's, and whether a socket
// is there is asked when a tool is called: its service may start later.
type (
	program    string
	socketPath string
	serviceURL string
	connection string
	variables  []string
	deadline   time.Duration
)

// plain refuses what could be read as a flag or break a line.
func plain(s string) error {
	switch {
	case strings.HasPrefix(s, "-"):
		return fmt.Errorf("%q begins with a dash", s)
	case strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf("%q holds a control character", s)
	}
	return nil
}

// Validate wants a name or a path.
func (p program) Validate() error {
	if p == "" {
		return errors.New("is empty; give podman's name or path")
	}
	return plain(string(p))
}

// Validate wants an absolute path.
func (p socketPath) Validate() error {
	switch {
	case p == "":
		return nil
	case strings.Contains(string(p), "://"):
		return fmt.Errorf("%q is a URL: give it to --url, or the path alone", string(p))
	case !filepath.IsAbs(string(p)):
		return fmt.Errorf("%q is not an absolute path such as /run/user/1000/podman/podman.sock", string(p))
	}
	return plain(string(p))
}

// Validate wants a URL that podman --url takes.
func (u serviceURL) Validate() error {
	if u == "" {
		return nil
	}
	if err := plain(string(u)); err != nil {
		return err
	}
	at, err := url.Parse(string(u))
	switch {
	case err != nil:
		return fmt.Errorf("%q is no URL: %w", string(u), errors.Unwrap(err))
	case at.Scheme == "unix" && at.Host == "" && strings.HasPrefix(at.Path, "/"):
	case at.Scheme == "tcp" && at.Hostname() != "" && at.Port() != "":
	case at.Scheme == "ssh" && at.Hostname() != "":
	default:
		return fmt.Errorf("%q is none of unix:///PATH, tcp://HOST:PORT and ssh://USER@HOST[:PORT]/PATH", at.Redacted())
	}
	return nil
}

// Validate wants a connection's name.
func (c connection) Validate() error { return plain(string(c)) }

// Validate wants names of variables.
func (v variables) Validate() error {
	for _, name := range v {
		if !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(name) {
			return fmt.Errorf("%q is no name of a variable", name)
		}
	}
	return nil
}

// Decode reads Go's notation. kong itself takes "-5s" after a space for a flag.
func (d *deadline) Decode(ctx *kong.DecodeContext) error {
	token := ctx.Scan.Pop()
	text := token.String()
	if token.IsEOL() || strings.HasPrefix(text, "--") {
		return errors.New("takes a time such as 90s")
	}
	v, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return fmt.Errorf("%q is no time such as 90s, 10m or 1h30m", text)
	case v < 0:
		return fmt.Errorf("%q is negative; give a time such as 90s, or 0 for each tool's own", text)
	}
	*d = deadline(v)
	return nil
}

// remote are podman's own flags for where its service is.
func (g *Globals) remote() []string {
	switch {
	case g.SocketPath != "":
		return []string{"--remote", "--url=" + (&url.URL{Scheme: "unix", Path: string(g.SocketPath)}).String()}
	case g.URL != "":
		return []string{"--remote", "--url=" + string(g.URL)}
	case g.Connection != "":
		return []string{"--remote", "--connection=" + string(g.Connection)}
	}
	return nil
}

// client tells whether podman is a client of a service without any flag of ours:
// it always is but on Linux, where it becomes one by its own variables.
func client() bool {
	return runtime.GOOS != "linux" || os.Getenv("CONTAINER_HOST") != "" || os.Getenv("CONTAINER_CONNECTION") != ""
}

// kept keeps the answers of a server.
func (g *Globals) kept(host *tools.Host) *tools.Kept {
	if g.NoCache {
		return nil
	}
	return tools.NewKept(host.Runner)
}

// host is the podman that the flags describe.
func (g *Globals) host(s *streams) *tools.Host {
	log := g.log(s)
	podman := string(g.Podman)
	if filepath.Base(podman) != podman {
		if abs, err := filepath.Abs(podman); err == nil {
			podman = abs // compose runs it in other folders
		}
	}
	globals := g.remote()
	runner := &exec.Runner{Podman: podman, Globals: globals, Pass: g.EnvPass, Remote: len(globals) > 0 || client(), Log: log, Mask: parse.MaskArgs}
	return &tools.Host{Runner: runner, Compose: g.ComposeProvider, Roots: g.Agents.AllowRoot.roots(), Policy: g.Agents.policy(), Images: g.Agents.images(),
		Scope: g.Watch.scope(), Confirm: g.Agents.Confirm == "destructive", Timeout: time.Duration(g.Timeout), Log: log}
}
