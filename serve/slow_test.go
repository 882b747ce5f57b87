package serve

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A client that does not read is dropped, costs no more than its place in the
// queue, and nobody beside it notices.
func TestSlowReader(t *testing.T) {
	r := start(t, func(n *Network) { n.patience = 2 * time.Second })
	const others = 50
	var heard atomic.Int64
	for range others {
		c := r.dial(t)
		send(t, c, hello, initialized, `{"jsonrpc":"2.0","id":2,"method":"resources/subscribe","params":{"uri":"`+watched+`"}}`)
		receive(t, c)
		receive(t, c)
		go func() {
			for {
				if _, _, err := c.Read(context.Background()); err != nil {
					return
				}
				heard.Add(1)
			}
		}()
	}
	slow := r.dialSlowly(t)
	send(t, slow, hello, initialized, `{"jsonrpc":"2.0","id":2,"method":"resources/subscribe","params":{"uri":"`+watched+`"}}`)
	receive(t, slow)
	receive(t, slow)

	before := heap()
	update := &mcp.ResourceUpdatedNotificationParams{URI: watched, Meta: mcp.Meta{"fill": strings.Repeat("x", 32<<10)}}
	var longest time.Duration
	rounds := 0
	for end := time.Now().Add(10 * time.Second); r.Counts().WebSocket > others && time.Now().Before(end); rounds++ {
		began := time.Now()
		_ = r.MCP.ResourceUpdated(t.Context(), update)
		longest = max(longest, time.Since(began))
		// The others are to keep up: it is not they who are slow, and what waits for them is on the heap too.
		for heard.Load() < int64(rounds-1)*others && time.Now().Before(end) {
			time.Sleep(time.Millisecond)
		}
	}
	grown := heap() - before
	if r.Counts().WebSocket != others {
		t.Errorf("%d clients are left of %d", r.Counts().WebSocket, others+1)
	}
	eventually(t, "the others have heard all", func() bool { return heard.Load() == int64(rounds*others) })
	t.Logf("dropped after %d rounds of 32 KiB; the longest round took %v; the heap has grown by %d KiB", rounds, longest.Round(time.Microsecond), grown>>10)
	if longest > time.Second {
		t.Errorf("a round took %v", longest)
	}
	if grown > 8<<20 {
		t.Errorf("the heap has grown by %d bytes", grown)
	}
	if !strings.Contains(r.log.String(), errSlow.Error()) {
		t.Error("the log does not tell")
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A call whose client reads slowly waits for it, and ends with it.
func TestSlowCall(t *testing.T) {
	t.Parallel()
	r := start(t, func(n *Network) { n.patience = 500 * time.Millisecond })
	c := r.dial(t)
	send(t, c, hello, initialized)
	receive(t, c)
	send(t, c, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"pour","_meta":{"progressToken":1}}}`)
	bytes := 0
	for end := time.Now().Add(time.Second); time.Now().Before(end); { // slow, yet it reads
		_, text, err := c.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		bytes += len(text)
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("read %d KiB in a second, as slowly as this client reads", bytes>>10)
	r.heard(t, "over") // it reads no more
	eventually(t, "it is forgotten", func() bool { return r.Counts().WebSocket == 0 })
}

// An HTTP client that does not read what it subscribed to slows nobody either.
func TestSlowStream(t *testing.T) {
	t.Parallel()
	r := start(t, func(n *Network) { n.patience = 8 * time.Second })
	session := r.begin(t)
	if status, body, err := r.post(t.Context(), "", session, "resources/subscribe", `{"uri":"`+watched+`"`); status != 200 {
		t.Fatal(status, body, err)
	}
	r.listenSlowly(t, session)
	update := &mcp.ResourceUpdatedNotificationParams{URI: watched, Meta: mcp.Meta{"fill": strings.Repeat("x", 64<<10)}}
	var longest time.Duration
	for range 40 {
		began := time.Now()
		_ = r.MCP.ResourceUpdated(t.Context(), update)
		longest = max(longest, time.Since(began))
	}
	if longest > 4*time.Second {
		t.Errorf("an update took %v", longest)
	}
	eventually(t, "it is dropped", func() bool { return strings.Contains(r.log.String(), "http client dropped") })
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	var dropped atomic.Pointer[error]
	release := make(chan struct{})
	var sent atomic.Int32
	o := &outbox{patience: 10 * time.Second,
		send: func([]byte) error { <-release; sent.Add(1); return nil },
		drop: func(err error) { dropped.Store(&err) }}
	message := make([]byte, 300<<10)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	for i, patient := range []bool{false, false, false} {
		if err := o.put(ctx, message, patient); err != nil {
			t.Error(i, err)
		}
	}
	if err := o.put(ctx, message, true); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a patient one got %v", err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		if err := o.put(t.Context(), []byte("x"), true); err != nil {
			t.Errorf("it waited and got %v", err)
		}
	})
	time.Sleep(10 * time.Millisecond)
	release <- struct{}{}
	release <- struct{}{}
	all.Wait()
	o.patience = 20 * time.Millisecond
	if err := o.put(t.Context(), message, true); !errors.Is(err, errSlow) {
		t.Errorf("it waited too long and got %v", err)
	}
	if p := dropped.Load(); p == nil || !errors.Is(*p, errSlow) {
		t.Error("the client was not dropped")
	}
	full := &outbox{patience: time.Hour, send: func([]byte) error { <-release; return nil }, drop: func(error) {}}
	for i := range 4 {
		if err := full.put(t.Context(), message, false); (err == nil) != (i < 3) {
			t.Errorf("the message that makes it %d KiB: %v", (i+1)*300, err)
		}
	}
	if err := o.put(t.Context(), message, false); !errors.Is(err, errSlow) {
		t.Errorf("a closed one took a message: %v", err)
	}
	close(release)
	o.flush(t.Context())
	if !o.empty() || sent.Load() != 3 {
		t.Errorf("%d were sent", sent.Load())
	}
}
