package serve

import (
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/tools"
)

// Gauges are what a metric reads at the moment it is asked for.
type Gauges struct {
	Processes func() (running, queued int) // of podman
	Sessions  func() map[string]int        // by transport
	BytesOut  func() int64                 // sent to clients, all told
	Kept      func() int64                 // answers that were given without podman
}

// Metrics counts requests. Its Middleware sees them.
type Metrics struct {
	requests, errors atomic.Int64
	tools            map[string]bool
	gauges           Gauges
	started          time.Time

	mu    sync.Mutex
	calls map[string]*tally // by tool
}

// tally is what is known of one tool's calls.
type tally struct {
	took     []int64 // how many took at most each bound of time, and more than the one before
	seconds  float64 // all told
	failures map[string]int64
}

// bounds of the time that a call takes, in seconds.
var bounds = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800}

// NewMetrics counts for the given tools.
func NewMetrics(list []tools.Tool, gauges Gauges) *Metrics {
	m := &Metrics{tools: map[string]bool{}, gauges: gauges, started: time.Now(), calls: map[string]*tally{}}
	for _, t := range list {
		m.tools[t.Name] = true
	}
	return m
}

// Middleware counts what comes in and how it ends.
func (m *Metrics) Middleware(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		begin := time.Now()
		result, err := next(ctx, method, req)
		if strings.HasPrefix(method, "notifications/") {
			return result, err
		}
		m.requests.Add(1)
		code := ""
		if err != nil {
			code = "protocol"
		}
		if call, ok := req.(*mcp.CallToolRequest); ok {
			if r, ok := result.(*mcp.CallToolResult); ok && r != nil && r.IsError {
				code = string(tools.Code(r))
			}
			m.called(call.Params.Name, code, time.Since(begin))
		}
		if code != "" {
			m.errors.Add(1)
		}
		return result, err
	}
}

func (m *Metrics) called(tool, code string, took time.Duration) {
	if !m.tools[tool] {
		tool = "unknown" // a client's words make no new series
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.calls[tool]
	if t == nil {
		t = &tally{took: make([]int64, len(bounds)+1), failures: map[string]int64{}}
		m.calls[tool] = t
	}
	at, _ := slices.BinarySearch(bounds, took.Seconds())
	t.took[at]++
	t.seconds += took.Seconds()
	if code != "" {
		t.failures[code]++
	}
}

// text serves the format of Prometheus.
func (m *Metrics) text() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		page := &exposition{}
		m.toolCalls(page)
		m.gauges.write(page)
		page.process(m.started)
		w.Header().Set("Content-Type", expositionType)
		// A client that is gone has nobody to tell.
		_, _ = io.WriteString(w, page.String())
	})
}

func (m *Metrics) toolCalls(page *exposition) {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := slices.Sorted(maps.Keys(m.calls))
	page.family("podman_mcp_tool_calls_total", "counter", "Calls of each tool.")
	for _, tool := range names {
		calls := int64(0)
		for _, n := range m.calls[tool].took {
			calls += n
		}
		page.value("podman_mcp_tool_calls_total", float64(calls), "tool", tool)
	}
	page.family("podman_mcp_tool_errors_total", "counter", "Failed calls of each tool, by error code.")
	for _, tool := range names {
		failures := m.calls[tool].failures
		for _, code := range slices.Sorted(maps.Keys(failures)) {
			page.value("podman_mcp_tool_errors_total", float64(failures[code]), "code", code, "tool", tool)
		}
	}
	page.family("podman_mcp_tool_duration_seconds", "histogram", "How long calls of each tool took.")
	for _, tool := range names {
		t := m.calls[tool]
		page.histogram("podman_mcp_tool_duration_seconds", bounds, t.took, t.seconds, "tool", tool)
	}
}

func (g Gauges) write(page *exposition) {
	running, queued := g.Processes()
	page.family("podman_mcp_podman_processes", "gauge", "Podman processes that run or wait for their turn.")
	page.value("podman_mcp_podman_processes", float64(running), "state", "running")
	page.value("podman_mcp_podman_processes", float64(queued), "state", "queued")
	page.family("podman_mcp_sessions", "gauge", "Open sessions by transport.")
	sessions := g.Sessions()
	for _, transport := range slices.Sorted(maps.Keys(sessions)) {
		page.value("podman_mcp_sessions", float64(sessions[transport]), "transport", transport)
	}
	page.single("podman_mcp_kept_answers_total", "counter", "Answers that could not have changed and were given without podman.", float64(g.Kept()))
	page.single("podman_mcp_sent_bytes_total", "counter", "Bytes sent to clients.", float64(g.BytesOut()))
}
