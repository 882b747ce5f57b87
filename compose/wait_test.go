package compose

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

func starting(row string) string {
	return strings.Replace(row, `"Status":""`, `"Status":"Up 3 seconds (starting)"`, 1)
}

func withoutSystemd(t *testing.T) {
	t.Helper()
	before := booted
	booted = func() bool { return false }
	t.Cleanup(func() { booted = before })
	if u := (&upping{r: &exec.Runner{}}); !u.unwatched() {
		t.Skip("podman is on another machine")
	}
}

func TestNoteOfHealthThatNobodyChecks(t *testing.T) {
	withoutSystemd(t)
	f, dir := shopFake(t, says103)
	f.says("podman.ps.after", ps(starting(row("shop", "db", "shop_db_1", "running", 0, "")), row("shop", "web", "shop_web_1", "running", 0, "")))
	out, err := Up(t.Context(), f.runner(), Auto, UpOptions{File: dir, Detach: true}, quiet)
	if err != nil || !strings.Contains(out.Note, "Still starting: shop_db_1. Health checks do not run by themselves") {
		t.Errorf("%q, %v", out.Note, err)
	}
	booted = func() bool { return true }
	if out, err = Up(t.Context(), f.runner(), Auto, UpOptions{File: dir, Detach: true}, quiet); err != nil || out.Note != "" && strings.Contains(out.Note, "Still starting") {
		t.Errorf("%q, %v", out.Note, err)
	}
}

func TestWaitTellsAndEnds(t *testing.T) {
	withoutSystemd(t)
	f, dir := shopFake(t, says103)
	f.says("podman.ps.after", ps(starting(row("shop", "db", "shop_db_1", "running", 0, "")), row("shop", "web", "shop_web_1", "running", 0, "")))
	before := remind
	remind = 0
	defer func() { remind = before }()
	again := func(line string) bool { return strings.HasPrefix(line, "waiting for db, for ") }
	ctx, over := context.WithCancelCause(t.Context())
	defer time.AfterFunc(time.Minute, func() { over(context.DeadlineExceeded) }).Stop()
	var lines []string
	out, err := Up(ctx, f.runner(), Auto, UpOptions{File: dir, Detach: true, Wait: true}, func(line string) {
		if lines = append(lines, line); again(line) {
			over(context.DeadlineExceeded)
		}
	})
	if failure := asFailure(t, err); failure.Code != parse.Timeout || !strings.Contains(failure.Message, "db") || !strings.Contains(out.Note, "Still starting: shop_db_1") {
		t.Errorf("%v, %q", err, out.Note)
	}
	if !slices.Contains(lines, "waiting for db") || !slices.ContainsFunc(lines, again) {
		t.Errorf("told %q", lines)
	}
	if len(f.called("podman healthcheck run")) == 0 {
		t.Error("it ran no check")
	}
	m := loaded(t, request{file: folder(t, "i", "compose.yaml", web+"    healthcheck: {test: x, interval: 5h}\n")})
	if got := (&upping{m: m}).interval("web"); got != often {
		t.Errorf("it checks every %s", got)
	}
}

// What a cancelled call in the foreground made and never started goes.
func TestInterruptedForeground(t *testing.T) {
	f, dir := shopFake(t, says103)
	old, made, runs := row("shop", "old", "shop_old_1", "created", 0, ""), row("shop", "db", "shop_db_1", "created", 0, ""), row("shop", "web", "shop_web_1", "running", 0, "")
	f.says("podman.ps", ps(old, made, runs))
	m := loaded(t, request{file: dir})
	before, err := parse.Containers([]byte(ps(old)))
	if err != nil {
		t.Fatal(err)
	}
	u := &upping{r: f.runner(), m: m, before: before, trace: newTrace(quiet, nil, nil)}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = u.interrupted(ctx, ctx.Err())
	list, _ := parse.Containers([]byte(ps(made, runs)))
	if got, want := f.called("podman rm", "podman stop"), []string{"podman stop --time=2 -- " + list[1].FullID, "podman rm -- " + list[0].FullID}; !slices.Equal(got, want) {
		t.Errorf("ran %q\nwant %q", got, want)
	}
	if failure := asFailure(t, err); !strings.Contains(failure.Hint, "never started: shop_db_1.") {
		t.Errorf("hint %q", failure.Hint)
	}
}
