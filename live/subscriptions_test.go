//go:build unix

package live_test

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	containersURI = "podman://containers"
	webURI        = "podman://containers/web"
)

// All subscribers, of both eras, hear of an event; one process serves them.
func TestEventReachesAll(t *testing.T) {
	s := newStage(t)
	if n := s.ran(""); n != 0 {
		t.Errorf("%d processes before anybody asked", n)
	}
	var all []*client
	for i := range 20 {
		c := s.connect(eras()[i%2])
		c.subscribe(containersURI)
		all = append(all, c)
	}
	s.eventually("the events run", func() bool { return len(s.alive("events")) == 1 })
	var slowest time.Duration
	for round := range 10 {
		begin := time.Now()
		s.event("container", "start", "web")
		for i, c := range all {
			s.eventually(fmt.Sprint("client ", i, " hears of round ", round), func() bool { return c.told(containersURI) > round })
		}
		slowest = max(slowest, time.Since(begin))
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("the slowest of 20 subscribers heard after %v", slowest)
	if slowest > time.Second {
		t.Errorf("the slowest heard after %v", slowest)
	}
	if n := s.ran("events"); n != 1 {
		t.Errorf("%d processes, want 1", n)
	}
}

// The process ends with the last subscriber, whether that unsubscribes or is
// gone, and one comes again with the next.
func TestEndsWithTheLast(t *testing.T) {
	for _, era := range eras() {
		t.Run(era, func(t *testing.T) {
			s := newStage(t)
			one, two := s.connect(era), s.connect(era)
			one.subscribe(containersURI, webURI)
			two.subscribe(webURI)
			s.eventually("it runs", func() bool { return len(s.alive("events")) == 1 })
			for _, uri := range []string{containersURI, webURI} {
				if err := one.Unsubscribe(t.Context(), &mcp.UnsubscribeParams{URI: uri}); err != nil {
					t.Fatal(err)
				}
			}
			s.event("container", "start", "web")
			s.eventually("two hears", func() bool { return two.told(webURI) > 0 })
			if one.told(webURI) > 0 {
				t.Error("one that unsubscribed hears")
			}
			if err := two.Close(); err != nil { // without a word
				t.Fatal(err)
			}
			s.eventually("it ended", func() bool { return len(s.alive("")) == 0 })
			one.subscribe("podman://images")
			s.event("image", "pull", "x")
			s.eventually("one hears again", func() bool { return one.told("podman://images") > 0 })
			if n := s.ran("events"); n != 2 {
				t.Errorf("%d processes, want 2", n)
			}
		})
	}
}

// One that is about to end and its successor do not run side by side.
func TestOneAtATime(t *testing.T) {
	s := newStage(t)
	s.put("slow", "300ms") // to end
	c := s.connect(legacy)
	for range 3 {
		c.subscribe(webURI)
		s.eventually("it runs", func() bool { return len(s.alive("events")) > 0 })
		if err := c.Unsubscribe(t.Context(), &mcp.UnsubscribeParams{URI: webURI}); err != nil {
			t.Fatal(err)
		}
		c.subscribe(webURI)
		for range 30 {
			if n := len(s.alive("events")); n > 1 {
				t.Fatalf("%d at once", n)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// When the stream breaks, everybody is told to read again, once it works.
func TestGap(t *testing.T) {
	s := newStage(t)
	a, b := s.connect(legacy), s.connect(modern)
	a.subscribe(containersURI, "podman://images")
	b.subscribe(webURI)
	s.eventually("it runs", func() bool { return len(s.alive("events")) == 1 })
	s.put("no-events", "")
	_ = syscall.Kill(s.alive("events")[0], syscall.SIGKILL)
	s.eventually("it was tried again", func() bool { return s.ran("events") >= 3 })
	if a.told(containersURI) > 0 {
		t.Error("told to read again while nobody listens")
	}
	s.put("events", "")
	if err := syscall.Unlink(s.dir + "/no-events"); err != nil {
		t.Fatal(err)
	}
	s.eventually("all are told", func() bool {
		return a.told(containersURI) > 0 && a.told("podman://images") > 0 && b.told(webURI) > 0
	})
}

// Whom an event concerns.
func TestConcerns(t *testing.T) {
	s := newStage(t)
	uris := []string{containersURI, "podman://images", webURI, containersURI + "/" + webID, containersURI + "/" + webID[:12], containersURI + "/db"}
	c := s.connect(legacy)
	c.subscribe(uris...)
	for _, test := range []struct {
		kind, action, name string
		want               string // of uris, 1 for told
	}{
		{"container", "start", "web", "101110"},
		{"container", "died", "db", "100001"},
		{"container", "exec", "web", "000000"},
		{"container", "rename", "web", "101111"}, // db may have been its name
		{"image", "pull", "x", "010000"},
		{"image", "mount", "x", "000000"},
		{"network", "connect", "web", "001110"},
		{"pod", "create", "web", "000000"},
		{"system", "prune", "", "111111"},
		{"container", "start", "db", "100001"},
	} {
		t.Run(test.kind+" "+test.action+" "+test.name, func(t *testing.T) {
			before := map[string]int{}
			for _, uri := range uris {
				before[uri] = c.told(uri)
			}
			seen := func() string {
				got := ""
				for _, uri := range uris {
					got += fmt.Sprint(min(1, c.told(uri)-before[uri]))
				}
				return got
			}
			s.event(test.kind, test.action, test.name)
			for limit := time.Now().Add(5 * time.Second); seen() != test.want && time.Now().Before(limit); {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(40 * time.Millisecond) // what should not come may yet
			if got := seen(); got != test.want {
				t.Errorf("told %s, want %s of %v", got, test.want, uris)
			}
		})
	}
}

// A hundred events are a few updates, and the last update is after them all.
func TestBurst(t *testing.T) {
	s := newStage(t)
	c := s.connect(modern)
	c.subscribe(containersURI)
	begin := time.Now()
	for range 100 {
		s.event("container", "remove", "web")
		time.Sleep(2 * time.Millisecond)
	}
	end := time.Now()
	s.event("container", "remove", "web")
	s.eventually("told of the last event", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		times := c.updates[containersURI]
		return len(times) > 0 && times[len(times)-1].After(end)
	})
	if n, most := c.told(containersURI), int(time.Since(begin)/(15*time.Millisecond))+2; n > most {
		t.Errorf("%d updates of 101 events, want %d at most", n, most)
	}
}

// A client that does not read keeps nobody waiting.
func TestStuckClient(t *testing.T) {
	s := newStage(t)
	here, there := mcp.NewInMemoryTransports()
	valve := &valve{Transport: there}
	stuck := s.connectOver(legacy, here, valve)
	t.Cleanup(valve.open) // before the client closes
	stuck.subscribe(containersURI)
	other := s.connect(legacy)
	other.subscribe(containersURI)
	s.eventually("it runs", func() bool { return len(s.alive("events")) == 1 })
	valve.shut()
	for round := range 5 {
		begin := time.Now()
		s.event("container", "start", "web")
		s.eventually("the other hears", func() bool { return other.told(containersURI) > round })
		if took := time.Since(begin); took > time.Second {
			t.Errorf("after %v", took)
		}
		time.Sleep(20 * time.Millisecond)
	}
	valve.open()
	s.eventually("the stuck one hears", func() bool { return stuck.told(containersURI) > 0 })
	if n := stuck.told(containersURI); n > 3 {
		t.Errorf("%d updates were kept for it", n)
	}
}

// valve is a transport whose writes can be held up.
type valve struct {
	mcp.Transport
	mu sync.RWMutex
	is sync.Once
}

func (v *valve) shut() { v.mu.Lock() }
func (v *valve) open() { v.is.Do(v.mu.Unlock) }

func (v *valve) Connect(ctx context.Context) (mcp.Connection, error) {
	c, err := v.Transport.Connect(ctx)
	return &valveConn{c, v}, err
}

type valveConn struct {
	mcp.Connection
	v *valve
}

func (c *valveConn) Write(ctx context.Context, msg jsonrpc.Message) error {
	c.v.mu.RLock()
	defer c.v.mu.RUnlock()
	return c.Connection.Write(ctx, msg)
}

// Close returns when all processes have ended, and takes nobody any more.
func TestClose(t *testing.T) {
	s := newStage(t)
	furnish(s, "running")
	c := s.connect(legacy)
	c.subscribe(containersURI, webURI+"/logs", webURI+"/stats")
	s.eventually("both run", func() bool { return len(s.alive("events")) == 1 && len(s.alive("logs")) == 1 })
	s.live.Close()
	if n := len(s.alive("")); n != 0 {
		t.Errorf("%d processes live on", n)
	}
	if err := c.Subscribe(t.Context(), &mcp.SubscribeParams{URI: webURI}); err == nil {
		t.Error("somebody could subscribe")
	}
}
