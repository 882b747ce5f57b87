//go:build unix

package exec_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"podman-mcp/exec"
)

// prompt is within which an ended call answers, whatever its process does.
const prompt = 2 * time.Second

var errAsked = errors.New("the caller had enough")

func TestRun(t *testing.T) {
	result, err := standInRunner().Run(t.Context(), steps("out=1\n", "err=2\n", "out=3"))
	if err != nil || string(result.Stdout) != "1\n3" || result.Stderr != "2\n" || result.Code != 0 {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestRunFails(t *testing.T) {
	result, err := standInRunner().Run(t.Context(), steps("out=so far", "err=Error: no such container\n", "exit=125"))
	if string(result.Stdout) != "so far" || result.Code != 125 {
		t.Errorf("%+v", result)
	}
	var run *exec.RunError
	if !errors.As(err, &run) {
		t.Fatal(err)
	}
	if run.Verb != "play" || run.Code != 125 || run.Stderr != "Error: no such container\n" || run.Error() != "play: exit status 125" {
		t.Errorf("%#v: %v", run, run)
	}
	var status *osexec.ExitError
	if !errors.As(err, &status) {
		t.Errorf("%v does not unwrap to an exit status", err)
	}
}

func TestWhatPodmanIsGiven(t *testing.T) {
	r, dir := standInRunner(), t.TempDir()
	r.Globals = []string{"--url=x"}
	result, err := r.Run(t.Context(), exec.Podman("play", "it").Option("o", "1").Operand("tell").In(dir))
	if err != nil {
		t.Fatal(err)
	}
	got := readTold(t, result.Stdout)
	if words := strings.Join(got.Argv, " "); words != "--url=x play it --o=1 -- tell" {
		t.Errorf("argv %s", words)
	}
	if got.Stdin != "" {
		t.Errorf("stdin gave %q", got.Stdin)
	}
	if dir, _ = filepath.EvalSymlinks(dir); got.Dir != dir {
		t.Errorf("ran in %s, not in %s", got.Dir, dir)
	}
}

func TestABadArgumentStartsNothing(t *testing.T) {
	var bad *exec.ArgError
	r, argv := &exec.Runner{Podman: "/no/such/podman"}, exec.Podman("rm").Operand("-af")
	if _, err := r.Run(t.Context(), argv); !errors.As(err, &bad) {
		t.Errorf("Run: %v", err)
	}
	if _, err := r.Read(t.Context(), argv); !errors.As(err, &bad) {
		t.Errorf("Read: %v", err)
	}
	if _, err := r.Terminal(t.Context(), argv, nil); !errors.As(err, &bad) {
		t.Errorf("Terminal: %v", err)
	}
	for _, err := range r.Lines(t.Context(), argv) {
		if !errors.As(err, &bad) {
			t.Errorf("Lines: %v", err)
		}
	}
}

func TestStdoutIsBounded(t *testing.T) {
	result, err := standInRunner().Run(t.Context(), steps("out-bytes=33554432"))
	if err != nil || len(result.Stdout) != 32<<20 {
		t.Errorf("32 MiB: %d bytes, %v", len(result.Stdout), err)
	}
	g := newGate(t)
	began := time.Now()
	result, err = standInRunner().Run(t.Context(), steps(g.visit(), "out-bytes=33554433", g.hold()))
	if !errors.Is(err, exec.ErrOutputTooLong) || len(result.Stdout) != 32<<20 {
		t.Errorf("a byte more: %d bytes, %v", len(result.Stdout), err)
	}
	if g.next().here() {
		t.Error("it goes on")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestStderrKeepsTheLast(t *testing.T) {
	result, err := standInRunner().Run(t.Context(), steps("err-lines=100000", "exit=1"))
	if len(result.Stderr) != 64<<10 || !strings.HasSuffix(result.Stderr, "line 99999\nline 100000\n") {
		t.Errorf("%d bytes, …%q", len(result.Stderr), result.Stderr[max(0, len(result.Stderr)-30):])
	}
	var run *exec.RunError
	if !errors.As(err, &run) || run.Stderr != result.Stderr {
		t.Error("the error tells another story")
	}
}

func TestNotFound(t *testing.T) {
	dir := t.TempDir()
	script := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Chdir(dir)
	t.Setenv("PATH", dir)
	fine := script("fine", "#!/bin/sh\n", 0o700)
	tests := []struct {
		podman string
		in     string
		want   error
	}{
		{"", "", exec.ErrNotFound},
		{"no-such-podman", "", exec.ErrNotFound},
		{"/no/such/podman", "", exec.ErrNotFound},
		{"./no-such-podman", "", exec.ErrNotFound},
		{script("plain", "#!/bin/sh\n", 0o600), "", os.ErrPermission},
		{dir, "", os.ErrPermission},
		{fine, "/no/such/folder", fs.ErrNotExist},
		{script("interpreter", "#!/no/such/sh\n", 0o700), "", fs.ErrNotExist},
		{fine, "", nil},
		{"fine", "", nil},
		{"./fine", "/", nil},
	}
	for _, test := range tests {
		result, err := (&exec.Runner{Podman: test.podman}).Run(t.Context(), exec.Podman("ps").In(test.in))
		var run *exec.RunError
		if !errors.Is(err, test.want) || test.want != nil && (!errors.As(err, &run) || run.Code != -1 || result.Code != -1) {
			t.Errorf("%q in %q: %v, want %v", test.podman, test.in, err, test.want)
		}
		if errors.Is(err, exec.ErrNotFound) != (test.want == exec.ErrNotFound) {
			t.Errorf("%q in %q is found or not: %v", test.podman, test.in, err)
		}
		if test.in == "/no/such/folder" && !strings.Contains(err.Error(), test.in) {
			t.Errorf("it is not said what is missing: %v", err)
		}
	}
	// A podman in the folder that happens to be the server's is never meant.
	t.Setenv("PATH", ".")
	if _, err := (&exec.Runner{Podman: "fine"}).Run(t.Context(), exec.Podman("ps")); !errors.Is(err, osexec.ErrDot) {
		t.Errorf("PATH=. : %v", err)
	}
}

// A project's folder may hold a podman of its own.
func TestAPathIsTheServersOwn(t *testing.T) {
	server, project := t.TempDir(), t.TempDir()
	for dir, word := range map[string]string{server: "server", project: "project"} {
		if err := os.WriteFile(filepath.Join(dir, "podman"), []byte("#!/bin/sh\necho "+word), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(server)
	result, err := (&exec.Runner{Podman: "./podman"}).Run(t.Context(), exec.Podman("ps").In(project))
	if err != nil || string(result.Stdout) != "server\n" {
		t.Errorf("%q, %v", result.Stdout, err)
	}
}

func TestVariablesTravelInAPrivateFile(t *testing.T) {
	for name, dir := range map[string]string{"folder": t.TempDir(), "no such folder": "/no/such/folder", "relative": ".", "unset": ""} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			t.Setenv("XDG_RUNTIME_DIR", dir)
			argv := steps("tell").Env("A=1", "B=s p a=c#e '\"", "C=").In("/")
			result, err := standInRunner().Run(t.Context(), argv)
			if err != nil {
				t.Fatal(err)
			}
			got := readTold(t, result.Stdout)
			if got.EnvLines != "A=1\nB=s p a=c#e '\"\nC=\n" || got.EnvMode != 0o600 {
				t.Errorf("%q, mode %v", got.EnvLines, got.EnvMode)
			}
			if name == "folder" && filepath.Dir(got.EnvFile) != dir {
				t.Errorf("in %s", got.EnvFile)
			}
			if _, err := os.Stat(got.EnvFile); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s is left: %v", got.EnvFile, err)
			}
		})
	}
}

func TestThePrivateFileNeverStays(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	left := func() int { list, _ := os.ReadDir(dir); return len(list) }
	secret := func(words ...string) exec.Argv { return steps(words...).Env("A=1") }
	r := standInRunner()

	_, _ = r.Run(t.Context(), secret("exit=1"))
	if left() != 0 {
		t.Error("it stays after a failure")
	}
	_, _ = (&exec.Runner{Podman: "/no/such/podman"}).Run(t.Context(), secret())
	if left() != 0 {
		t.Error("it stays where nothing was started")
	}
	for name, run := range map[string]func(context.Context, exec.Argv) (exec.Result, error){
		"Run": r.Run, "Read": r.Read,
		"Lines": func(ctx context.Context, argv exec.Argv) (exec.Result, error) {
			_, err := collect(r.Lines(ctx, argv))
			return exec.Result{}, err
		},
		"Terminal": func(ctx context.Context, argv exec.Argv) (exec.Result, error) {
			return r.Terminal(ctx, argv, func([]byte) {})
		},
	} {
		g := newGate(t)
		ctx, cancel := context.WithCancel(t.Context())
		answer := start(ctx, run, secret(g.hold()))
		g.next()
		if left() != 1 {
			t.Errorf("%s: %d files while it runs", name, left())
		}
		cancel()
		<-answer
		if left() != 0 {
			t.Errorf("%s: it stays after a cancel", name)
		}
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	deadline, _ := ctx.Deadline()
	g := newGate(t)
	d := <-start(ctx, standInRunner().Run, steps("out=so far", g.hold()))
	if !errors.Is(d.err, context.DeadlineExceeded) {
		t.Error(d.err)
	}
	within(t, prompt, deadline, d)
}

// How a process ends that was asked to, and how the caller hears of it.
func TestCancel(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		steps func(g *gate) []string
		come  int // processes
		code  int
	}{
		{"it obeys", func(g *gate) []string { return []string{"out=so far", g.hold()} }, 1, -1},
		{"it says that all is well", func(g *gate) []string { return []string{"out=so far", "term-is-0", g.hold()} }, 1, 0},
		{"it ignores TERM", func(g *gate) []string { return []string{"out=so far", "ignore-term", g.hold()} }, 1, -1},
		{"its child ignores TERM and holds the output", func(g *gate) []string {
			return []string{"out=so far", "child", "ignore-term", g.hold(), "back", g.hold()}
		}, 2, -1},
		{"both ignore TERM", func(g *gate) []string {
			return []string{"out=so far", "ignore-term", "child", "ignore-term", g.hold(), "back", g.hold()}
		}, 2, -1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			answer := start(ctx, standInRunner().Run, steps(test.steps(g)...))
			var come []*visitor
			for range test.come {
				come = append(come, g.next())
			}
			cancel(errAsked)
			asked := time.Now()
			d := <-answer
			within(t, prompt, asked, d)
			var run *exec.RunError
			if !errors.As(d.err, &run) || !errors.Is(d.err, errAsked) || run.Code != test.code || run.Error() != "play: the caller had enough" {
				t.Errorf("%#v", d.err)
			}
			if string(d.Stdout) != "so far" {
				t.Errorf("stdout %q", d.Stdout)
			}
			for _, v := range come {
				v.gone(time.Second)
			}
		})
	}
}

// A child in a session of its own escapes; it must not keep the caller.
func TestAGrandchildHoldsTheOutput(t *testing.T) {
	t.Parallel()
	t.Run("of a command that is done", func(t *testing.T) {
		t.Parallel()
		g := newGate(t)
		answer := start(t.Context(), standInRunner().Run, steps("out=done", "setsid", g.hold(), "back"))
		v, began := g.next(), time.Now()
		d := <-answer
		within(t, prompt, began, d)
		if d.err != nil || string(d.Stdout) != "done" {
			t.Errorf("%q, %v", d.Stdout, d.err)
		}
		if !v.here() {
			t.Error("it was killed, and this test shows nothing")
		}
	})
	t.Run("of a command that failed", func(t *testing.T) {
		t.Parallel()
		g := newGate(t)
		d := <-start(t.Context(), standInRunner().Run, steps("setsid", g.hold(), "back", "exit=3"))
		if d.Code != 3 || d.err == nil {
			t.Errorf("%d, %v", d.Code, d.err)
		}
	})
	t.Run("of a command that is done, and then the deadline passes", func(t *testing.T) {
		t.Parallel()
		g := newGate(t)
		ctx, cancel := context.WithCancel(t.Context())
		answer := start(ctx, standInRunner().Run, steps("setsid", g.hold(), "back", "out=done"))
		g.next()
		time.AfterFunc(exec.Grace/2, cancel) // long after the command, long before the answer
		if d := <-answer; d.err != nil || string(d.Stdout) != "done" {
			t.Errorf("%q, %v", d.Stdout, d.err)
		}
	})
	t.Run("of a command that is cancelled", func(t *testing.T) {
		t.Parallel()
		g := newGate(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		answer := start(ctx, standInRunner().Run, steps("setsid", g.hold(), "back", g.hold()))
		g.next()
		g.next()
		cancel(errAsked)
		asked := time.Now()
		d := <-answer
		within(t, prompt, asked, d)
		if !errors.Is(d.err, errAsked) {
			t.Error(d.err)
		}
	})
}

func TestNoChildIsLeft(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	answer := start(t.Context(), standInRunner().Run, steps("child", "ignore-term", g.visit(), "chatter", "back"))
	child := g.next()
	if d := <-answer; d.err != nil {
		t.Error(d.err)
	}
	child.gone(time.Second)
}

// A command that ends by itself while its caller leaves either succeeded or
// was cancelled: no third thing, such as a signal that found no process.
func TestCancelMeetsTheEnd(t *testing.T) {
	r := standInRunner()
	for i := range 200 {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Duration(i%40)*50*time.Microsecond, func() { cancel(errAsked) })
		result, err := r.Run(ctx, exec.Program("/bin/sh", "-c", "echo whole"))
		cancel(nil)
		if err == nil && string(result.Stdout) != "whole\n" || err != nil && !errors.Is(err, errAsked) {
			t.Fatalf("%q, %v", result.Stdout, err)
		}
	}
}

func TestADoneContextStartsNothing(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errAsked)
	file := filepath.Join(t.TempDir(), "count")
	r, argv := standInRunner(), steps("count="+file)
	for range 20 {
		_, err := r.Run(ctx, argv)
		_, read := r.Read(ctx, argv)
		for _, lines := range r.Lines(ctx, argv) {
			if !errors.Is(err, errAsked) || !errors.Is(read, errAsked) || !errors.Is(lines, errAsked) {
				t.Fatal(err, read, lines)
			}
		}
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("something ran")
	}
}

func TestTheLogHoldsNoSecret(t *testing.T) {
	var log bytes.Buffer
	r := standInRunner()
	r.Log = zerolog.New(&log)
	argv := steps("exit=3").Text("label", "password=hunter2").Env("A=hunter2")
	_, _ = r.Run(t.Context(), argv)
	if s := log.String(); !strings.Contains(s, `"verb":"play"`) || !strings.Contains(s, `"exit":3`) || strings.Contains(s, "hunter2") {
		t.Error(s)
	}
	log.Reset()
	r.Mask = func(words []string) []string {
		return strings.Split(strings.ReplaceAll(strings.Join(words, "\x00"), "hunter2", "***"), "\x00")
	}
	_, _ = r.Run(t.Context(), argv)
	if s := log.String(); !strings.Contains(s, "--label=password=***") || strings.Contains(s, "hunter2") {
		t.Error(s)
	}
}

func BenchmarkRun(b *testing.B) {
	r := new(exec.Runner)
	for b.Loop() {
		if _, err := r.Run(b.Context(), exec.Program("/bin/true")); err != nil {
			b.Fatal(err)
		}
	}
}
