package serve

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Every transport carries all of MCP, in both eras.
func TestCarry(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"websocket", "http"} {
		for _, version := range []string{"2025-11-25", "2026-07-28"} {
			t.Run(transport+" "+version, func(t *testing.T) {
				t.Parallel()
				carry(t, start(t, nil), transport, version)
			})
		}
	}
}

func carry(t *testing.T, r *running, transport, version string) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var progress atomic.Int32
	updated := make(chan string, 10)
	c := r.client(t, transport, version, &mcp.ClientOptions{
		ProgressNotificationHandler: func(context.Context, *mcp.ProgressNotificationClientRequest) { progress.Add(1) },
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "decline"}, nil
		},
		ResourceUpdatedHandler: func(_ context.Context, req *mcp.ResourceUpdatedNotificationRequest) { updated <- req.Params.URI },
	})
	if got := c.InitializeResult().ProtocolVersion; got != version {
		t.Fatalf("the client speaks %s", got)
	}
	if tools, err := c.ListTools(ctx, nil); err != nil || len(tools.Tools) < 5 {
		t.Errorf("tools: %v, %v", tools, err)
	}

	// Long messages in, and the answer's own way out.
	long := strings.Repeat("é", 300_000)
	result, err := c.CallTool(ctx, &mcp.CallToolParams{Name: "echo", Arguments: map[string]any{"x": long}})
	if got := text(t, result, err); got != `{"x":"`+long+`"}` {
		t.Errorf("echo has %d bytes", len(got))
	}

	// A call sees the client's headers, and no token.
	result, err = c.CallTool(ctx, &mcp.CallToolParams{Name: "headers"})
	if got := text(t, result, err); !strings.Contains(got, "User-Agent:[Go-http-client") || strings.Contains(got, right) {
		t.Errorf("the headers are %s", got)
	}

	params := &mcp.CallToolParams{Name: "lines"}
	params.SetProgressToken("p")
	result, err = c.CallTool(ctx, params)
	if text(t, result, err) != "ended" {
		t.Error("no result after the progress")
	}
	eventually(t, "all progress has come", func() bool { return progress.Load() == 20 })

	result, err = c.CallTool(ctx, &mcp.CallToolParams{Name: "ask"})
	if got := text(t, result, err); got != "decline" {
		t.Errorf("the question was answered with %q", got)
	}

	blocked, giveUp := context.WithCancel(ctx)
	go func() {
		r.heard(t, "begun")
		giveUp()
	}()
	if _, err := c.CallTool(blocked, &mcp.CallToolParams{Name: "block"}); !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled call ended with %v", err)
	}
	r.heard(t, "cancelled")

	if err := c.Subscribe(ctx, &mcp.SubscribeParams{URI: watched}); err != nil {
		t.Error(err)
	}
	deadline := time.After(5 * time.Second)
	for came := false; !came; { // the subscription of the newer era begins some time after Subscribe
		_ = r.MCP.ResourceUpdated(ctx, &mcp.ResourceUpdatedNotificationParams{URI: watched})
		select {
		case uri := <-updated:
			came = uri == watched
		case <-time.After(50 * time.Millisecond):
		case <-deadline:
			t.Error("no update came")
			came = true
		}
	}
	if counts := r.Counts(); counts.BytesOut == 0 || transport == "websocket" && counts.WebSocket != 1 || transport == "http" && counts.HTTP != 1 {
		t.Errorf("counts are %+v", counts)
	}
}

// A client that is gone cancels its calls.
func TestClientGone(t *testing.T) {
	t.Parallel()
	const legacy, modern = "2025-11-25", "2026-07-28"
	t.Run("websocket", func(t *testing.T) {
		t.Parallel()
		r := start(t, nil)
		for _, leave := range []func(*websocket.Conn){
			func(c *websocket.Conn) { _ = c.CloseNow() },
			func(c *websocket.Conn) { _ = c.Close(websocket.StatusNormalClosure, "") },
		} {
			c := r.dial(t)
			send(t, c, hello, initialized, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"block"}}`)
			r.heard(t, "begun")
			leave(c)
			r.heard(t, "cancelled")
			eventually(t, "the client is forgotten", func() bool { return r.Counts().WebSocket == 0 })
		}
	})
	for _, version := range []string{legacy, modern} {
		t.Run("http "+version, func(t *testing.T) {
			t.Parallel()
			r := start(t, nil)
			session := ""
			if version == legacy {
				session = r.begin(t)
			}
			ctx, leave := context.WithCancel(t.Context())
			go func() { r.heard(t, "begun"); leave() }()
			if _, _, err := r.post(ctx, version, session, "tools/call", `{"name":"block"`); err == nil {
				t.Error("an answer came")
			}
			r.heard(t, "cancelled")
		})
	}
	t.Run("http session ended", func(t *testing.T) {
		t.Parallel()
		r := start(t, nil)
		session := r.begin(t)
		go func() { _, _, _ = r.post(t.Context(), legacy, session, "tools/call", `{"name":"block"`) }()
		r.heard(t, "begun")
		req, _ := http.NewRequest(http.MethodDelete, "http://"+r.addr+"/mcp", nil)
		req.Header.Set("Mcp-Session-Id", session)
		res, err := bearer{}.RoundTrip(req)
		if err != nil || res.StatusCode != http.StatusNoContent {
			t.Errorf("%v, %v", res, err)
		}
		r.heard(t, "cancelled")
		if r.Counts().HTTP != 0 {
			t.Error("the session is still there")
		}
	})
}
