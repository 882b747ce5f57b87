package tools

import (
	"strings"
	"testing"
	"time"

	"podman-mcp/exec"
	"podman-mcp/fixtures"
)

// printed is what a container has printed.
type printed struct{ name, log string }

// logsOf plays what podman logs prints of each container.
func logsOf(t *testing.T, in PodLogsParams, members ...printed) PodLogsResult {
	t.Helper()
	grep, err := grepOf("grep", in.Grep)
	if err != nil {
		t.Fatal(err)
	}
	var logs []*memberLog
	for _, m := range members {
		r := &fixtures.Recording{Call: fixtures.Call{Tool: "podman_pod_logs"}, Processes: []fixtures.Process{{
			Argv: []string{"podman", "logs"}, Stdout: m.log}}}
		stage, err := fixtures.NewStage(t.TempDir(), r, fixtures.Play)
		if err != nil {
			t.Fatal(err)
		}
		c := &Call{Host: &Host{Runner: &exec.Runner{Podman: stage.Program("podman")}}}
		log, err := c.readMember(t.Context(), exec.Podman("logs"), in, grep, m.name)
		if err != nil {
			t.Fatal(err)
		}
		logs = append(logs, log)
	}
	return in.result(in.merged(logs), true)
}

const at = "2026-01-01T00:00:0" // and a second, then a fraction

func TestPodLogsOrder(t *testing.T) {
	b := printed{"b", at + "2.000000000Z b two\n" + at + "1.500000000Z b, after its clock was set back\n"}
	a := printed{"a", at + "1.000000000Z a one\n" + at + "3.000000000Z a thr" + at + "3.100000000Z ee, in two pieces\n" +
		"what has no time is as old as the line before\n" + at + "4.000000000+00:00 the last\n"}
	got := logsOf(t, PodLogsParams{Tail: 100, MaxBytes: 10240}, b, a, printed{"silent", ""})
	want := "a a one\nb b two\nb b, after its clock was set back\na a three, in two pieces\n" +
		"a what has no time is as old as the line before\na the last"
	if got.Output != want || got.Lines != 6 || got.Total != 6 || got.Truncated {
		t.Errorf("got %+v\nwant %s", got, want)
	}
	if got := logsOf(t, PodLogsParams{Tail: 1, MaxBytes: 10240, Timestamps: true, Grep: "^a o|^b"}, a, b); got.Output != "b "+at+"2.000000000Z b, after its clock was set back" ||
		got.Total != 3 || !got.Truncated || got.Note == "" {
		t.Errorf("with grep: %+v", got)
	}
	if got := logsOf(t, PodLogsParams{Tail: 0, MaxBytes: 256}, a, b); got.Output != "" || got.Lines != 0 || got.Total != 6 {
		t.Errorf("none: %+v", got)
	}
	if got := logsOf(t, PodLogsParams{Tail: 9, MaxBytes: 256}); got.Note != "no lines" || got.Truncated {
		t.Errorf("of nothing: %+v", got)
	}
}

// TestPodLogsBounds: however much a container prints, and whatever its name, the
// answer stays within its bounds and the newest line of each is there.
func TestPodLogsBounds(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		b.WriteString(time.Unix(int64(i), 0).UTC().Format(logTime) + " " + strings.Repeat("x", i%300) + "\n")
	}
	last := time.Unix(3000, 0).UTC().Format(logTime) + " the last word\n"
	got := logsOf(t, PodLogsParams{Tail: 1000, MaxBytes: 1000}, printed{"quiet", last}, printed{"loud", b.String()})
	if len(got.Output) > 1000 || got.Total != 3001 || !got.Truncated || !strings.HasSuffix(got.Output, "\nquiet the last word") || !strings.HasPrefix(got.Output, "loud x") {
		t.Errorf("%d bytes of %d lines: %+v", len(got.Output), got.Total, got)
	}
	long := logsOf(t, PodLogsParams{Tail: 5, MaxBytes: 256, Timestamps: true}, printed{"c", at + "1.000000000+05:00 " + strings.Repeat("y", 5000) + "end\n"})
	if len(long.Output) > 256 || !strings.HasPrefix(long.Output, "c "+at+"1.000000000+05:00 yyy") || !strings.HasSuffix(long.Output, "end") || !long.Truncated {
		t.Errorf("a long line: %+v", long)
	}
	name := strings.Repeat("n", 400)
	if got := logsOf(t, PodLogsParams{Tail: 5, MaxBytes: 256}, printed{name, at + "1.000000000Z text\n"}); len(got.Output) > 256 {
		t.Errorf("a long name: %+v", got)
	}
}
