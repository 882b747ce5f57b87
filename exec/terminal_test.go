//go:build unix

package exec_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"podman-mcp/exec"
)

// watch is Terminal in the shape of Run: what is shown becomes the output.
func watch(r *exec.Runner) func(context.Context, exec.Argv) (exec.Result, error) {
	return func(ctx context.Context, argv exec.Argv) (exec.Result, error) {
		var shown []byte
		result, err := r.Terminal(ctx, argv, func(p []byte) { shown = append(shown, p...) })
		result.Stdout = shown
		return result, err
	}
}

func TestTerminalKeepsTheOutputClean(t *testing.T) {
	result, err := standInRunner().Terminal(t.Context(), steps("err=1", "out=id", "err=2"), func([]byte) {})
	if err != nil || string(result.Stdout) != "id" || result.Stderr != "12" {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestTerminalFails(t *testing.T) {
	d := <-start(t.Context(), watch(standInRunner()), steps("err=Error: gone", "exit=125"))
	var run *exec.RunError
	if !errors.As(d.err, &run) || run.Code != 125 || run.Stderr != "Error: gone" || d.Stderr != run.Stderr || string(d.Stdout) != run.Stderr {
		t.Errorf("%+v, %v", d.Result, d.err)
	}
	d = <-start(t.Context(), watch(&exec.Runner{Podman: "/no/such/podman"}), steps())
	if !errors.Is(d.err, exec.ErrNotFound) {
		t.Error(d.err)
	}
}

func TestTerminalCancelled(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"term-is-0", "ignore-term"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			g := newGate(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			answer := start(ctx, watch(standInRunner()), steps("err=so far", how, "child", "ignore-term", g.hold(), "back", g.hold()))
			one, two := g.next(), g.next()
			cancel(errAsked)
			asked := time.Now()
			d := <-answer
			within(t, prompt, asked, d)
			if !errors.Is(d.err, errAsked) || string(d.Stdout) != "so far" {
				t.Errorf("%+v, %v", d.Result, d.err)
			}
			one.gone(time.Second)
			two.gone(time.Second)
		})
	}
}

func TestAGrandchildHoldsTheTerminal(t *testing.T) {
	t.Parallel()
	for name, does := range map[string]string{"silent": "out=", "talking": "chatter"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			answer := start(ctx, watch(standInRunner()), steps("setsid", g.visit(), does, g.hold(), "back", "err=shown", g.hold()))
			g.next()
			g.next()
			cancel(errAsked)
			asked := time.Now()
			d := <-answer
			within(t, prompt, asked, d)
			if !errors.Is(d.err, errAsked) || string(d.Stdout) != "shown" {
				t.Errorf("%+v, %v", d.Result, d.err)
			}
		})
	}
}

func TestAPanicInShowIsTheCallers(t *testing.T) {
	t.Parallel()
	g, r := newGate(t), standInRunner()
	for i := range 7 {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is lost")
				}
			}()
			_, _ = r.Terminal(t.Context(), steps(onTerm(i), g.visit(), "err=x", "stay"), func([]byte) { panic("show") })
		}()
		if g.next().here() {
			t.Error("it is still there")
		}
	}
}

func TestTerminalBoundsStdout(t *testing.T) {
	result, err := standInRunner().Terminal(t.Context(), steps("out-bytes=33554433"), func([]byte) {})
	if !errors.Is(err, exec.ErrOutputTooLong) || len(result.Stdout) != 32<<20 {
		t.Errorf("%d bytes, %v", len(result.Stdout), err)
	}
}
