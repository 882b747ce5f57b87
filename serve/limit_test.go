package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A session may make so many calls at once, then as many as come back with
// time, and another session has its own.
func TestLimitTakes(t *testing.T) {
	l := NewLimit(2, 3)
	begin := time.Now()
	at := func(seconds float64) time.Time { return begin.Add(time.Duration(seconds * float64(time.Second))) }
	for i, c := range []struct {
		session string
		at      float64
		wait    time.Duration
	}{
		{"a", 0, 0}, {"a", 0, 0}, {"a", 0, 0}, {"a", 0, 500 * time.Millisecond}, {"a", 0.25, 250 * time.Millisecond},
		{"b", 0.25, 0}, {"a", 0.5, 0}, {"a", 0.5, 500 * time.Millisecond}, {"a", 60, 0}, {"a", 60, 0}, {"a", 60, 0}, {"a", 60, 500 * time.Millisecond},
	} {
		if wait := l.take(c.session, at(c.at)).Round(time.Millisecond); wait != c.wait {
			t.Errorf("%d: waits %s, want %s", i, wait, c.wait)
		}
	}
	if slow := NewLimit(0.1, 0); slow.take("a", begin) != 0 || slow.take("a", begin).Round(time.Second) != 10*time.Second {
		t.Error("one call in ten seconds is not what it lets through")
	}
}

// Sessions that are gone leave nothing behind.
func TestLimitForgets(t *testing.T) {
	l := NewLimit(1, 1)
	begin := time.Now()
	for i := range 10 * manyBuckets {
		if l.take(i, begin.Add(time.Duration(i)*time.Second)) > 0 {
			t.Fatal("a new session waits")
		}
	}
	if len(l.buckets) > manyBuckets {
		t.Errorf("%d are kept", len(l.buckets))
	}
}

// Over every transport, what is too much comes to no tool and the client is told when to
// come again; without sessions all that one client does counts together.
func TestLimit(t *testing.T) {
	for _, transport := range []string{"http", "websocket"} {
		for _, version := range []string{"2025-11-25", "2026-07-28"} {
			t.Run(transport+" "+version, func(t *testing.T) {
				t.Parallel()
				var came atomic.Int64
				r := start(t, func(n *Network) {
					n.MCP.AddReceivingMiddleware(NewLimit(0.01, 2).Middleware, func(next mcp.MethodHandler) mcp.MethodHandler {
						return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
							if method == "tools/call" {
								came.Add(1)
							}
							return next(ctx, method, req)
						}
					})
				})
				session := r.client(t, transport, version, nil)
				for i := range 4 {
					result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "echo", Arguments: map[string]any{}})
					if err != nil {
						t.Fatal(err)
					}
					text, err := json.Marshal(result)
					if err != nil {
						t.Fatal(err)
					}
					if limited := strings.Contains(string(text), `RATE_LIMITED`) && strings.Contains(string(text), "Call again in 1m"); limited != (i >= 2) {
						t.Errorf("call %d: %s", i, text)
					}
				}
				if came.Load() != 2 {
					t.Errorf("%d calls came through", came.Load())
				}
				if _, err := session.ListTools(t.Context(), nil); err != nil {
					t.Error(err)
				}
				other, err := r.client(t, transport, version, nil).CallTool(t.Context(), &mcp.CallToolParams{Name: "echo", Arguments: map[string]any{}})
				shared := transport == "http" && version == "2026-07-28"
				if err != nil || other.IsError != shared {
					t.Errorf("another session: %v, %s", err, fmt.Sprint(other))
				}
			})
		}
	}
}

// Without sessions a client's connections count together, whatever their ports.
func TestSessionKey(t *testing.T) {
	from := func(peer string) asked {
		a, _ := askedOf(&mcp.CallToolRequest{Params: &mcp.CallToolParamsRaw{}, Extra: &mcp.RequestExtra{Header: http.Header{peerHeader: {peer}}}})
		return a
	}
	if a, b, c := sessionKey(from("192.0.2.7:1")), sessionKey(from("192.0.2.7:2")), sessionKey(from("192.0.2.8:1")); a != b || a == c {
		t.Errorf("%v %v %v", a, b, c)
	}
	if key := sessionKey(from("unix")); key != "unix" {
		t.Errorf("%v", key)
	}
}

// What is read and watched counts with the calls, and is refused by an error of the protocol; what the server
// answers by itself does not count.
func TestLimitResources(t *testing.T) {
	l := NewLimit(0.01, 4)
	came := 0
	handle := l.Middleware(func(context.Context, string, mcp.Request) (mcp.Result, error) {
		came++
		return nil, nil
	})
	uri := "podman://containers"
	for _, req := range []mcp.Request{
		request(1),
		&mcp.ReadResourceRequest{Params: &mcp.ReadResourceParams{URI: uri}},
		&mcp.ListToolsRequest{Params: &mcp.ListToolsParams{}},
		&mcp.SubscribeRequest{Params: &mcp.SubscribeParams{URI: uri}},
		&mcp.SubscriptionsListenRequest{Params: &mcp.SubscriptionsListenParams{}},
		&mcp.SubscriptionsListenRequest{Params: &mcp.SubscriptionsListenParams{Notifications: &mcp.NotificationSubscriptions{ResourceSubscriptions: []string{uri}}}},
	} {
		if _, err := handle(t.Context(), "", req); err != nil {
			t.Errorf("%T: %v", req, err)
		}
	}
	for _, req := range []mcp.Request{
		&mcp.ReadResourceRequest{Params: &mcp.ReadResourceParams{URI: uri}},
		&mcp.SubscribeRequest{Params: &mcp.SubscribeParams{URI: uri}},
	} {
		if _, err := handle(t.Context(), "", req); err == nil || !strings.Contains(err.Error(), "RATE_LIMITED") {
			t.Errorf("%T: %v", req, err)
		}
	}
	if came != 6 {
		t.Errorf("%d came through", came)
	}
}
