//go:build unix

package exec_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"podman-mcp/exec"
)

// follow is Lines to the end, in the shape of Run.
func follow(r *exec.Runner) func(context.Context, exec.Argv) (exec.Result, error) {
	return func(ctx context.Context, argv exec.Argv) (all exec.Result, err error) {
		for line, failed := range r.Lines(ctx, argv) {
			all.Stdout, err = append(append(all.Stdout, line.Text...), '|'), failed
		}
		return all, err
	}
}

// ran counts the processes that ever ran "count=file".
func ran(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return len(text)
}

func TestEightAtOnce(t *testing.T) {
	g, r, file := newGate(t), standInRunner(), filepath.Join(t.TempDir(), "count")
	var answers []<-chan done
	for range 30 {
		answers = append(answers, start(t.Context(), r.Run, steps("count="+file, g.hold())))
	}
	var inside []*visitor
	for range 8 {
		inside = append(inside, g.next())
	}
	for i := range 30 { // one out, one in
		if n := ran(t, file); n > i+8 {
			t.Fatalf("%d ran at once", n-i)
		}
		inside[0].goOn()
		inside[0].gone(5 * time.Second)
		if inside = inside[1:]; i < 30-8 {
			inside = append(inside, g.next())
		}
	}
	for _, answer := range answers {
		if d := <-answer; d.err != nil {
			t.Error(d.err)
		}
	}
}

func TestTheDeadlineRunsInTheQueue(t *testing.T) {
	g, r, file := newGate(t), standInRunner(), filepath.Join(t.TempDir(), "count")
	for range 8 {
		start(t.Context(), r.Run, steps(g.hold()))
	}
	for range 8 {
		g.next()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	for name, run := range map[string]func(context.Context, exec.Argv) (exec.Result, error){
		"Run": r.Run, "Read": r.Read, "Lines": follow(r),
	} {
		began := time.Now()
		d := <-start(ctx, run, steps("count="+file))
		within(t, time.Second, began, d)
		var run *exec.RunError
		if !errors.Is(d.err, context.DeadlineExceeded) || !errors.As(d.err, &run) || run.Code != -1 {
			t.Errorf("%s: %v", name, d.err)
		}
	}
	if ran(t, file) != 0 {
		t.Error("it ran all the same")
	}
}

func TestFollowersLeaveRoom(t *testing.T) {
	g, r, file := newGate(t), standInRunner(), filepath.Join(t.TempDir(), "count")
	follower := steps("count="+file, g.hold())
	var answers []<-chan done
	for range 6 {
		answers = append(answers, start(t.Context(), follow(r), follower))
	}
	inside := []*visitor{}
	for range 6 {
		inside = append(inside, g.next())
	}
	// Two more followers wait, and hold no place that others could have.
	more := start(t.Context(), follow(r), follower)
	ctx, cancel := context.WithCancelCause(t.Context())
	leaves := start(ctx, follow(r), follower)
	two := []<-chan done{start(t.Context(), r.Run, steps(g.hold())), start(t.Context(), r.Run, steps(g.hold()))}
	one, other := g.next(), g.next()
	if n := ran(t, file); n != 6 {
		t.Errorf("%d follow at once", n)
	}
	one.goOn()
	other.goOn()
	for _, answer := range two {
		if d := <-answer; d.err != nil {
			t.Error(d.err)
		}
	}
	cancel(errAsked)
	if d := <-leaves; !errors.Is(d.err, errAsked) {
		t.Error(d.err)
	}
	inside[0].goOn()
	g.next().goOn() // the seventh
	if d := <-more; d.err != nil {
		t.Error(d.err)
	}
	for _, v := range inside[1:] {
		v.goOn()
	}
	for _, answer := range answers {
		if d := <-answer; d.err != nil {
			t.Error(d.err)
		}
	}
}
