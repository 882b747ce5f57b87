package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"
)

// auditLines reads what was written, a record a line.
func auditLines(t *testing.T, text []byte) (lines []audited) {
	t.Helper()
	for line := range bytes.Lines(text) {
		var a audited
		if err := json.Unmarshal(line, &a); err != nil || line[len(line)-1] != '\n' {
			t.Fatalf("%v: %q is no line", err, line)
		}
		lines = append(lines, a)
	}
	return lines
}

// halves writes each text in two parts, between which others may come.
type halves struct{ bytes.Buffer }

func (h *halves) Write(p []byte) (int, error) {
	n, _ := h.Buffer.Write(p[:len(p)/2])
	runtime.Gosched()
	m, _ := h.Buffer.Write(p[len(p)/2:])
	return n + m, nil
}

func request(n int) *mcp.CallToolRequest {
	return &mcp.CallToolRequest{Params: &mcp.CallToolParamsRaw{Name: "podman_ps", Arguments: json.RawMessage(fmt.Sprintf(`{"limit":%d}`, n))}}
}

// Of 200 calls at once each has a line, and none runs into another.
func TestAuditTogether(t *testing.T) {
	out := &halves{}
	a := &Audit{local: "stdio", out: out}
	handle := a.Middleware(func(context.Context, string, mcp.Request) (mcp.Result, error) { return said("x"), nil })
	var all sync.WaitGroup
	for n := range 200 {
		all.Go(func() {
			if _, err := handle(t.Context(), "tools/call", request(n)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, line := range auditLines(t, out.Bytes()) {
		seen[fmt.Sprint(line.Arguments)] = true
	}
	if len(seen) != 200 {
		t.Errorf("%d calls are written down", len(seen))
	}
}

// full takes so many bytes of each text and then has no place.
type full struct {
	bytes.Buffer
	room int
}

func (f *full) Write(p []byte) (int, error) {
	if f.room < len(p) {
		n, _ := f.Buffer.Write(p[:f.room])
		return n, errors.New("no space left on device")
	}
	return f.Buffer.Write(p)
}

// Where the disk is full, calls go on and the log says so once; the line that
// was cut does not spoil the next one.
func TestAuditFull(t *testing.T) {
	var log bytes.Buffer
	out := &full{room: 10}
	a := &Audit{local: "stdio", out: out, log: zerolog.New(&log)}
	handle := a.Middleware(func(context.Context, string, mcp.Request) (mcp.Result, error) { return said("x"), nil })
	call := func() {
		t.Helper()
		if r, err := handle(t.Context(), "tools/call", request(1)); err != nil || r.(*mcp.CallToolResult).IsError {
			t.Errorf("the call got %v, %v", r, err)
		}
	}
	call()
	call()
	out.room = 1 << 20
	call()
	if got := strings.Count(log.String(), "audit log"); got != 1 {
		t.Errorf("told %d times: %s", got, log.String())
	}
	written := out.String()
	last := written[strings.LastIndex(strings.TrimSuffix(written, "\n"), "\n")+1:]
	if got := auditLines(t, []byte(last)); len(got) != 1 || got[0].Tool != "podman_ps" {
		t.Errorf("written %q", written)
	}
	out.room = 0
	call()
	if got := strings.Count(log.String(), "audit log"); got != 2 {
		t.Errorf("a new trouble is told %d times in all", got)
	}
}

// Who calls is told by transport, with the address and what the client calls
// itself.
func TestAuditWho(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	a, done, err := OpenAudit(path, "stdio", zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	r := start(t, func(n *Network) { n.MCP.AddReceivingMiddleware(a.Middleware) })
	var want []string
	for _, transport := range []string{"http", "websocket"} {
		for _, version := range []string{"2025-11-25", "2026-07-28"} {
			session := r.client(t, transport, version, nil)
			if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "headers", Arguments: map[string]any{}}); err != nil {
				t.Fatal(err)
			}
			want = append(want, transport)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := auditLines(t, text)
	if len(lines) != len(want) {
		t.Fatalf("written\n%s", text)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line.Who.Peer, "127.0.0.1:") {
			t.Errorf("peer %+v", line.Who)
		}
		if line.Who.Transport != want[i] || line.Who.Client != "test" || line.Who.Version != "1" {
			t.Errorf("got %+v, want %s", line.Who, want[i])
		}
	}
	if lines[0].Who.Session == "" {
		t.Errorf("no session in %+v", lines[0].Who)
	}
}

// The peer's header is the server's own.
func TestNamed(t *testing.T) {
	for remote, want := range map[string]string{"192.0.2.7:99": "192.0.2.7:99", "[2001:db8::1]:9": "[2001:db8::1]:9", "@": "unix", "": "unix"} {
		r := httptest.NewRequest(http.MethodPost, "/mcp", nil)
		r.RemoteAddr = remote
		r.Header.Set(peerHeader, "203.0.113.1:1")
		named(r)
		if got := r.Header.Values(peerHeader); len(got) != 1 || got[0] != want {
			t.Errorf("%q is named %q", remote, got)
		}
	}
}

// Resources that are read or watched are written down too, by MCP's name of the method.
func TestAuditResources(t *testing.T) {
	var out bytes.Buffer
	a := &Audit{local: "stdio", out: &out, log: zerolog.Nop()}
	answer := error(nil)
	handle := a.Middleware(func(context.Context, string, mcp.Request) (mcp.Result, error) {
		return &mcp.ReadResourceResult{}, answer
	})
	uri := "podman://container/web/logs"
	for _, req := range []mcp.Request{
		&mcp.ReadResourceRequest{Params: &mcp.ReadResourceParams{URI: uri}},
		&mcp.SubscribeRequest{Params: &mcp.SubscribeParams{URI: uri}},
		&mcp.ListResourcesRequest{Params: &mcp.ListResourcesParams{}},
		&mcp.SubscriptionsListenRequest{Params: &mcp.SubscriptionsListenParams{Notifications: &mcp.NotificationSubscriptions{ResourceSubscriptions: []string{uri}}}},
	} {
		if _, err := handle(t.Context(), "", req); err != nil {
			t.Fatal(err)
		}
	}
	answer = errors.New("there is no such resource")
	if _, err := handle(t.Context(), "", &mcp.ReadResourceRequest{Params: &mcp.ReadResourceParams{URI: uri}}); !errors.Is(err, answer) {
		t.Fatal(err)
	}
	var got []string
	for _, line := range auditLines(t, out.Bytes()) {
		arguments, err := json.Marshal(line.Arguments)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(line.Tool, " ", string(arguments), " ", line.Decision, " ", line.Code))
	}
	want := []string{
		`resources/read {"uris":["podman://container/web/logs"]} allowed `,
		`resources/subscribe {"uris":["podman://container/web/logs"]} allowed `,
		`subscriptions/listen {"uris":["podman://container/web/logs"]} allowed `,
		`resources/read {"uris":["podman://container/web/logs"]} denied protocol`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("written\n%s", strings.Join(got, "\n"))
	}
}
