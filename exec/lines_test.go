//go:build unix

package exec_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"podman-mcp/exec"
)

// collect is all lines, and what ended them.
func collect(seq iter.Seq2[exec.Line, error]) (lines []string, err error) {
	for line, failed := range seq {
		if err = failed; err == nil {
			lines = append(lines, string(line.Text))
		}
	}
	return lines, err
}

func TestLinesComeAsWritten(t *testing.T) {
	tests := []struct {
		name  string
		steps []string
		want  []string
	}{
		{"nothing", nil, nil},
		{"both streams", []string{"out=1\n", "err=2\n", "err=3\n", "out=4\n", "err=5\n"}, []string{"1", "2", "3", "4", "5"}},
		{"the last without an end", []string{"out=1\n2"}, []string{"1", "2"}},
		{"empty ones", []string{"out=\n\n3\n"}, []string{"", "", "3"}},
		{"a carriage return is the program's own", []string{"out=1\r\n"}, []string{"1\r"}},
		{"in pieces", []string{"out=a", "out=b", "out=\nc"}, []string{"ab", "c"}},
	}
	for _, test := range tests {
		got, err := collect(standInRunner().Lines(t.Context(), steps(test.steps...)))
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, %v", test.name, got, err)
		}
	}
}

func TestNoHalfLines(t *testing.T) {
	lines, err := collect(standInRunner().Lines(t.Context(), steps("both-lines=5000")))
	if err != nil || len(lines) != 10000 {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	for _, line := range lines {
		if line != strings.Repeat("out", 20) && line != strings.Repeat("err", 20) {
			t.Fatalf("%q", line)
		}
	}
}

func TestLinesFail(t *testing.T) {
	lines, err := collect(standInRunner().Lines(t.Context(), steps("out=so far\n", "err-lines=100000", "err=Error: gone", "exit=125")))
	var run *exec.RunError
	if !errors.As(err, &run) || run.Code != 125 || len(run.Stderr) != 64<<10 || !strings.HasSuffix(run.Stderr, "line 100000\nError: gone\n") {
		t.Errorf("%v", err)
	}
	if len(lines) != 100002 || lines[0] != "so far" {
		t.Errorf("%d lines", len(lines))
	}
	_, err = collect((&exec.Runner{Podman: "/no/such/podman"}).Lines(t.Context(), steps()))
	if !errors.Is(err, exec.ErrNotFound) {
		t.Error(err)
	}
}

// allocated is how many bytes f allocates, a bound on what memory can grow by.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestALongLineIsCut(t *testing.T) {
	r := standInRunner()
	for size, cut := range map[int]int{64<<10 - 1: 0, 64 << 10: 0, 64<<10 + 1: 1, 50 << 20: 50<<20 - 64<<10} {
		for _, end := range []string{"", "\n"} {
			var got []int
			bytes := allocated(func() {
				for line, err := range r.Lines(t.Context(), steps(fmt.Sprint("out-bytes=", size), "out="+end+"next")) {
					if err != nil {
						t.Error(err)
					}
					got = append(got, len(line.Text), line.Cut)
				}
			})
			want := []int{min(size, 64<<10), cut, 4, 0}
			if end == "" { // one line then
				want = []int{min(size+4, 64<<10), max(0, size+4-64<<10)}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d bytes and %q: lines and cuts %d, want %d", size, end, got, want)
			}
			if bytes > 2<<20 {
				t.Errorf("%d bytes took %d of memory", size, bytes)
			}
		}
	}
}

func TestAStreamTakesNoMemory(t *testing.T) {
	n := 0
	bytes := allocated(func() {
		for line, err := range standInRunner().Lines(t.Context(), steps("out-lines=2000000")) {
			if n++; err != nil || len(line.Text) != 99 {
				t.Fatal(len(line.Text), err)
			}
		}
	})
	if n != 2000000 || bytes > 2<<20 {
		t.Errorf("%d lines took %d bytes of memory", n, bytes)
	}
}

func TestLeavingTheLoopEndsTheProcess(t *testing.T) {
	t.Parallel()
	t.Run("one that waits", func(t *testing.T) {
		g := newGate(t)
		var v *visitor
		began := time.Now()
		for _, err := range standInRunner().Lines(t.Context(), steps("out=1\n", "term-is-0", g.hold())) {
			if err != nil {
				t.Error(err)
			}
			v, began = g.next(), time.Now()
			break
		}
		if v.here() {
			t.Error("it is still there")
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("took %v", took)
		}
	})
	t.Run("one that writes and ignores TERM", func(t *testing.T) {
		g := newGate(t)
		began := time.Now()
		for _, err := range standInRunner().Lines(t.Context(), steps("ignore-term", g.visit(), "out-lines=1000000000")) {
			if err != nil {
				t.Error(err)
			}
			began = time.Now()
			break
		}
		if took := time.Since(began); took > prompt {
			t.Errorf("took %v", took)
		}
		g.next().gone(time.Second)
	})
	t.Run("one that has much to say at its end", func(t *testing.T) {
		g, began := newGate(t), time.Now()
		for _, err := range standInRunner().Lines(t.Context(), steps("out=1\n", "await-term="+g.path, "out-bytes=1000000")) {
			if err != nil {
				t.Error(err)
			}
			g.next()
			began = time.Now()
			break
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("took %v", took)
		}
	})
	t.Run("a panic leaves it too", func(t *testing.T) {
		g, r := newGate(t), standInRunner()
		for i := range 7 { // and keeps no slot
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic is lost")
					}
				}()
				for _, err := range r.Lines(t.Context(), steps(onTerm(i), g.visit(), "out=1\n", "stay")) {
					if err != nil {
						t.Error(err)
					}
					panic("the loop's body")
				}
			}()
			if g.next().here() {
				t.Error("it is still there")
			}
		}
	})
}

