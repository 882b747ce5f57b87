//go:build unix

package exec_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"podman-mcp/exec"
)

// The count is the process's own number: it tells which run an answer is from.
func TestNoAnswerIsOlderThanItsQuestion(t *testing.T) {
	g, r, file := newGate(t), standInRunner(), filepath.Join(t.TempDir(), "count")
	argv := steps("count="+file, g.hold())

	first := start(t.Context(), r.Read, argv)
	one := g.next()
	var answers []<-chan done
	for range 19 {
		answers = append(answers, start(t.Context(), r.Read, argv))
	}
	eventually(t, "19 wait", func() bool { return r.Waiting() == 19 })
	one.goOn()
	g.next().goOn()
	if d := <-first; string(d.Stdout) != "1" || d.err != nil {
		t.Errorf("the first: %q, %v", d.Stdout, d.err)
	}
	for _, answer := range answers {
		if d := <-answer; string(d.Stdout) != "2" || d.err != nil {
			t.Errorf("one that came later: %q, %v", d.Stdout, d.err)
		}
	}
	third := start(t.Context(), r.Read, argv)
	g.next().goOn()
	if d := <-third; string(d.Stdout) != "3" {
		t.Errorf("an old answer: %q", d.Stdout)
	}
}

func TestTwentyAtOnceCostTwo(t *testing.T) {
	for range 10 {
		r, file := standInRunner(), filepath.Join(t.TempDir(), "count")
		var answers []<-chan done
		for range 20 {
			answers = append(answers, start(t.Context(), r.Read, steps("count="+file)))
		}
		for _, answer := range answers {
			if d := <-answer; d.err != nil {
				t.Error(d.err)
			}
		}
		// Some may have asked only after the first had been answered.
		if n := ran(t, file); n > 3 {
			t.Errorf("%d processes", n)
		}
	}
}

func TestAReaderLeavesAlone(t *testing.T) {
	g, r := newGate(t), standInRunner()
	argv := steps(g.hold(), "out=whole")
	stays := start(t.Context(), r.Read, argv)
	v := g.next()

	// Of those that wait for the next run, one leaves, and one stays.
	ctx, cancel := context.WithCancelCause(t.Context())
	leaves := start(ctx, r.Read, argv)
	alsoStays := start(t.Context(), r.Read, argv)
	eventually(t, "both wait", func() bool { return r.Waiting() == 2 })
	cancel(errAsked)
	if d := <-leaves; !errors.Is(d.err, errAsked) {
		t.Error(d.err)
	}
	v.goOn()
	if d := <-stays; d.err != nil || string(d.Stdout) != "whole" {
		t.Errorf("%q, %v", d.Stdout, d.err)
	}
	g.next().goOn()
	if d := <-alsoStays; d.err != nil || string(d.Stdout) != "whole" {
		t.Errorf("%q, %v", d.Stdout, d.err)
	}
}

func TestTheFirstReaderLeavesARunToTheOthers(t *testing.T) {
	g, r := newGate(t), standInRunner()
	for range 8 { // so that it queues, and others can join it
		start(t.Context(), r.Run, steps(g.hold()))
	}
	full := g.next()
	for range 7 {
		g.next()
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	leaves := start(ctx, r.Read, steps("out=whole"))
	eventually(t, "it waits", func() bool { return r.Waiting() == 1 })
	stays := start(t.Context(), r.Read, steps("out=whole"))
	eventually(t, "both wait", func() bool { return r.Waiting() == 2 })
	cancel(errAsked)
	<-leaves
	full.goOn()
	if d := <-stays; d.err != nil || string(d.Stdout) != "whole" {
		t.Errorf("%q, %v", d.Stdout, d.err)
	}
}

func TestTheLastReaderEndsTheRun(t *testing.T) {
	t.Parallel()
	g, r := newGate(t), standInRunner()
	ctx, cancel := context.WithCancelCause(t.Context())
	answer := start(ctx, r.Read, steps("ignore-term", g.hold()))
	v := g.next()
	cancel(errAsked)
	if d := <-answer; !errors.Is(d.err, errAsked) || d.Code != -1 {
		t.Error(d.err)
	}
	if v.here() {
		t.Error("answered before the process has ended")
	}

	// And nobody joins a run that its last reader gave up before it began.
	busy := start(t.Context(), r.Read, steps(g.hold(), "out=whole"))
	v = g.next()
	ctx, cancel = context.WithCancelCause(t.Context())
	answer = start(ctx, r.Read, steps(g.hold(), "out=whole"))
	eventually(t, "it waits", func() bool { return r.Waiting() == 1 })
	cancel(errAsked)
	<-answer
	if n := r.Waiting(); n != 0 {
		t.Errorf("%d wait", n)
	}
	late := start(t.Context(), r.Read, steps(g.hold(), "out=whole"))
	eventually(t, "it waits", func() bool { return r.Waiting() == 1 })
	v.goOn()
	g.next().goOn()
	for _, answer := range []<-chan done{busy, late} {
		if d := <-answer; d.err != nil || string(d.Stdout) != "whole" {
			t.Errorf("%q, %v", d.Stdout, d.err)
		}
	}
}

func TestDifferentReadsAreNotMerged(t *testing.T) {
	g, r := newGate(t), standInRunner()
	hold := g.hold()
	different := []exec.Argv{
		steps(hold),
		steps(hold, ""),
		exec.Podman("play").Operand(hold),
		steps(hold).In("/"),
		steps(hold).Environ("A=1"),
		steps(hold).Env("A=1"),
		steps(hold).Env("A=2"),
		steps(hold).Pulls(),
	}
	answers := []<-chan done{}
	for _, argv := range different {
		answers = append(answers, start(t.Context(), r.Read, argv))
	}
	var all []*visitor
	for range answers {
		all = append(all, g.next()) // all at once
	}
	for _, v := range all {
		v.goOn()
	}
	for _, answer := range answers {
		<-answer
	}
}

func TestAFailureIsShared(t *testing.T) {
	g, r := newGate(t), standInRunner()
	argv := steps(g.hold(), "err=Error: gone", "exit=125")
	first := start(t.Context(), r.Read, argv)
	v := g.next()
	second, third := start(t.Context(), r.Read, argv), start(t.Context(), r.Read, argv)
	eventually(t, "both wait", func() bool { return r.Waiting() == 2 })
	v.goOn()
	g.next().goOn()
	for _, answer := range []<-chan done{first, second, third} {
		d := <-answer
		var run *exec.RunError
		if !errors.As(d.err, &run) || run.Code != 125 || run.Stderr != "Error: gone" {
			t.Error(d.err)
		}
	}
}

// Appending to a shared answer must not write into another reader's.
func TestAnswersCanBeLengthened(t *testing.T) {
	result, err := standInRunner().Read(t.Context(), steps("out=whole"))
	if err != nil || len(result.Stdout) != cap(result.Stdout) {
		t.Errorf("%d of %d, %v", len(result.Stdout), cap(result.Stdout), err)
	}
}

// A panic belongs to a caller, who may recover it: on a goroutine of ours it
// would end the server.
func TestAPanicIsTheReadersOwn(t *testing.T) {
	r := standInRunner()
	r.Log = zerolog.New(io.Discard)
	r.Mask = func([]string) []string { panic("mask") }
	for range 9 { // and it keeps no slot
		func() {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.HasPrefix(p, "mask") {
					t.Errorf("no panic: %s", p)
				}
			}()
			_, _ = r.Read(t.Context(), steps())
		}()
	}
	r.Mask = nil
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := r.Read(ctx, steps()); err != nil {
		t.Error(err)
	}
}
