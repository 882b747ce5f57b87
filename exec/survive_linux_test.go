package exec_test

import (
	"bytes"
	"context"
	"os"
	osexec "os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"podman-mcp/exec"
)

func TestTerminal(t *testing.T) {
	var shown bytes.Buffer
	result, err := standInRunner().Terminal(t.Context(), steps("err=1\n", "err=\x1b[1A\x1b[J2", "terminals", "err=\n3"),
		func(p []byte) { shown.Write(p) })
	if err != nil || string(result.Stdout) != "2 is a terminal of 120 columns\n" {
		t.Errorf("%q, %v", result.Stdout, err)
	}
	if want := "1\r\n\x1b[1A\x1b[J2\r\n3"; shown.String() != want || result.Stderr != want {
		t.Errorf("shown %q", shown.String())
	}
	result, err = standInRunner().Run(t.Context(), steps("terminals"))
	if err != nil || len(result.Stdout) > 0 {
		t.Errorf("%q, %v", result.Stdout, err)
	}
}

func TestASlowWatcherLosesNothing(t *testing.T) {
	t.Parallel()
	g, n := newGate(t), 0
	result, err := standInRunner().Terminal(t.Context(), steps("err=x", g.hold(), "err-lines=100", "err=last"), func(p []byte) {
		if n += len(p); n == len(p) {
			v := g.next()
			v.goOn()
			v.gone(10 * time.Second)
			<-time.After(exec.Grace + time.Second/2)
		}
	})
	if err != nil || !strings.HasSuffix(result.Stderr, "line 100\r\nlast") || n != len(result.Stderr) {
		t.Errorf("%d bytes, …%q, %v", n, result.Stderr, err)
	}
}

// open counts descriptors and goroutines.
func open(t *testing.T) (int, int) {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list), runtime.NumGoroutine()
}

func TestNothingIsLeftOfFiveHundredCalls(t *testing.T) {
	r := standInRunner()
	calls := []func(context.Context, exec.Argv) (exec.Result, error){r.Run, r.Read, follow(r), watch(r)}
	round := func(n int) {
		var answers []<-chan done
		for i := range n {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%5)*time.Second/100+time.Minute*time.Duration(i%2))
			defer cancel()
			argv := exec.Program("/bin/sh", "-c", []string{"echo 1", "exit 3", "echo 1; sleep 0.1", "sleep 0.1 & echo 1"}[i/4%4])
			switch i % 7 {
			case 5:
				argv = exec.Program("/no/such/program")
			case 6:
				argv = argv.Env("A=1")
			}
			answers = append(answers, start(ctx, calls[i%4], argv))
		}
		for _, answer := range answers {
			<-answer
		}
		for _, err := range r.Lines(t.Context(), exec.Program("/bin/sh", "-c", "yes")) {
			if err != nil {
				t.Error(err)
			}
			break
		}
	}
	round(50)                                        // what the runtime opens once
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // or it closes what we forgot
	files, goroutines := open(t)
	for range 10 {
		round(50)
	}
	eventually(t, "as few as before", func() bool {
		f, g := open(t)
		return f <= files && g <= goroutines
	})
}

// The kernel ends podman where nobody is left to.
func TestPodmanDiesWithTheServer(t *testing.T) {
	g := newGate(t)
	self, _ := os.Executable()
	server := osexec.Command(self, "--", "server", "ignore-term", g.hold())
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	podman := g.next()
	_ = server.Process.Kill()
	podman.gone(time.Second)
	_ = server.Wait()
}
