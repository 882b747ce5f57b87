//go:build unix

package live_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// followed prepares web, with what its log holds.
func followed(s *stage, lines ...string) {
	s.put("id-web", webID+"\n")
	s.put("id-"+webID[:12], webID+"\n")
	s.put("logs-"+webID[:12], "")
	say(s, lines...)
}

// say prints lines in web as podman does.
func say(s *stage, lines ...string) {
	var b strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&b, "%s %s\n", time.Now().UTC().Format("2006-01-02T15:04:05.000000000Z07:00"), line)
	}
	s.add("logs-"+webID[:12], b.String())
}

// A hundred followers cost one process, which ends with the last of them.
func TestHundredFollowersOneProcess(t *testing.T) {
	s := newStage(t)
	followed(s, "first")
	c := s.connect(legacy)
	ctx, cancel := context.WithCancel(t.Context())
	early, leave := context.WithCancel(t.Context())
	defer leave()
	var all sync.WaitGroup
	results := make(chan string, 100)
	for i := range 100 {
		all.Go(func() {
			with := ctx
			if i < 50 {
				with = early
			}
			name := []string{"web", webID[:12]}[i%2]
			text, ok := c.call(with, "podman_logs", map[string]any{"container": name, "follow": true, "grep": fmt.Sprintf("^(all|for %d)$", i), "timestamps": i%3 == 0})
			if ok {
				results <- fmt.Sprint(i, " ", text)
			}
		})
	}
	defer cancel()
	s.eventually("all follow", func() bool { say(s, "all"); return strings.Count(c.lines(), "all") >= 100 })
	leave() // half of them
	s.eventually("the others follow on", func() bool { say(s, "for 99"); return strings.Contains(c.lines(), "for 99") })
	if n := s.ran("logs"); n != 1 {
		t.Errorf("%d processes followed, want 1", n)
	}
	if n := s.ran(""); n > 20 {
		t.Errorf("%d processes in all", n)
	}
	s.add("logs-"+webID[:12], "END\n")
	all.Wait()
	close(results)
	n := 0
	for text := range results {
		n++
		i, text, _ := strings.Cut(text, " ")
		if strings.Contains(text, "first") || !strings.Contains(text, "all") || strings.Contains(text, "for 99") != (i == "99") {
			t.Errorf("follower %s got %q", i, text)
		}
	}
	if n != 50 {
		t.Errorf("%d followed to the end, want 50", n)
	}
	s.eventually("the process is gone", func() bool { return len(s.alive("")) == 0 })
}

// The last follower that leaves ends the process, and the next begins one.
func TestLastFollowerEndsIt(t *testing.T) {
	s := newStage(t)
	followed(s, "first")
	c := s.connect(modern)
	for i := range 2 {
		text, ok := c.call(t.Context(), "podman_logs", map[string]any{"container": "web", "follow": true, "duration": "200ms"})
		if !ok || text != "first" {
			t.Errorf("got %q", text)
		}
		if n := len(s.alive("")); n != 0 {
			t.Errorf("%d processes live on", n)
		}
		if n := s.ran("logs"); n != i+1 {
			t.Errorf("%d processes, want %d", n, i+1)
		}
	}
}

// Who comes while the process of those before ends gets one of its own.
func TestFollowAgain(t *testing.T) {
	s := newStage(t)
	followed(s, "first")
	s.put("slow", "1.2s") // to end; it is killed after 1.5 s
	c := s.connect(modern)
	var both sync.WaitGroup
	both.Go(func() {
		c.call(t.Context(), "podman_logs", map[string]any{"container": "web", "follow": true, "duration": "600ms"})
	})
	s.eventually("the first one ends", func() bool { return s.has("ending") })
	if text, ok := c.call(t.Context(), "podman_logs", map[string]any{"container": "web", "follow": true, "duration": "2s"}); !ok || text != "first" {
		t.Errorf("got %q", text)
	}
	both.Wait()
	if n := s.ran("logs"); n != 2 {
		t.Errorf("%d processes, want 2", n)
	}
}

