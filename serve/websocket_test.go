package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// What is no message is answered, and the session goes on.
func TestMalformedFrames(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	c := r.dial(t)
	for frame, code := range map[string]string{
		`{"jsonrpc":`: "-32700", `hello`: "-32700", ``: "-32700", "{}\x00": "-32700",
		`[]`: "-32600", `[{"jsonrpc":"2.0","id":1,"method":"ping"}]`: "-32600", `{}`: "-32600", `"text"`: "-32600", `null`: "-32600",
	} {
		send(t, c, frame)
		if got := receive(t, c); !strings.Contains(got, `"id":null,"error":{"code":`+code) {
			t.Errorf("%q got %s", frame, got)
		}
	}
	send(t, c, hello)
	if got := receive(t, c); !strings.Contains(got, `"id":1,"result"`) {
		t.Errorf("after that: %s", got)
	}
}

// What breaks the rules ends the session, with the code that says why.
func TestClosings(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	for _, test := range []struct {
		name string
		kind websocket.MessageType
		size int
		want websocket.StatusCode
	}{
		{"binary", websocket.MessageBinary, 10, websocket.StatusUnsupportedData},
		{"a long binary", websocket.MessageBinary, 1 << 20, websocket.StatusUnsupportedData},
		{"too long", websocket.MessageText, maxMessage + 1, websocket.StatusMessageTooBig},
		{"far too long", websocket.MessageText, 4 * maxMessage, websocket.StatusMessageTooBig},
	} {
		c := r.dial(t)
		go func() { _ = c.Write(context.Background(), test.kind, []byte(strings.Repeat(" ", test.size))) }()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		_, _, err := c.Read(ctx)
		cancel()
		if got := websocket.CloseStatus(err); got != test.want {
			t.Errorf("%s: closed with %v (%v), want %v", test.name, got, err, test.want)
		}
	}
	eventually(t, "all are forgotten", func() bool { return r.Counts().WebSocket == 0 })
	c := r.dial(t)
	send(t, c, strings.Repeat(" ", maxMessage-len(hello))+hello)
	if got := receive(t, c); !strings.Contains(got, `"id":1,"result"`) {
		t.Errorf("the longest message got %.100s", got)
	}
}

// An answer that does not fit a frame becomes an error, and the session goes on.
func TestLongAnswer(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	c := r.dial(t)
	send(t, c, hello, initialized)
	receive(t, c)
	send(t, c, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"big"}}`)
	if got := receive(t, c); !strings.Contains(got, `"id":2,"error":{"code":-32603,"message":"the answer has 2097`) {
		t.Errorf("got %.200s", got)
	}
	for session := range r.MCP.Sessions() { // a notification is left out
		_ = session.NotifyProgress(t.Context(), &mcp.ProgressNotificationParams{ProgressToken: "p", Message: strings.Repeat("x", maxFrame)})
	}
	send(t, c, `{"jsonrpc":"2.0","id":3,"method":"ping"}`)
	if got := receive(t, c); !strings.Contains(got, `"id":3,"result":{}`) {
		t.Errorf("after that: %.200s", got)
	}
	if !strings.Contains(r.log.String(), "is too long and was left out") {
		t.Error("the log does not tell")
	}
}

// A client that does not answer a ping is dropped, and one that does is not.
func TestPing(t *testing.T) {
	t.Parallel()
	r := start(t, func(n *Network) { n.pingEvery, n.pongWithin = 30*time.Millisecond, 200*time.Millisecond })
	r.dial(t) // it does not read, so it answers no ping
	alive := r.dial(t)
	ctx := alive.CloseRead(t.Context())
	eventually(t, "the silent one is dropped", func() bool { return r.Counts().WebSocket == 1 })
	time.Sleep(300 * time.Millisecond)
	if ctx.Err() != nil || r.Counts().WebSocket != 1 {
		t.Error("the one that answers was dropped")
	}
}

// All clients together have so many places.
func TestMaxSessions(t *testing.T) {
	t.Parallel()
	r := start(t, func(n *Network) { n.sessions.max = 4 })
	first := r.dial(t)
	r.dial(t)
	session := r.begin(t)
	r.begin(t)
	full := func(got int, body string) {
		t.Helper()
		if got != http.StatusServiceUnavailable || !strings.Contains(body, "all 4 sessions are taken") {
			t.Errorf("%d %q", got, body)
		}
	}
	got := knock(t, "tcp", r.addr, "localhost", "-", "GET /ws upgrade", "header")
	full(got.status, got.body)
	status, body, _ := r.post(t.Context(), "", "", "initialize", `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}`)
	full(status, body)
	status, body, _ = r.post(t.Context(), modern, "", listenMethod, `{"notifications":{"resourceSubscriptions":["`+watched+`"]}`)
	full(status, body)
	if status, body, err := r.post(t.Context(), "", session, "tools/call", `{"name":"echo"`); status != http.StatusOK {
		t.Errorf("a session that is there is served: %d %s %v", status, body, err)
	}
	if status, body, err := r.post(t.Context(), modern, "", "tools/call", `{"name":"echo"`); status != http.StatusOK {
		t.Errorf("a call without a session is served: %d %s %v", status, body, err)
	}
	_ = first.Close(websocket.StatusNormalClosure, "")
	eventually(t, "a place is free", func() bool { return r.Counts().WebSocket == 1 })
	r.dial(t)
}

// FuzzDecode holds that whatever comes in becomes a message that
// can be sent on, or an answer.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{hello, initialized, `[]`, `{}`, `{"jsonrpc":"2.0","id":1,"result":{}}`, `{"jsonrpc":"2.0","id":{},"method":"x"}`,
		`{"jsonrpc":"2.0","id":1e400,"method":"x"}`, `{"jsonrpc":"1.0","method":"x"}`, "\xff", `{"jsonrpc":"2.0","method":""}`, `{"jsonrpc":"2.0","id":"é","method":"ping","params":[1]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		msg, bad := decode(text)
		switch {
		case (msg == nil) == (bad == nil):
			t.Errorf("%q is %v and %v", text, msg, bad)
		case bad != nil:
			if !json.Valid(bad.wire()) {
				t.Errorf("the answer %s is none", bad.wire())
			}
		default:
			again, err := jsonrpc.EncodeMessage(msg)
			if err != nil {
				t.Errorf("%q cannot be sent on: %v", text, err)
			} else if _, bad := decode(again); bad != nil {
				t.Errorf("%q becomes %q: %v", text, again, bad)
			}
		}
	})
}
