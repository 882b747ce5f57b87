//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// served is a server process that clients reach over HTTP.
type served struct {
	t      *testing.T
	dir    string
	cmd    *osexec.Cmd
	url    string // of streamable HTTP
	socket string
	token  string
	ended  chan error

	mu  sync.Mutex
	log []string
}

// serveOn starts the server, with nothing on its standard input, and waits until it serves.
func serveOn(t *testing.T, files map[string]string, args ...string) *served {
	t.Helper()
	s := &served{t: t, dir: t.TempDir()}
	fill(t, s.dir, files)
	s.cmd = osexec.Command("podman-mcp", append([]string{"--transport", "http", "--log-format", "json", "--admin-port", "0"}, args...)...)
	s.cmd.Env = append(os.Environ(), append(fakeEnv(s.dir), "XDG_STATE_HOME="+s.dir)...)
	s.begin()
	return s
}

func (s *served) begin() {
	s.t.Helper()
	out, err := s.cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	ready, read := make(chan bool, 1), make(chan bool)
	s.ended = make(chan error, 1)
	go func() {
		defer close(read)
		for in := bufio.NewScanner(out); in.Scan(); {
			var line struct{ HTTP, Socket, Message string }
			_ = json.Unmarshal(in.Bytes(), &line)
			s.mu.Lock()
			s.log = append(s.log, in.Text())
			if line.Message == "serving MCP" {
				s.url, s.socket = line.HTTP, line.Socket
				ready <- true
			}
			s.mu.Unlock()
		}
	}()
	go func() { <-read; s.ended <- s.cmd.Wait() }()
	select {
	case <-ready:
	case err := <-s.ended:
		s.t.Fatalf("the server ended: %v\n%s", err, s.said())
	case <-time.After(10 * time.Second):
		s.t.Fatalf("the server does not serve:\n%s", s.said())
	}
	if token, err := os.ReadFile(filepath.Join(s.dir, "podman-mcp", "token")); err == nil {
		s.token = strings.TrimSpace(string(token))
	}
}

func (s *served) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.log, "\n")
}

// client connects one.
func (s *served) client() *mcp.ClientSession {
	s.t.Helper()
	session, err := s.connect()
	if err != nil {
		s.t.Fatal(err)
	}
	return session
}

func (s *served) connect() (*mcp.ClientSession, error) {
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if s.socket != "" {
			network, addr = "unix", s.socket
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}}
	client.Transport = bearer{client.Transport, s.token}
	url := s.url
	if s.socket != "" {
		url = "http://podman/mcp"
	}
	return mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(context.Background(),
		&mcp.StreamableClientTransport{Endpoint: url, HTTPClient: client, MaxRetries: -1}, nil)
}

type bearer struct {
	http.RoundTripper
	token string
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.RoundTripper.RoundTrip(r)
}

// end ends the server and returns how long that took.
func (s *served) end(signal os.Signal) time.Duration {
	s.t.Helper()
	told := time.Now()
	_ = s.cmd.Process.Signal(signal)
	select {
	case err := <-s.ended:
		if err != nil {
			s.t.Errorf("the server ended with %v:\n%s", err, s.said())
		}
	case <-time.After(20 * time.Second):
		s.t.Errorf("the server does not end:\n%s", s.said())
	}
	return time.Since(told)
}

// A server on any free port prints it, serves without a standard input, keeps
// its token and tells it to no log.
func TestNetwork(t *testing.T) {
	t.Parallel()
	s := serveOn(t, nil, "--port", "0", "--log-level", "debug")
	if !strings.HasPrefix(s.url, "http://127.0.0.1:") || strings.HasSuffix(s.url, ":0/mcp") {
		t.Errorf("it serves on %q", s.url)
	}
	c := s.client()
	if result, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "podman_ps", Arguments: map[string]any{}}); err != nil || result.IsError {
		t.Errorf("%v, %v", result, err)
	}
	wrong := &served{t: t, url: s.url, token: "x"}
	if _, err := wrong.connect(); err == nil {
		t.Error("another token is taken")
	}
	res, err := http.Get(s.url + "?token=" + s.token)
	if err != nil || res.StatusCode == http.StatusUnauthorized {
		t.Error(res, err)
	}
	_ = c.Close()
	if took := s.end(syscall.SIGTERM); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
	if said := s.said(); strings.Contains(said, s.token) || !strings.Contains(said, `"status":401`) || !strings.Contains(said, "shutting down") {
		t.Errorf("the log is:\n%s", said)
	}
}

