//go:build integration && linux

package live_test

import (
	"context"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"

	"podman-mcp/exec"
	"podman-mcp/live"
	"podman-mcp/tools"
)

const testImage = "localhost/podman-mcp-test:latest"

// realStage is a server on the podman of this machine.
func realStage(t *testing.T) *stage {
	t.Helper()
	if out, err := osexec.Command("podman", "image", "exists", testImage).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\nThe test image is made by fixtures/image/build.", err, out)
	}
	log := zerolog.New(os.Stderr).Level(zerolog.WarnLevel)
	s := &stage{t: t, dir: t.TempDir(), host: &tools.Host{Runner: &exec.Runner{Log: log}, Log: log}}
	ctx, cancel := context.WithCancelCause(context.Background())
	l := live.New(ctx, s.host, log)
	s.server = tools.Server(ctx, "test", s.host, tools.All(), l.Options)
	l.Attach(s.server)
	t.Cleanup(func() {
		cancel(tools.ErrShutdown)
		l.Close()
		s.eventually("no process is left", func() bool { return len(children(t, "")) == 0 })
	})
	return s
}

// podman runs the real thing, as somebody in another terminal does.
func podman(t *testing.T, args ...string) string {
	t.Helper()
	out, err := osexec.Command("podman", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("podman %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// named makes a name for a container that goes with the test.
func named(t *testing.T, part string) string {
	t.Helper()
	name := "live-" + strings.ToLower(t.Name()) + "-" + part
	t.Cleanup(func() { _ = osexec.Command("podman", "rm", "--force", "--time=0", "--", name).Run() })
	return name
}

// children are the command lines of this process's children that hold verb.
func children(t *testing.T, verb string) []string {
	t.Helper()
	var list []string
	files, _ := filepath.Glob("/proc/self/task/*/children")
	for _, file := range files {
		pids, _ := os.ReadFile(file)
		for pid := range strings.FieldsSeq(string(pids)) {
			line, err := os.ReadFile("/proc/" + pid + "/cmdline")
			if words := strings.ReplaceAll(string(line), "\x00", " "); err == nil && words != "" && strings.Contains(words, verb) {
				list = append(list, words)
			}
		}
	}
	return list
}

// A container that somebody starts shows up within 400 ms of the command's end.
func TestRealEvent(t *testing.T) {
	s := realStage(t)
	for _, era := range eras() {
		c := s.connect(era)
		name := named(t, era)
		uri := containersURI + "/" + name
		c.subscribe(uri, containersURI)
		s.eventually("the events run", func() bool { return len(children(t, " events ")) == 1 })
		time.Sleep(500 * time.Millisecond) // what happened before is told too
		podman(t, "create", "--name", name, testImage, "log", "-n", "0", "-interval", "20ms")
		s.eventually("it was made", func() bool { return c.told(uri) > 0 })
		time.Sleep(500 * time.Millisecond)
		told := c.told(uri)
		podman(t, "start", name)
		end := time.Now()
		s.eventually("it was started", func() bool { return c.told(uri) > told && c.told(containersURI) > 0 })
		took := time.Since(end)
		t.Logf("%s: told %v after the command's end", era, took.Round(time.Millisecond))
		if took > 400*time.Millisecond {
			t.Errorf("told %v after the command's end", took)
		}
		result, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
		if err != nil || !strings.Contains(result.Contents[0].Text, `"status":"running"`) {
			t.Errorf("read %+v, %v", result, err)
		}
		other := named(t, "renamed-"+era)
		told = c.told(uri)
		podman(t, "rename", name, other)
		s.eventually("who reads the old name is told", func() bool { return c.told(uri) > told })
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		s.eventually("the events have ended", func() bool { return len(children(t, "")) == 0 })
	}
}

// A killed stream comes back, and everybody is told.
func TestRealGap(t *testing.T) {
	s := realStage(t)
	c := s.connect(modern)
	c.subscribe("podman://info")
	s.eventually("the events run", func() bool { return len(children(t, " events ")) == 1 })
	time.Sleep(3 * time.Second) // beyond what a new stream looks back at
	told := c.told("podman://info")
	if err := osexec.Command("pkill", "-KILL", "-P", fmt.Sprint(os.Getpid()), "-f", "podman events").Run(); err != nil {
		t.Fatal(err)
	}
	s.eventually("told to read again", func() bool { return c.told("podman://info") > told })
}

// A hundred followers of one log are one process.
func TestRealFollowers(t *testing.T) {
	s := realStage(t)
	name := named(t, "c")
	podman(t, "run", "--detach", "--name", name, testImage, "log", "-n", "0", "-interval", "20ms")
	c := s.connect(legacy)
	c.subscribe(containersURI + "/" + name + "/logs")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			c.call(ctx, "podman_logs", map[string]any{"container": name, "follow": true, "duration": "1m", "tail": 1})
		})
	}
	s.eventually("all follow", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return len(c.progress) > 300 })
	if list := children(t, " logs "); len(list) != 1 {
		t.Errorf("%d processes: %q", len(list), list)
	}
	podman(t, "stop", "--time=0", name)
	all.Wait() // the log has ended
	s.eventually("the last process is gone", func() bool { return len(children(t, " logs ")) == 0 })
	if c.told(containersURI+"/"+name+"/logs") == 0 {
		t.Error("no update of the log")
	}

	podman(t, "start", name)
	told := c.told(containersURI + "/" + name + "/logs")
	s.eventually("updates again", func() bool { return c.told(containersURI+"/"+name+"/logs") > told })
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	s.eventually("nothing runs", func() bool { return len(children(t, "")) == 0 })
}

