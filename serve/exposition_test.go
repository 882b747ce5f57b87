package serve

import (
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Prometheus' own parser reads the page, and finds in it what was counted.
func TestExposition(t *testing.T) {
	began := time.Now()
	m := NewMetrics(nil, Gauges{
		Processes: func() (int, int) { return 3, 4 },
		Sessions:  func() map[string]int { return map[string]int{"http": 1, `odd "one"\` + "\n": 2} },
		BytesOut:  func() int64 { return 1 << 40 },
		Kept:      func() int64 { return 7 },
	})
	m.tools["podman_ps"] = true
	for _, took := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 11 * time.Millisecond, time.Hour} {
		m.called("podman_ps", "", took)
	}
	m.called("podman_ps", "TIMEOUT", 30*time.Second)

	page := &exposition{}
	m.toolCalls(page)
	m.gauges.write(page)
	page.process(m.started)
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page.String()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, page)
	}

	h := families["podman_mcp_tool_duration_seconds"].GetMetric()[0].GetHistogram()
	within := map[float64]uint64{}
	for _, b := range h.GetBucket() {
		within[b.GetUpperBound()] = b.GetCumulativeCount()
	}
	if within[.01] != 2 || within[.025] != 3 || within[10] != 3 || within[30] != 4 || within[1800] != 4 || within[math.Inf(1)] != 5 {
		t.Errorf("within %v", within)
	}
	if h.GetSampleCount() != 5 || h.GetSampleSum() < 3630 || h.GetSampleSum() > 3631 {
		t.Errorf("%d calls in %v s", h.GetSampleCount(), h.GetSampleSum())
	}
	sessions := families["podman_mcp_sessions"].GetMetric()
	if len(sessions) != 2 || sessions[1].GetLabel()[0].GetValue() != `odd "one"\`+"\n" {
		t.Errorf("sessions %v", sessions)
	}
	if kept := families["podman_mcp_kept_answers_total"].GetMetric()[0].GetCounter().GetValue(); kept != 7 {
		t.Errorf("%v kept answers", kept)
	}
	if sent := families["podman_mcp_sent_bytes_total"].GetMetric()[0].GetCounter().GetValue(); sent != 1<<40 {
		t.Errorf("sent %v", sent)
	}
	if n := families["go_goroutines"].GetMetric()[0].GetGauge().GetValue(); n < 1 || n > 10000 {
		t.Errorf("%v goroutines", n)
	}
	if at := families["process_start_time_seconds"].GetMetric()[0].GetGauge().GetValue(); math.Abs(at-float64(began.Unix())) > 60 {
		t.Errorf("began at %v", at)
	}
	if runtime.GOOS != "linux" {
		return // the rest is read from /proc
	}
	const opened = 50 // many, for what earlier tests left may close meanwhile
	for range opened {
		file, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
	}
	more := &exposition{}
	more.process(m.started)
	again, err := parser.TextToMetricFamilies(strings.NewReader(more.String()))
	if err != nil {
		t.Fatal(err)
	}
	gauge := func(name string) float64 { return again[name].GetMetric()[0].GetGauge().GetValue() }
	before := families["process_open_fds"].GetMetric()[0].GetGauge().GetValue()
	if more := gauge("process_open_fds") - before; math.Abs(more-opened) > 10 {
		t.Errorf("%v descriptors, and %v more with %d more open", before, more, opened)
	}
	if gauge("process_max_fds") < before || gauge("process_resident_memory_bytes") < 2<<20 || gauge("go_threads") < 1 ||
		gauge("process_virtual_memory_bytes") < gauge("process_resident_memory_bytes") {
		t.Errorf("\n%s", more)
	}
}
