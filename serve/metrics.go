package serve

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"podman-mcp/tools"
)

// Gauges are what a metric reads at the moment it is asked for.
type Gauges struct {
	Processes func() (running, queued int) // of podman
	Sessions  func() map[string]int        // by transport
	BytesOut  func() int64                 // sent to clients, all told
}

// Metrics counts requests. Its Middleware sees them.
type Metrics struct {
	requests, errors atomic.Int64
	tools            map[string]bool
	gauges           Gauges

	registry *prometheus.Registry
	calls    *prometheus.CounterVec
	failures *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// NewMetrics counts for the given tools.
func NewMetrics(list []tools.Tool, gauges Gauges) *Metrics {
	m := &Metrics{
		tools: map[string]bool{}, gauges: gauges,
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "podman_mcp", Name: "tool_calls_total",
			Help: "Calls of each tool."}, []string{"tool"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "podman_mcp", Name: "tool_errors_total",
			Help: "Failed calls of each tool, by error code."}, []string{"tool", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "podman_mcp", Name: "tool_duration_seconds",
			Help: "How long calls of each tool took.", Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800}}, []string{"tool"}),
	}
	for _, t := range list {
		m.tools[t.Name] = true
	}
	m.registry.MustRegister(m.calls, m.failures, m.seconds, gaugeCollector{gauges},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
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
	m.calls.WithLabelValues(tool).Inc()
	m.seconds.WithLabelValues(tool).Observe(took.Seconds())
	if code != "" {
		m.failures.WithLabelValues(tool, code).Inc()
	}
}

// text serves the Prometheus and OpenMetrics formats.
func (m *Metrics) text() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// gaugeCollector reads the gauges when a scraper asks.
type gaugeCollector struct{ Gauges }

var (
	processesDesc = prometheus.NewDesc("podman_mcp_podman_processes", "Podman processes that run or wait for their turn.", []string{"state"}, nil)
	sessionsDesc  = prometheus.NewDesc("podman_mcp_sessions", "Open sessions by transport.", []string{"transport"}, nil)
	bytesDesc     = prometheus.NewDesc("podman_mcp_sent_bytes_total", "Bytes sent to clients.", nil, nil)
)

// Describe implements prometheus.Collector.
func (gaugeCollector) Describe(to chan<- *prometheus.Desc) {
	to <- processesDesc
	to <- sessionsDesc
	to <- bytesDesc
}

// Collect implements prometheus.Collector.
func (g gaugeCollector) Collect(to chan<- prometheus.Metric) {
	running, queued := g.Processes()
	to <- prometheus.MustNewConstMetric(processesDesc, prometheus.GaugeValue, float64(running), "running")
	to <- prometheus.MustNewConstMetric(processesDesc, prometheus.GaugeValue, float64(queued), "queued")
	for transport, n := range g.Sessions() {
		to <- prometheus.MustNewConstMetric(sessionsDesc, prometheus.GaugeValue, float64(n), transport)
	}
	to <- prometheus.MustNewConstMetric(bytesDesc, prometheus.CounterValue, float64(g.BytesOut()))
}
