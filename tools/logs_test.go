package tools

import (
	"testing"

	"podman-mcp/exec"
)

// What grep and the result see of a line with its time.
func TestStampedLine(t *testing.T) {
	const begin, later = "2026-11-22T12:00:01.000000000Z ", "2026-11-22T12:00:02.000000000Z "
	line := exec.Line{Text: []byte(begin + "first half" + later + ", second half")}
	text, body := LogsParams{Timestamps: true}.line(line)
	if body != "first half, second half" || text != begin+body {
		t.Errorf("got %q, %q", text, body)
	}
	if text, body := (LogsParams{}).line(line); text != body {
		t.Errorf("without times: %q, %q", text, body)
	}
}
