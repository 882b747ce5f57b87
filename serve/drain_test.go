package serve

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	callShort = `{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"short"}}`
	callBlock = `{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"block"}}`
)

// The server's end lets calls end and their answers out, takes no new ones, and
// says goodbye.
func TestDrain(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	c := r.dial(t)
	send(t, c, hello, initialized)
	receive(t, c)
	session := r.begin(t)
	send(t, c, callShort)
	r.heard(t, "begun")
	answers := make(chan string, 2)
	for _, version := range []string{"", modern} {
		go func() {
			in := session
			if version == modern {
				in = ""
			}
			_, body, _ := r.post(t.Context(), version, in, "tools/call", `{"name":"short"`)
			answers <- body
		}()
		r.heard(t, "begun")
	}
	ended := make(chan time.Duration)
	go func() {
		began := time.Now()
		r.end()
		ended <- time.Since(began)
	}()
	eventually(t, "it is ending", r.work.isEnding)

	send(t, c, strings.Replace(callShort, `"id":5`, `"id":9`, 1))
	if got := receive(t, c); !strings.Contains(got, `"id":9,"error":{"code":-32000,"message":"the server is shutting down"`) {
		t.Errorf("a new call got %s", got)
	}
	send(t, c, `{"jsonrpc":"2.0","id":10,"method":"ping"}`)
	if got := receive(t, c); !strings.Contains(got, `"id":10,"result"`) {
		t.Errorf("a ping got %s", got)
	}
	for _, version := range []string{"", modern} {
		if status, body, _ := r.post(t.Context(), version, "", "tools/call", `{"name":"echo"`); status != http.StatusServiceUnavailable {
			t.Errorf("a new call got %d %s", status, body)
		}
	}
	if got := knock(t, "tcp", r.addr, "localhost", "-", "GET /ws upgrade", "header"); got.status != http.StatusServiceUnavailable {
		t.Errorf("a new client got %d", got.status)
	}
	if got := receive(t, c); !strings.Contains(got, `"id":5,"result"`) || !strings.Contains(got, "done") {
		t.Errorf("the call that ran got %s", got)
	}
	for range 2 {
		if got := <-answers; !strings.Contains(got, "done") {
			t.Errorf("the call that ran got %s", got)
		}
	}
	if _, _, err := c.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("closed with %v", err)
	}
	if took := <-ended; took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// An answer that is on its way arrives, though its client reads slowly.
func TestDrainAnswer(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	body := `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"big"}}`
	conn := r.open(t, fmt.Sprintf("POST /mcp HTTP/1.1\r\nContent-Length: %d\r\nContent-Type: application/json\r\nAccept: */*\r\nMcp-Session-Id: %s\r\n", len(body), r.begin(t)))
	if _, err := conn.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100<<10)
	got := 0
	for {
		n, err := conn.Read(buf)
		if got == 0 {
			go r.end()
		}
		got += n
		if err != nil || bytes.Contains(buf[:n], []byte("\r\n0\r\n")) {
			break
		}
		time.Sleep(time.Duration(n) * time.Second >> 20) // 1 MiB a second
	}
	if got < 2<<20 {
		t.Errorf("%d bytes came", got)
	}
}

// Calls that do not end are cancelled, and answered.
func TestDrainCancels(t *testing.T) {
	t.Parallel()
	r := start(t, func(n *Network) { n.drain = 200 * time.Millisecond })
	c := r.dial(t)
	send(t, c, hello, initialized)
	receive(t, c)
	send(t, c, callBlock)
	r.heard(t, "begun")
	session := r.begin(t)
	answer := make(chan string)
	go func() {
		_, body, _ := r.post(t.Context(), "", session, "tools/call", `{"name":"block"`)
		answer <- body
	}()
	r.heard(t, "begun")
	began := time.Now()
	go r.end()
	if got := receive(t, c); !strings.Contains(got, `"id":6,"result"`) {
		t.Errorf("the call got %s", got)
	}
	if got := <-answer; !strings.Contains(got, `"result"`) {
		t.Errorf("the call over HTTP got %s", got)
	}
	if took := time.Since(began); took < 150*time.Millisecond || took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	r.heard(t, "ended")
	r.heard(t, "ended")
}

// Subscriptions and silent clients do not hold up the server's end.
func TestDrainSubscribed(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	deaf := r.bare(t) // it answers no goodbye
	_ = deaf
	session := r.begin(t)
	conn := r.listenSlowly(t, session)
	defer conn.Close()
	for _, transport := range []string{"websocket", "http"} {
		c, err := r.connect(transport, modern, nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = c.Subscribe(t.Context(), &mcp.SubscribeParams{URI: watched}) }()
	}
	eventually(t, "they listen", func() bool { return r.Counts().HTTP == 2 && r.Counts().WebSocket == 2 })
	time.Sleep(50 * time.Millisecond)
	began := time.Now()
	r.end()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// A session that nobody uses ends; one whose client listens goes on.
func TestIdleSessions(t *testing.T) {
	t.Parallel()
	r := start(t, func(n *Network) { n.idle = time.Second })
	r.begin(t)
	listening := r.begin(t)
	conn := r.listenSlowly(t, listening)
	eventually(t, "one has ended", func() bool { return r.Counts().HTTP == 1 })
	time.Sleep(1500 * time.Millisecond)
	if status, body, err := r.post(t.Context(), "", listening, "tools/call", `{"name":"echo"`); status != http.StatusOK {
		t.Errorf("%d %s %v", status, body, err)
	}
	_ = conn.Close()
	eventually(t, "the other has ended", func() bool { return r.Counts().HTTP == 0 })
}

// A body has a length and a time.
func TestBodies(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	session := r.begin(t)
	for _, version := range []string{"", modern} {
		for size, want := range map[int]int{maxMessage - 1000: http.StatusOK, maxMessage: http.StatusRequestEntityTooLarge} {
			in := session
			if version == modern {
				in = ""
			}
			status, body, err := r.post(t.Context(), version, in, "tools/call", `{"name":"echo","arguments":{"x":"`+strings.Repeat("x", size)+`"}`)
			if status != want || want != http.StatusOK && !strings.Contains(body, "at most 4194304 bytes") {
				t.Errorf("%d bytes got %d %.100s, %v; want %d", size, status, body, err, want)
			}
		}
	}
	r = start(t, func(n *Network) { n.bodyWithin = 100 * time.Millisecond })
	if status, body, err := r.post(t.Context(), "", r.begin(t), "tools/call", `{"name":"short"`); !strings.Contains(body, "done") {
		t.Errorf("a call that takes longer got %d %s %v", status, body, err)
	}
	conn := r.open(t, "POST /mcp HTTP/1.1\r\nContent-Length: 10\r\nContent-Type: application/json\r\n")
	answer := make([]byte, 100)
	if n, _ := conn.Read(answer); !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 400") {
		t.Errorf("a body that does not come got %s", answer)
	}
}