// On a terminal the configuration is there to be pasted.
func TestNetworkTerminal(t *testing.T) {
	t.Parallel()
	s := serveOn(t, nil, "--port", "0") // makes the token
	s.end(os.Interrupt)
	dir := s.dir
	cmd := osexec.Command("podman-mcp", "--transport", "websocket", "--port", "0", "--admin-port", "0")
	cmd.Env = append(os.Environ(), append(fakeEnv(dir), "XDG_STATE_HOME="+dir)...)
	screen := startOnTerminal(t, cmd)
	var shown strings.Builder
	buf := make([]byte, 4<<10)
	for !strings.Contains(shown.String(), "Ctrl-C ends it.") {
		n, err := screen.Read(buf)
		if err != nil {
			t.Fatal(shown.String(), err)
		}
		shown.Write(buf[:n])
	}
	for _, want := range []string{
		"claude mcp add --transport http podman http://127.0.0.1:",
		`/mcp --header "Authorization: Bearer ` + s.token + `"`,
		`{"mcpServers": {"podman": {"type": "ws", "url": "ws://127.0.0.1:`,
	} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("no %q in:\n%s", want, shown.String())
		}
	}
	if _, err := screen.Write([]byte{3}); err != nil { // Ctrl-C
		t.Error(err)
	}
	go func() { _, _ = io.Copy(io.Discard, screen) }()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// SIGTERM lets calls end, for ten seconds, then ends them with their processes.
func TestNetworkDrain(t *testing.T) {
	t.Parallel()
	s := serveOn(t, map[string]string{"images.do": "stubborn", "run.do": "family",
		"ps.out": `[{"Id": "0123456789abcdef", "Names": ["made"], "State": "running", "Created": 1700000000}]`}, "--port", "0")
	c := s.client()
	answers := make(chan string, 2)
	for _, params := range []*mcp.CallToolParams{
		{Name: "podman_images", Arguments: map[string]any{}},
		{Name: "podman_run", Arguments: map[string]any{"image": "a", "detach": false}},
	} {
		go func() {
			result, err := c.CallTool(t.Context(), params)
			answers <- fmt.Sprint(err, resultText(result))
		}()
	}
	pids := waiting(t, s.dir, 3)
	go func() {
		time.Sleep(200 * time.Millisecond)
		if _, err := s.connect(); err == nil {
			t.Error("a client is let in while the server ends")
		}
	}()
	if took := s.end(syscall.SIGTERM); took < 9*time.Second || took > 16*time.Second {
		t.Errorf("it took %v", took)
	} else {
		t.Logf("ended in %v", took.Round(time.Millisecond))
	}
	for range 2 {
		if got := <-answers; !strings.Contains(got, "CANCELLED: the server is shutting down") {
			t.Errorf("a call got %s", got)
		}
	}
	for _, pid := range pids {
		for end := time.Now().Add(time.Second); !gone(pid) && time.Now().Before(end); {
			time.Sleep(5 * time.Millisecond)
		}
		if !gone(pid) {
			t.Errorf("process %d is left", pid)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if !slices.ContainsFunc(notes(s.dir, "argv"), func(line string) bool { return strings.HasPrefix(line, "podman rm --force") }) {
		t.Error("the run's container was not removed")
	}
}

func resultText(result *mcp.CallToolResult) string {
	if result == nil || len(result.Content) == 0 {
		return ""
	}
	return result.Content[0].(*mcp.TextContent).Text
}

// A second signal does not wait.
func TestNetworkSecondSignal(t *testing.T) {
	t.Parallel()
	s := serveOn(t, map[string]string{"images.do": "hang"}, "--port", "0")
	c := s.client()
	go func() { _, _ = c.CallTool(t.Context(), &mcp.CallToolParams{Name: "podman_images"}) }()
	pids := waiting(t, s.dir, 1)
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	for end := time.Now().Add(5 * time.Second); !strings.Contains(s.said(), "shutting down") && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	told := time.Now()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	if err := <-s.ended; err == nil {
		t.Error("it ended as if all were well")
	}
	if took := time.Since(told); took > time.Second {
		t.Errorf("it took %v", took)
	}
	_ = syscall.Kill(pids[0], syscall.SIGKILL)
}

// A socket needs no port, no Host and here no token.
func TestNetworkUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mcp.sock")
	s := serveOn(t, nil, "--listen", "unix:"+path, "--no-auth")
	if s.socket != path {
		t.Errorf("it serves on %q", s.socket)
	}
	c := s.client()
	if result, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "podman_ps"}); err != nil || result.IsError {
		t.Errorf("%v, %v", result, err)
	}
	_ = c.Close()
	s.end(syscall.SIGTERM)
	if exists(path) || exists(filepath.Join(s.dir, "podman-mcp")) {
		t.Error("the socket is left, or a token was made")
	}
}

