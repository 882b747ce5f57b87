//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// session is a server process and the client's end of it.
type session struct {
	t     *testing.T
	dir   string
	cmd   *osexec.Cmd
	in    io.WriteCloser
	lines chan string
}

const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
`

// start runs the server with a stand-in for podman whose files are given by name.
func start(t *testing.T, files map[string]string) *session {
	t.Helper()
	s := startSilent(t, files)
	s.send(hello)
	s.read(`"id":1,`)
	return s
}

// startSilent is start for a client that has said nothing yet.
func startSilent(t *testing.T, files map[string]string) *session {
	t.Helper()
	s := &session{t: t, dir: t.TempDir(), lines: make(chan string, 100)}
	fill(t, s.dir, files)
	s.cmd = osexec.Command("podman-mcp")
	s.cmd.Env = append(os.Environ(), fakeEnv(s.dir)...)
	s.cmd.Stderr = os.Stderr
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	go func() {
		defer close(s.lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			s.lines <- in.Text()
		}
	}()
	return s
}

func fill(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "podman"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, "podman", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *session) send(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.in, text); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) call(id int, tool, arguments string) {
	s.t.Helper()
	s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q,"arguments":%s,"_meta":{"progressToken":%d}}}`+"\n", id, tool, arguments, id))
}

// read skips lines until one holds part.
func (s *session) read(part string) string {
	s.t.Helper()
	late := time.After(10 * time.Second)
	for {
		select {
		case line, ok := <-s.lines:
			if !ok {
				s.t.Fatalf("the output ended before %s", part)
			}
			if strings.Contains(line, part) {
				return line
			}
		case <-late:
			s.t.Fatalf("no %s came", part)
		}
	}
}

// waiting waits until n of the stand-in's processes do.
func waiting(t *testing.T, dir string, n int) []int {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if lines := notes(dir, "pids"); len(lines) >= n {
			var pids []int
			for _, line := range lines {
				pid, _ := strconv.Atoi(line)
				pids = append(pids, pid)
			}
			return pids
		}
	}
	t.Fatalf("%d processes were to wait: %v", n, notes(dir, "pids"))
	return nil
}

// gone tells whether a process has ended, though nobody may have asked how.
func gone(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return os.IsNotExist(err) && exists("/proc/self")
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(rest, "Z")
}

var endings = map[string]func(*session){
	"input":   func(s *session) { _ = s.in.Close() },
	"SIGTERM": func(s *session) { _ = s.cmd.Process.Signal(syscall.SIGTERM) },
	"SIGINT":  func(s *session) { _ = s.cmd.Process.Signal(os.Interrupt) },
	"SIGHUP":  func(s *session) { _ = s.cmd.Process.Signal(syscall.SIGHUP) },
}

// hangups lets the servers of a test hear SIGHUP, also where the tests run under nohup: a program that is started
// with it ignored keeps it so, and ours does, but what a parent listens to is as usual in its children.
func hangups(t *testing.T) {
	t.Helper()
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(heard) })
}

// However the server is told to end, it does within five seconds, and so does
// every process that it started, also those that do not listen.
func TestEnd(t *testing.T) {
	hangups(t)
	const container = `[{"Id": "0123456789abcdef", "Names": ["made"], "State": "running", "Created": 1700000000}]`
	for _, test := range []struct {
		name  string
		files map[string]string
		tool  string
		args  string
		count int // of processes that wait
	}{
		{"a follow", map[string]string{"logs.do": "lines"}, "podman_logs", `{"container":"web","follow":true}`, 1},
		{"a stubborn follow", map[string]string{"logs.do": "stubborn"}, "podman_logs", `{"container":"web","follow":true}`, 1},
		{"a run", map[string]string{"run.do": "hang", "ps.out": container}, "podman_run", `{"image":"a","detach":false}`, 1},
		{"a run with a stubborn child", map[string]string{"run.do": "family", "ps.out": container}, "podman_run", `{"image":"a","detach":false}`, 2},
		{"a pull", map[string]string{"image-inspect.exit": "125", "image-inspect.err": "Error: a: image not known", "pull.do": "family"}, "podman_pull", `{"image":"localhost/a"}`, 2},
		{"a list", map[string]string{"images.do": "stubborn"}, "podman_images", `{}`, 1},
	} {
		for how, end := range endings {
			if test.name != "a run" && (how == "SIGHUP" || how == "SIGINT") {
				continue // the same way as SIGTERM
			}
			t.Run(test.name+", "+how, func(t *testing.T) {
				t.Parallel()
				s := start(t, test.files)
				s.call(2, test.tool, test.args)
				pids := waiting(t, s.dir, test.count)
				told := time.Now()
				end(s)
				defer time.AfterFunc(time.Minute, func() { _ = s.cmd.Process.Kill() }).Stop()
				for range s.lines {
				}
				err := s.cmd.Wait()
				if took := time.Since(told); took > 5*time.Second {
					t.Errorf("it took %v", took)
				} else {
					t.Logf("ended in %v", took.Round(time.Millisecond))
				}
				if err != nil {
					t.Errorf("the server ended with %v", err)
				}
				for _, pid := range pids {
					// One that was killed takes a moment to be gone.
					for !gone(pid) && time.Since(told) < 5*time.Second {
						time.Sleep(5 * time.Millisecond)
					}
					if !gone(pid) {
						t.Errorf("process %d is left", pid)
						_ = syscall.Kill(pid, syscall.SIGKILL)
					}
				}
				removed := slices.ContainsFunc(notes(s.dir, "argv"), func(line string) bool {
					return strings.HasPrefix(line, "podman rm --force") && strings.HasSuffix(line, " -- 0123456789abcdef")
				})
				if want := test.tool == "podman_run"; removed != want {
					t.Errorf("the run's container was removed: %v, want %v", removed, want)
				}
			})
		}
	}
}

