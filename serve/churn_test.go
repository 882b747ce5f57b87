package serve

import (
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// A thousand clients that come and go leave nothing behind. It runs alone, for
// it counts what the whole process has.
func TestChurn(t *testing.T) {
	r := start(t, nil)
	visit := func(i int) {
		switch i % 4 {
		case 0, 1, 2:
			c := r.dial(t)
			send(t, c, hello, initialized)
			receive(t, c)
			if i%4 > 0 {
				send(t, c, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"lines","_meta":{"progressToken":1}}}`)
			}
			if i%4 == 0 {
				_ = c.Close(websocket.StatusNormalClosure, "")
			} else {
				_ = c.CloseNow()
			}
		case 3:
			session := r.begin(t)
			conn := r.listenSlowly(t, session)
			_ = conn.Close()
			req, _ := http.NewRequest(http.MethodDelete, "http://"+r.addr+"/mcp", nil)
			req.Header.Set("Mcp-Session-Id", session)
			if res, err := (bearer{}).RoundTrip(req); err != nil {
				t.Error(err)
			} else {
				_ = res.Body.Close()
			}
		}
	}
	visits := func(n int) {
		var all sync.WaitGroup
		var next atomic.Int64
		for range 8 {
			all.Go(func() {
				for i := next.Add(1); i <= int64(n); i = next.Add(1) {
					visit(int(i))
				}
			})
		}
		all.Wait()
	}
	visits(40) // what stays is there now
	left := func() (int, int) {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections() // the tests' own
		return runtime.NumGoroutine(), descriptors()
	}
	left()
	time.Sleep(100 * time.Millisecond)
	goroutines, files := left()
	visits(1000)
	eventually(t, "nobody is left", func() bool { return r.Counts() == Counts{BytesOut: r.Counts().BytesOut} && r.sessions.taken == 0 })
	eventually(t, "no goroutine or descriptor is left", func() bool {
		g, f := left()
		return g <= goroutines+2 && f <= files
	})
	g, f := left()
	t.Logf("goroutines %d → %d, descriptors %d → %d", goroutines, g, files, f)
	if r.work.units != 0 || len(r.posts.open) != 0 {
		t.Errorf("left: %d units of work, %d posts", r.work.units, len(r.posts.open))
	}
}

// descriptors counts the process's open files, where the system tells.
func descriptors() int {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(open)
}

// Idle clients cost little. The figure is both ends' less what a client's end
// is known to have: a second process would tell it better, and needs more.
func TestIdleClients(t *testing.T) {
	const clients = 500
	r := start(t, nil)
	for range 10 {
		r.idle1(t)
	}
	before, stacks := memory()
	for range clients {
		r.idle1(t)
	}
	time.Sleep(200 * time.Millisecond)
	after, stacksAfter := memory()
	total := after + stacksAfter - before - stacks
	t.Logf("%d idle clients, %d KiB on the heap and %d KiB of stacks: %d KiB each", clients, (after-before)>>10, (stacksAfter-stacks)>>10, total/clients>>10)
	if total > 20<<20 {
		t.Errorf("they cost %d bytes", total)
	}
	if r.Counts().WebSocket != clients+10 {
		t.Error(r.Counts())
	}
}

// idle1 is a client that has begun and does nothing more; its own end is a bare
// connection, which costs next to nothing.
func (r *running) idle1(t *testing.T) {
	t.Helper()
	conn := r.bare(t)
	write := func(text string) {
		frame := []byte{0x81, 0xfe, byte(len(text) >> 8), byte(len(text)), 0, 0, 0, 0}
		if len(text) < 126 {
			frame = []byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}
		}
		if _, err := conn.Write(append(frame, text...)); err != nil {
			t.Fatal(err)
		}
	}
	write(hello)
	if n, err := conn.Read(make([]byte, 4<<10)); err != nil || n < 100 {
		t.Fatal(n, err)
	}
	write(initialized)
}

func memory() (heap, stacks int64) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), int64(m.StackInuse)
}