// onTerm makes the first process one that has to be killed.
func onTerm(i int) string { return []string{"ignore-term", "term-is-0"}[min(i, 1)] }

func TestLinesCancelled(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]string{"it says that all is well": "term-is-0", "it ignores TERM": "ignore-term"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			answer := start(ctx, follow(standInRunner()), steps("out=so far\n", how, g.hold()))
			v := g.next()
			cancel(errAsked)
			asked := time.Now()
			d := <-answer
			within(t, prompt, asked, d)
			if !errors.Is(d.err, errAsked) || string(d.Stdout) != "so far||" {
				t.Errorf("%q, %v", d.Stdout, d.err)
			}
			v.gone(time.Second)
		})
	}
}

// The pipe still holds 50 KiB when the process ends; its reader comes late for
// them, later than any grace.
func TestASlowReaderLosesNothing(t *testing.T) {
	t.Parallel()
	g, n := newGate(t), 0
	for line, err := range standInRunner().Lines(t.Context(), steps("out=first\n", g.hold(), "out-lines=500", "out=last")) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 1 {
			v := g.next()
			v.goOn()
			v.gone(10 * time.Second)
			<-time.After(exec.Grace + time.Second/2)
		}
		if n == 502 && string(line.Text) != "last" {
			t.Errorf("the last line is %q", line.Text)
		}
	}
	if n != 502 {
		t.Errorf("%d lines", n)
	}
}

func TestAGrandchildHoldsTheLines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, does string
		cancel     bool
	}{
		{"silent, of a command that is done", "out=", false},
		{"silent, of a command that is cancelled", "out=", true},
		{"talking, of a command that is done", "chatter", false},
		{"talking, of a command that is cancelled", "chatter", true},
		{"flooding, of a command that is done", "out-lines=1000000000", false},
		{"flooding, of a command that is cancelled", "out-lines=1000000000", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			words := []string{"out=first\n", "setsid", g.visit(), test.does, g.hold(), "back"}
			if test.cancel {
				words = append(words, g.hold())
			}
			first := make(chan bool)
			result := make(chan done)
			go func() {
				n := 0
				var last error
				for _, err := range standInRunner().Lines(ctx, steps(words...)) {
					if n++; n == 1 {
						close(first)
					}
					last = err
				}
				result <- done{err: last, when: time.Now()}
			}()
			<-first
			grandchild := g.next()
			if test.cancel {
				g.next()
				cancel(errAsked)
			}
			began := time.Now()
			d := <-result
			within(t, prompt, began, d)
			if test.cancel != errors.Is(d.err, errAsked) || !test.cancel && d.err != nil {
				t.Error(d.err)
			}
			_ = grandchild.conn.Close()
			cancel(nil)
		})
	}
}

// A provider dies of TERM at once; its podman, which heard it too, must not be
// killed while it cleans up.
func TestChildrenHaveTimeToCleanUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	leads, awaits, cleans := newGate(t), newGate(t), newGate(t)
	answer := start(ctx, follow(standInRunner()), steps("child", "await-term="+awaits.path, cleans.hold(), "out=clean\n", "back", leads.hold()))
	leader := leads.next()
	awaits.next()
	cancel(errAsked)
	leader.gone(time.Second)
	child := cleans.next()
	if !child.here() {
		t.Error("it was killed")
	}
	child.goOn()
	if d := <-answer; !errors.Is(d.err, errAsked) || string(d.Stdout) != "clean||" {
		t.Errorf("%q, %v", d.Stdout, d.err)
	}
}

// Linux ends a process with the thread that started it: such as Go ends with a
// goroutine that is locked to it.
func TestAThreadsEndIsNotTheServers(t *testing.T) {
	g, r := newGate(t), standInRunner()
	var answers []<-chan done
	for _, run := range []func(context.Context, exec.Argv) (exec.Result, error){r.Run, r.Read, follow(r)} {
		answers = append(answers, start(t.Context(), run, steps(g.hold(), "out=whole")))
	}
	all := []*visitor{g.next(), g.next(), g.next()}

	locked, end := make(chan bool), make(chan bool)
	for range 50 {
		go func() {
			runtime.LockOSThread()
			locked <- true
			<-end
		}()
	}
	for range 50 {
		<-locked
	}
	close(end)
	for _, v := range all {
		v.goOn()
	}
	for _, answer := range answers {
		if d := <-answer; d.err != nil {
			t.Error(d.err)
		}
	}
}

func BenchmarkLines(b *testing.B) {
	r := standInRunner()
	b.ReportAllocs()
	b.SetBytes(100 << 20)
	for b.Loop() {
		for _, err := range r.Lines(b.Context(), steps("out-lines=1048576")) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
