package tools

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// lines hands on what is logged.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// TestStuck: a call that cannot tidy up is answered all the same, and what it
// does behind its answer harms nobody.
func TestStuck(t *testing.T) {
	release, over := make(chan struct{}), make(chan struct{})
	var told atomic.Int64
	tool := act(Tool{Name: "podman_ps", Title: "x", Timeout: 50 * time.Millisecond, Patience: 100 * time.Millisecond},
		func(ctx context.Context, c *Call, _ PsParams) (PsResult, error) {
			defer close(over)
			c.Progress(ctx, "before", 1, 0)
			<-release
			c.Progress(ctx, "behind", 2, 0)
			panic("behind the answer")
		})
	logged := make(lines, 10)
	host := &Host{Runner: &exec.Runner{}, Log: zerolog.New(logged)}
	progress := func(context.Context, string, float64, float64) { told.Add(1) }
	begin := time.Now()
	_, err := tool.call(t.Context(), &Call{Host: host, Progress: progress}, json.RawMessage(`{}`))
	var f *parse.Failure
	if took := time.Since(begin); !errors.As(err, &f) || f.Code != parse.Timeout || !strings.Contains(f.Hint, "storage") || took > 5*time.Second {
		t.Errorf("after %s: %v", took, err)
	}
	close(release)
	<-over
	if line := <-logged; !strings.Contains(line, "behind the answer") || told.Load() != 1 {
		t.Errorf("told %d times, logged %q", told.Load(), line)
	}
}

// TestTidied: one that can is waited for, and so is one that nobody waits for.
func TestTidied(t *testing.T) {
	late := func(ctx context.Context, c *Call, _ PsParams) (PsResult, error) {
		<-ctx.Done()
		<-time.After(200 * time.Millisecond)
		return PsResult{}, &parse.Failure{Code: parse.Timeout, Message: "it is tidy"}
	}
	host := &Host{Runner: &exec.Runner{}}
	run := func(ctx context.Context, tool Tool) error {
		_, err := tool.call(ctx, &Call{Host: host, Progress: func(context.Context, string, float64, float64) {}}, json.RawMessage(`{}`))
		return err
	}
	if err := run(t.Context(), act(Tool{Timeout: 10 * time.Millisecond, Patience: time.Minute}, late)); !strings.Contains(err.Error(), "tidy") {
		t.Error(err)
	}
	given, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(given, act(Tool{Timeout: time.Minute, Patience: time.Millisecond}, late)); !strings.Contains(err.Error(), "tidy") {
		t.Error(err)
	}
}