// A server with nothing to do ends at once.
func TestEndIdle(t *testing.T) {
	hangups(t)
	for how, end := range endings {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := start(t, nil)
			told := time.Now()
			end(s)
			if err := s.cmd.Wait(); err != nil {
				t.Error(err)
			}
			if took := time.Since(told); took > time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// A subscription of the modern era is a call that lasts: no answer to it is
// waited for at the end.
func TestEndSubscribed(t *testing.T) {
	t.Parallel()
	s := startSilent(t, map[string]string{"events.do": "hang"})
	s.send(`{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":["podman://containers"]},` +
		`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}` + "\n")
	s.read("notifications/subscriptions/acknowledged")
	pids := waiting(t, s.dir, 1)
	told := time.Now()
	_ = s.in.Close()
	if err := s.cmd.Wait(); err != nil {
		t.Error(err)
	}
	if took := time.Since(told); took > 900*time.Millisecond {
		t.Errorf("it took %v", took)
	}
	if !gone(pids[0]) {
		t.Error("podman events is left")
	}
}

// What was asked before the input's end is answered within a second. The test is
// alone in this: those beside it would take of that second.
func TestAnswerAfterEnd(t *testing.T) {
	s := start(t, nil)
	for i := range 20 {
		s.call(10+i, "podman_ps", `{}`)
	}
	_ = s.in.Close()
	answers := 0
	for line := range s.lines {
		if strings.Contains(line, `"structuredContent":{"containers":[]`) {
			answers++
		}
	}
	if answers != 20 {
		t.Errorf("%d of 20 calls were answered", answers)
	}
}

// A client that reads no more and is gone ends the server and its children.
func TestClientGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fill(t, dir, map[string]string{"logs.do": "lines"})
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := osexec.Command("podman-mcp")
	cmd.Env = append(os.Environ(), fakeEnv(dir)...)
	cmd.Stdout = write
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	if _, err := io.WriteString(in, hello+`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"podman_logs","arguments":{"container":"web","follow":true},"_meta":{"progressToken":1}}}`+"\n"); err != nil {
		t.Fatal(err)
	}
	pids := waiting(t, dir, 1)
	_ = read.Close()
	_ = in.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // how does not matter: nobody can hear of it
	}()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the server is still there")
		_ = cmd.Process.Kill()
	}
	if !gone(pids[0]) {
		t.Error("the follow is still there")
	}
}

// A second Ctrl-C does not wait for anything.
func TestSecondInterrupt(t *testing.T) {
	t.Parallel()
	s := start(t, map[string]string{"images.do": "stubborn"})
	s.call(2, "podman_images", `{}`)
	pids := waiting(t, s.dir, 1)
	told := time.Now()
	_ = s.cmd.Process.Signal(os.Interrupt)
	time.Sleep(100 * time.Millisecond)
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
	if took := time.Since(told); took > time.Second {
		t.Errorf("it took %v", took)
	}
	if syscall.Kill(pids[0], syscall.SIGKILL) == nil && exists("/proc/self") && !gone(pids[0]) {
		t.Logf("process %d had to be killed", pids[0])
	}
}

// call removes the container of a run that is cancelled with Ctrl-C.
func TestCallInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fill(t, dir, map[string]string{"run.do": "hang",
		"ps.out": `[{"Id": "0123456789abcdef", "Names": ["made"], "State": "running", "Created": 1700000000}]`})
	cmd := osexec.Command("podman-mcp", "call", "podman_run", "image=a", "detach=false")
	cmd.Env = append(os.Environ(), fakeEnv(dir)...)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pids := waiting(t, dir, 1)
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(out.String(), "cancelled") {
		t.Errorf("status %d: %s", cmd.ProcessState.ExitCode(), out.String())
	}
	if !gone(pids[0]) {
		t.Error("the run is still there")
	}
	if argv := strings.Join(notes(dir, "argv"), "\n"); !strings.Contains(argv, "podman rm --force") {
		t.Errorf("the container was not removed:\n%s", argv)
	}
}
