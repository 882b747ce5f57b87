package serve

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Admin answers an operator's questions on a listener of its own:
//
//	GET /health         the state in words, 503 when podman has long not answered
//	GET /health/live    200 while the process answers
//	GET /health/ready   200 when podman answered last, else 503
//	GET /metrics        JSON, or Prometheus text for whoever accepts that
type Admin struct {
	Version string
	Metrics *Metrics
	Probe   *Probe
	Started time.Time
}

type healthReply struct {
	Status        Status `json:"status"`
	Timestamp     string `json:"timestamp"`
	UptimeSeconds int64  `json:"uptime_seconds"`
	Version       string `json:"version"`
	ServerName    string `json:"server_name"`
	PodmanVersion string `json:"podman_version,omitempty"`
	Reason        string `json:"reason,omitempty"`
}

type metricsReply struct {
	UptimeSeconds   int64  `json:"uptime_seconds"`
	TotalRequests   int64  `json:"total_requests"`
	TotalErrors     int64  `json:"total_errors"`
	ActiveSessions  int    `json:"active_sessions"`
	RegisteredTools int    `json:"registered_tools"`
	ServerName      string `json:"server_name"`
	Version         string `json:"version"`
	Timestamp       string `json:"timestamp"`
}

const serverName = "podman"

// Handler routes the questions.
func (a *Admin) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		h := a.health()
		reply(w, map[bool]int{true: http.StatusServiceUnavailable, false: http.StatusOK}[h.Status == Unhealthy], h)
	})
	mux.HandleFunc("GET /health/live", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{"status": "live"})
	})
	mux.HandleFunc("GET /health/ready", func(w http.ResponseWriter, _ *http.Request) {
		h := a.health()
		reply(w, map[bool]int{true: http.StatusOK, false: http.StatusServiceUnavailable}[h.Status == Healthy], h)
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if wantsText(r) {
			a.Metrics.text().ServeHTTP(w, r)
			return
		}
		reply(w, http.StatusOK, a.metrics())
	})
	return mux
}

func (a *Admin) health() healthReply {
	status, podman, reason := a.Probe.Status()
	return healthReply{status, now(), a.uptime(), a.Version, serverName, podman, reason}
}

func (a *Admin) metrics() metricsReply {
	sessions := 0
	for _, n := range a.Metrics.gauges.Sessions() {
		sessions += n
	}
	return metricsReply{a.uptime(), a.Metrics.requests.Load(), a.Metrics.errors.Load(), sessions,
		len(a.Metrics.tools), serverName, a.Version, now()}
}

func (a *Admin) uptime() int64 { return int64(time.Since(a.Started).Seconds()) }

func now() string { return time.Now().UTC().Format(time.RFC3339) }

// wantsText tells a scraper from a person: Prometheus accepts text/plain and
// OpenMetrics, a browser or curl anything.
func wantsText(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return r.URL.Query().Get("format") == "prometheus" ||
		strings.Contains(accept, "text/plain") || strings.Contains(accept, "application/openmetrics-text")
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A client that is gone has nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}