// systemd hands over its socket, and hears when the server is ready and when it ends.
func TestSystemd(t *testing.T) {
	t.Parallel()
	s := &served{t: t, dir: t.TempDir()}
	fill(t, s.dir, nil)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := ln.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	notify, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(s.dir, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer notify.Close()
	s.cmd = osexec.Command("sh", "-c", "LISTEN_PID=$$ exec podman-mcp --transport http --log-format json")
	s.cmd.ExtraFiles = []*os.File{file}
	s.cmd.Env = append(os.Environ(), append(fakeEnv(s.dir), "XDG_STATE_HOME="+s.dir, "LISTEN_FDS=1", "LISTEN_FDNAMES=mcp",
		"NOTIFY_SOCKET="+filepath.Join(s.dir, "notify"))...)
	s.begin()
	heard := func(want string) {
		t.Helper()
		_ = notify.SetDeadline(time.Now().Add(5 * time.Second))
		state := make([]byte, 100)
		n, err := notify.Read(state)
		if got := string(state[:n]); got != want {
			t.Errorf("systemd heard %q, %v; want %q", got, err, want)
		}
	}
	heard("READY=1")
	if want := "http://" + ln.Addr().String() + "/mcp"; s.url != want {
		t.Errorf("it serves on %s, not %s", s.url, want)
	}
	c := s.client()
	_ = c.Close()
	s.end(syscall.SIGTERM)
	heard("STOPPING=1")
}

// The units are what systemd takes.
func TestUnits(t *testing.T) {
	t.Parallel()
	tool, err := osexec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze here")
	}
	dir := t.TempDir()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var units []string
	for _, name := range []string{"podman-mcp.service", "podman-mcp.socket"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "scripts", "systemd", name))
		if err != nil {
			t.Fatal(err)
		}
		unit := filepath.Join(dir, name)
		units = append(units, unit)
		text = []byte(strings.ReplaceAll(string(text), "%h/.local/bin/podman-mcp", program))
		if err := os.WriteFile(unit, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := osexec.Command(tool, append([]string{"verify", "--user"}, units...)...)
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	// What the unit runs is a command line of ours.
	text, _ := os.ReadFile(units[0])
	_, line, _ := strings.Cut(string(text), "ExecStart="+program+" ")
	line, _, _ = strings.Cut(line, "\n")
	if out, err := osexec.Command("podman-mcp", append(strings.Fields(line), "--help")...).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