// Who joins late gets what was printed before.
func TestLateFollower(t *testing.T) {
	s := newStage(t)
	followed(s, "one", "two")
	a, b := s.connect(legacy), s.connect(legacy)
	go a.call(t.Context(), "podman_logs", map[string]any{"container": "web", "follow": true, "duration": "5s"})
	s.eventually("the first follows", func() bool { return strings.Contains(a.lines(), "two") })
	go b.call(t.Context(), "podman_logs", map[string]any{"container": "web", "follow": true, "duration": "5s"})
	s.eventually("the second has the past", func() bool { return b.lines() == "one\ntwo" })
	begin := time.Now()
	say(s, "three")
	s.eventually("both hear", func() bool { return strings.HasSuffix(a.lines(), "three") && strings.HasSuffix(b.lines(), "three") })
	if took := time.Since(begin); took > time.Second {
		t.Errorf("after %v", took)
	}
	if n := s.ran("logs"); n != 1 {
		t.Errorf("%d processes, want 1", n)
	}
	s.add("logs-"+webID[:12], "END\n")
}

// A line that a container prints piece by piece is one line.
func TestPieces(t *testing.T) {
	s := newStage(t)
	followed(s)
	s.add("logs-"+webID[:12], "2026-11-22T13:53:03.000000001Z load2026-11-22T13:53:03.000000002Z ing2026-11-22T13:53:04.000000003Z  done\n"+
		"2026-11-22T13:53:05.000000000Z 2026-11-22T13:53:04.999999999Z app's own 2026-11-22T13:53:04.000000000Z time\n"+
		"no time\r\nEND\n")
	c := s.connect(modern)
	const want = "loading done\n2026-11-22T13:53:04.999999999Z app's own 2026-11-22T13:53:04.000000000Z time\nno time"
	if text, ok := c.call(t.Context(), "podman_logs", map[string]any{"container": "web", "follow": true}); !ok || text != want {
		t.Errorf("got\n%s, want\n%s", text, want)
	}
	if text, ok := c.call(t.Context(), "podman_logs", map[string]any{"container": "web", "follow": true, "timestamps": true, "grep": "^loading"}); !ok || text != "2026-11-22T13:53:03.000000001Z loading done" {
		t.Errorf("got %q", text)
	}
}

// A follower whose client does not read misses lines, is told so, and slows
// nobody; one that is alone slows podman instead, and misses nothing.
func TestSlowFollower(t *testing.T) {
	const flood = 32 << 20 / slowly
	for _, alone := range []bool{true, false} {
		t.Run(fmt.Sprint("alone ", alone), func(t *testing.T) {
			s := newStage(t)
			followed(s, "first")
			here, there := mcp.NewInMemoryTransports()
			valve := &valve{Transport: there}
			slow := s.connectOver(legacy, here, valve)
			t.Cleanup(valve.open)
			done := make(chan string, 1)
			go func() {
				text, _ := slow.call(t.Context(), "podman_logs", map[string]any{"container": "web", "follow": true, "tail": 3, "timestamps": true})
				done <- text
			}()
			s.eventually("it follows", func() bool { return strings.Contains(slow.lines(), "first") })
			valve.shut()
			quick := make(chan string, 1)
			if !alone {
				other := s.connect(legacy)
				go func() {
					text, _ := other.call(t.Context(), "podman_logs", map[string]any{"container": "web", "follow": true, "tail": 1})
					quick <- text
				}()
				s.eventually("the other follows", func() bool { return strings.Contains(other.lines(), "first") })
			}
			s.add("logs-"+webID[:12], fmt.Sprintf("FLOOD %d\n", flood))
			if !alone {
				time.Sleep(200 * time.Millisecond)
				s.add("logs-"+webID[:12], "END\n")
				begin := time.Now()
				text := <-quick
				if strings.Contains(text, "skipped") || time.Since(begin) > 20*time.Second {
					t.Errorf("the quick one: %q after %v", text, time.Since(begin))
				}
			} else {
				time.Sleep(300 * time.Millisecond)
				s.add("logs-"+webID[:12], "END\n")
			}
			valve.open()
			text := <-done
			if strings.Contains(text, "skipped") == alone {
				t.Errorf("the slow one: %q", text)
			}
			if n := strings.Count(slow.lines(), "skipped"); (n > 0) == alone {
				t.Errorf("told %d times of skipped lines", n)
			}
		})
	}
}

