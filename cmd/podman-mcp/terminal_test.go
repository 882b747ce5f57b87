//go:build unix

package main

import (
	"os"
	osexec "os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// startOnTerminal starts a program as a person does, and returns the screen.
func startOnTerminal(t *testing.T, cmd *osexec.Cmd) *os.File {
	t.Helper()
	screen, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() { late.Stop(); _ = screen.Close() })
	return screen
}

// onTerminal runs a call as a person does and returns what the screen showed.
func onTerminal(t *testing.T, files map[string]string, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	fill(t, dir, files)
	cmd := osexec.Command("podman-mcp", args...)
	cmd.Env = append(os.Environ(), fakeEnv(dir)...)
	screen, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	late := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	var shown strings.Builder
	buf := make([]byte, 4<<10)
	for {
		n, err := screen.Read(buf)
		shown.Write(buf[:n])
		if err != nil {
			break // EIO: the program has ended
		}
	}
	_ = cmd.Wait()
	return strings.ReplaceAll(shown.String(), "\r\n", "\n")
}

func TestTerminal(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		args  []string
		want  string
	}{
		{"a record is indented", nil, []string{"call", "podman_ps"},
			"{\n  \"containers\": [],\n  \"total\": 0,\n  \"truncated\": false\n}\n"},
		{"lines are shown once", map[string]string{"logs.out": "one\ntwo\n"}, []string{"call", "podman_logs", "container=web", "follow=true"},
			"one\ntwo\n{\n  \"container\": \"web\",\n  \"lines\": 2,\n  \"total\": 2,\n  \"truncated\": false\n}\n"},
		{"a run tells how it ended", map[string]string{"run.out": "one\n", "run.exit": "3"}, []string{"call", "podman_run", "image=a", "detach=false"},
			"one\n{\n  \"exit_code\": 3\n}\n"},
		{"text without progress is the text", map[string]string{"logs.out": "one\ntwo\n"}, []string{"call", "podman_logs", "container=web"},
			"one\ntwo\n"},
		{"an error", nil, []string{"call", "podman_ps", "limit=0"},
			"podman-mcp: INVALID_PARAMS: limit: got 0; takes a whole number from 1 to 100. Nothing was run. Correct the parameter and call again.\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := onTerminal(t, test.files, test.args...); got != test.want {
				t.Errorf("got %q\nwant %q", got, test.want)
			}
		})
	}
}

// A pull's bar is drawn over itself and taken away.
func TestTerminalPull(t *testing.T) {
	t.Parallel()
	got := onTerminal(t, map[string]string{
		"image-inspect.exit": "125", "image-inspect.err": "Error: a: image not known",
		"pull.err": "Trying to pull localhost/a...\nGetting image source signatures\nCopying blob 5a5011aabbcc [====>----] 11.1MiB / 57.2MiB\n",
	}, "call", "podman_pull", "image=localhost/a")
	if !strings.Contains(got, "\r\x1b[K[====") || !strings.Contains(got, "11.6 MB of 60 MB") {
		t.Errorf("no bar: %q", got)
	}
	if bar, after := strings.LastIndex(got, "] "), strings.LastIndex(got, "\r\x1b[K"); after < bar {
		t.Errorf("the bar stayed: %q", got)
	}
}