// A line arrives within 100 ms of its time where podman reads it at once. podman looks for lines four times a second,
// so they are printed out of step with that: in step all of them could be late.
func TestRealLatency(t *testing.T) {
	s := realStage(t)
	name := named(t, "c")
	podman(t, "run", "--detach", "--name", name, testImage, "log", "-n", "0", "-interval", "190ms")
	c := s.connect(modern)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan bool)
	go func() {
		defer close(done)
		c.call(ctx, "podman_logs", map[string]any{"container": name, "follow": true, "timestamps": true})
	}()
	s.eventually("it follows", func() bool { return c.lines() != "" })
	worst, best := time.Duration(0), time.Hour
	lines := 0
	for ; lines < 12 || best > 100*time.Millisecond && lines < 120; lines++ { // a busy machine may hold up many of them
		before := c.lines()
		s.eventually("a line", func() bool { return c.lines() != before })
		stamp, _, _ := strings.Cut(c.lines()[len(before)+1:], " ")
		printed, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil {
			t.Fatal(err)
		}
		worst, best = max(worst, time.Since(printed)), min(best, time.Since(printed))
	}
	cancel()
	<-done
	if best > 100*time.Millisecond {
		t.Errorf("the fastest line took %v", best)
	}
	t.Logf("the slowest of %d lines came %v after the container printed it", lines, worst.Round(time.Millisecond))
}

// The resources, the prompts and the events of a real container.
func TestRealRead(t *testing.T) {
	s := realStage(t)
	name := named(t, "c")
	podman(t, "run", "--detach", "--name", name, testImage, "log", "-n", "0", "-interval", "50ms")
	c := s.connect(modern)
	for uri, holds := range map[string]string{
		containersURI: `"name":"` + name + `"`, "podman://images": "podman-mcp-test", "podman://info": `"version":"`,
		containersURI + "/" + name: `"status":"running"`, containersURI + "/" + name + "/logs": "line", containersURI + "/" + name + "/stats": `"running":true`,
	} {
		result, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
		if err != nil || !strings.Contains(result.Contents[0].Text, holds) {
			t.Errorf("%s: %v\n%+v", uri, err, result)
		}
	}
	prompt, err := c.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: "troubleshoot_container", Arguments: map[string]string{"name": name}})
	if err != nil || !strings.Contains(prompt.Messages[0].Content.(*mcp.TextContent).Text, "line") {
		t.Errorf("%v\n%+v", err, prompt)
	}
	text, ok := c.call(t.Context(), "podman_events", map[string]any{"since": "1m", "filters": map[string]any{"container": name, "event": "start"}})
	if !ok || !strings.Contains(text, `"action":"start"`) || !strings.Contains(text, name) {
		t.Errorf("got %s", text)
	}
	go func() { _ = osexec.Command("podman", "stop", "--time=0", name).Run() }() // maybe before podman listens
	text, ok = c.call(t.Context(), "podman_events", map[string]any{"follow": true, "since": "1m", "duration": "3s", "filters": map[string]any{"container": name, "event": "died"}})
	if !ok || !strings.Contains(text, `"exit_code":`) || !strings.Contains(c.lines(), `"action":"died"`) {
		t.Errorf("got %s", text)
	}
}