// Containers beyond those that may be followed are refused, and said why.
func TestTooManyFollowed(t *testing.T) {
	s := newStage(t)
	c := s.connect(legacy)
	id := func(i int) string { return fmt.Sprintf("%012x%s", i+1, webID[12:]) }
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range 32 {
		s.put(fmt.Sprint("id-box", i), id(i)+"\n")
		s.put("logs-"+id(i)[:12], fmt.Sprintf("2026-11-22T13:53:03.000000001Z from %d;\n", i))
		all.Go(func() { c.call(ctx, "podman_logs", map[string]any{"container": fmt.Sprint("box", i), "follow": true}) })
	}
	s.eventually("32 follow", func() bool { return strings.Count(c.lines(), ";") == 32 })
	s.put("id-box33", id(33)+"\n")
	if text, ok := c.call(ctx, "podman_logs", map[string]any{"container": "box33", "follow": true}); ok || !strings.Contains(text, "32 containers") {
		t.Errorf("got %q", text)
	}
	s.put("ps", "[]")
	if text, ok := c.call(ctx, "podman_ps", nil); !ok { // which needs a place
		t.Errorf("got %q", text)
	}
	cancel()
	all.Wait()
}

// TestFlood measures: it fails only below a tenth of what is wanted, for the
// machine may be busy.
func TestFlood(t *testing.T) {
	const flood = 200 << 20 / slowly
	s := newStage(t)
	followed(s)
	here, there := mcp.NewInMemoryTransports()
	sink := &sink{Transport: there}
	c := s.connectOver(legacy, here, sink)
	s.add("logs-"+webID[:12], fmt.Sprintf("FLOOD %d\n", flood))
	s.add("logs-"+webID[:12], "END\n")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	text, ok := c.call(t.Context(), "podman_logs", map[string]any{"container": "web", "follow": true, "timestamps": true, "duration": "5m"})
	took := time.Since(begin).Seconds()
	runtime.ReadMemStats(&after)
	if !ok || strings.Contains(text, "skipped") {
		t.Errorf("got %.200q", text)
	}
	rate := float64(sink.bytes) / took / 1e6
	t.Logf("%.0f MB/s in %d messages, the largest of %d bytes; %d KiB of heap in use, %d MiB from the system",
		rate, sink.messages, sink.largest, after.HeapInuse>>10, after.Sys>>20)
	if sink.bytes < flood {
		t.Errorf("%d bytes came, want %d", sink.bytes, flood)
	}
	if sink.largest >= 1<<20 {
		t.Errorf("a message of %d bytes", sink.largest)
	}
	if rate < 5/slowly {
		t.Errorf("%.1f MB/s", rate)
	}
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(status)) {
			if strings.HasPrefix(line, "VmHWM") {
				t.Log(strings.TrimSpace(line))
			}
		}
	}
}

// sink takes progress as a client does that only counts it.
type sink struct {
	mcp.Transport
	mu                       sync.Mutex
	bytes, messages, largest int
}

func (s *sink) Connect(ctx context.Context) (mcp.Connection, error) {
	c, err := s.Transport.Connect(ctx)
	return &sinkConn{c, s}, err
}

type sinkConn struct {
	mcp.Connection
	s *sink
}

func (c *sinkConn) Write(ctx context.Context, msg jsonrpc.Message) error {
	if req, ok := msg.(*jsonrpc.Request); ok && req.Method == "notifications/progress" {
		data, err := jsonrpc.EncodeMessage(msg)
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		c.s.bytes += len(data)
		c.s.messages++
		c.s.largest = max(c.s.largest, len(data))
		return err
	}
	return c.Connection.Write(ctx, msg)
}

// No message is too long for a client, whatever JSON makes of the lines.
func TestLargeLines(t *testing.T) {
	s := newStage(t)
	followed(s)
	for range 12 {
		say(s, strings.Repeat(`"`, 60_000))
	}
	s.add("logs-"+webID[:12], "END\n")
	here, there := mcp.NewInMemoryTransports()
	sink := &sink{Transport: there}
	c := s.connectOver(legacy, here, sink)
	if text, ok := c.call(t.Context(), "podman_logs", map[string]any{"container": "web", "follow": true, "max_bytes": 262144}); !ok {
		t.Error(text)
	}
	if sink.largest >= 1<<20 || sink.bytes < 4*60_000 {
		t.Errorf("%d bytes, the largest message of %d", sink.bytes, sink.largest)
	}
}
