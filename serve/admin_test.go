package serve

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/exec"
	"podman-mcp/tools"
)

// answered is an admin listener whose podman answers with err, beside a session
// that called a tool once well and once badly.
func answered(t *testing.T, podman error) *httptest.Server {
	t.Helper()
	host := &tools.Host{Runner: &exec.Runner{Podman: "/no/such/podman"}}
	metrics := NewMetrics(tools.All(), Gauges{
		Processes: func() (int, int) { return 3, 4 },
		Sessions:  func() map[string]int { return map[string]int{"websocket": 2, "http": 1} },
		BytesOut:  func() int64 { return 12345 },
		Kept:      func() int64 { return 678 },
	})
	server := tools.Server(t.Context(), "1.2.3", host, tools.All())
	server.AddReceivingMiddleware(metrics.Middleware)
	there, here := mcp.NewInMemoryTransports()
	if _, err := server.Connect(t.Context(), there, nil); err != nil {
		t.Fatal(err)
	}
	client, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if _, err := client.CallTool(t.Context(), &mcp.CallToolParams{Name: "podman_ps"}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CallTool(t.Context(), &mcp.CallToolParams{Name: "x\ny"}); err == nil {
		t.Fatal("there is no such tool")
	}
	probe := NewProbe(func(context.Context) (string, error) { return "4.3.1", podman })
	probe.once(t.Context())
	admin := httptest.NewServer((&Admin{Version: "1.2.3", Metrics: metrics, Probe: probe, Started: time.Now().Add(-time.Minute)}).Handler())
	t.Cleanup(admin.Close)
	return admin
}

func get(t *testing.T, url, accept string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestHealth(t *testing.T) {
	good, bad := answered(t, nil), answered(t, errors.New("the machine is off"))
	tests := []struct {
		server *httptest.Server
		path   string
		status int
		want   []string
	}{
		{good, "/health", 200, []string{`"status":"healthy"`, `"version":"1.2.3"`, `"server_name":"podman"`, `"podman_version":"4.3.1"`, `"uptime_seconds":60`, `"timestamp":"2`}},
		{good, "/health/ready", 200, []string{`"healthy"`}},
		{good, "/health/live", 200, []string{`"live"`}},
		{bad, "/health", 503, []string{`"status":"unhealthy"`, `"reason":"the machine is off"`}},
		{bad, "/health/ready", 503, []string{`"unhealthy"`}},
		{bad, "/health/live", 200, []string{`"live"`}},
		{good, "/health/no", 404, nil},
	}
	for _, test := range tests {
		status, body := get(t, test.server.URL+test.path, "*/*")
		if status != test.status {
			t.Errorf("%s: %d, want %d", test.path, status, test.status)
		}
		for _, want := range test.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s: %s is not in %s", test.path, want, body)
			}
		}
	}
}

// Podman that answered a moment ago and does not now is no reason to restart the server.
func TestDegraded(t *testing.T) {
	var err error
	p := NewProbe(func(context.Context) (string, error) { return "5.8.2", err })
	if status, _, _ := p.Status(); status != Unhealthy {
		t.Errorf("before the first answer: %s", status)
	}
	p.once(t.Context())
	err = errors.New("locked")
	p.once(t.Context())
	if status, version, reason := p.Status(); status != Degraded || version != "5.8.2" || reason != "locked" {
		t.Errorf("%s, %s, %s", status, version, reason)
	}
	p.good = time.Now().Add(-2 * probePatient)
	if status, _, _ := p.Status(); status != Unhealthy {
		t.Errorf("for two minutes: %s", status)
	}
}

// A hanging podman holds the probe for two seconds and a health check not at all.
func TestProbeHangs(t *testing.T) {
	p := NewProbe(func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	p.once(ctx)
	if status, _, reason := p.Status(); status != Unhealthy || reason == "" {
		t.Errorf("%s: %s", status, reason)
	}
}

func TestMetrics(t *testing.T) {
	server := answered(t, nil)
	_, body := get(t, server.URL+"/metrics", "*/*")
	var m metricsReply
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatal(err)
	}
	// initialize, a call that fails, a call of no tool
	if m.TotalRequests != 3 || m.TotalErrors != 2 || m.ActiveSessions != 3 || m.RegisteredTools != len(tools.All()) || m.ServerName != "podman" || m.Version != "1.2.3" {
		t.Errorf("%+v", m)
	}
	for _, ask := range [][2]string{{"", "text/plain"}, {"", "application/openmetrics-text; version=1.0.0"}, {"?format=prometheus", "*/*"}} {
		_, body := get(t, server.URL+"/metrics"+ask[0], ask[1])
		for _, want := range []string{
			`podman_mcp_tool_calls_total{tool="podman_ps"} 1`,
			`podman_mcp_tool_calls_total{tool="unknown"} 1`,
			`podman_mcp_tool_errors_total{code="PODMAN_NOT_CONNECTED",tool="podman_ps"} 1`,
			`podman_mcp_tool_duration_seconds_count{tool="podman_ps"} 1`,
			`podman_mcp_podman_processes{state="queued"} 4`,
			`podman_mcp_sessions{transport="websocket"} 2`,
			`podman_mcp_sent_bytes_total 12345`, `podman_mcp_kept_answers_total 678`, `go_goroutines`,
		} {
			if !strings.Contains(body, want) {
				t.Errorf("%v: %s is not in\n%s", ask, want, body)
			}
		}
	}
}
