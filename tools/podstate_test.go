package tools

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"podman-mcp/exec"
)

// TestFinish: what was not begun when the caller gave up is not begun any
// more, although what was begun is not ended.
func TestFinish(t *testing.T) {
	gone := errors.New("the caller is gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	c := &Call{Host: &Host{Runner: &exec.Runner{Podman: filepath.Join(t.TempDir(), "podman")}}}
	if _, err := c.finish(ctx, exec.Podman("pod", "stop").Operand("shop")); !errors.Is(err, gone) {
		t.Errorf("got %v, want %v: podman was looked for", err, gone)
	}
}
