//go:build unix

package exec_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	osexec "os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"podman-mcp/exec"
)

// The test binary stands in for podman where this variable is set. Commands
// are then plays: their words after "--" are steps, done one after another.
const standIn = "PODMAN_MCP_STAND_IN"

func TestMain(m *testing.M) {
	// A fuzzer's worker inherits the variable, too.
	if os.Getenv(standIn) != "" && !strings.HasPrefix(os.Args[1], "-test.") {
		if i := slices.Index(os.Args, "--"); i > 0 {
			play(os.Args[i+1:])
		}
		os.Exit(0)
	}
	_ = os.Setenv(standIn, "1")
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // or every play under the race detector ends a second late
	_ = flag.Set("test.parallel", "16")          // what is slow here only waits
	os.Exit(m.Run())
}

// play does steps, such as "out=hello".
func play(steps []string) {
	for i := 0; i < len(steps); i++ {
		step, arg, _ := strings.Cut(steps[i], "=")
		n, _ := strconv.Atoi(arg)
		switch step {
		case "out":
			_, _ = os.Stdout.WriteString(arg)
		case "err":
			_, _ = os.Stderr.WriteString(arg)
		case "out-bytes":
			_, _ = io.CopyN(os.Stdout, endless("x"), int64(n))
		case "out-lines":
			_, _ = io.CopyN(os.Stdout, endless(strings.Repeat("x", 99)+"\n"), int64(n)*100)
		case "err-lines": // numbered
			var b bytes.Buffer
			for i := range n {
				fmt.Fprintf(&b, "line %d\n", i+1)
			}
			_, _ = b.WriteTo(os.Stderr)
		case "both-lines": // on both streams at once
			done := make(chan bool)
			for _, f := range []*os.File{os.Stdout, os.Stderr} {
				go func() {
					for range n {
						_, _ = f.WriteString(strings.Repeat(f.Name()[len(f.Name())-3:], 20) + "\n")
					}
					done <- true
				}()
			}
			<-done
			<-done
		case "chatter": // for ever
			for tick := time.NewTicker(20 * time.Millisecond); ; <-tick.C {
				fmt.Println("still here")
			}
		case "exit":
			os.Exit(n)

		case "ignore-term":
			signal.Ignore(syscall.SIGTERM)
		case "term-is-0":
			terms := make(chan os.Signal, 1)
			signal.Notify(terms, syscall.SIGTERM)
			go func() { <-terms; os.Exit(0) }()
		case "await-term":
			terms := make(chan os.Signal, 1)
			signal.Notify(terms, syscall.SIGTERM)
			awaits := visit(arg)
			<-terms
			_ = awaits.Close()
		case "visit": // a gate, until the end of this process, or of the test
			gate := visit(arg)
			go func() { _, _ = gate.Read(make([]byte, 1)); os.Exit(70) }()
		case "hold": // at a gate, until it lets go on
			if _, err := visit(arg).Read(make([]byte, 1)); err != nil {
				os.Exit(70)
			}
		case "stay":
			time.Sleep(time.Hour)
		case "child", "setsid": // runs the steps up to "back", while this process goes on
			end := i + 1
			for steps[end] != "back" {
				end++
			}
			cmd := osexec.Command(os.Args[0], append([]string{"play", "--"}, steps[i+1:end]...)...)
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: step == "setsid"}
			if err := cmd.Start(); err != nil {
				panic(err)
			}
			i = end
		case "server": // runs the further steps below itself
			_, _ = standInRunner().Run(context.Background(), exec.Podman("play").Tail(steps[i+1:]...))
			return

		case "tell":
			tell()
		case "count": // one more in a file, and says how many
			f, err := os.OpenFile(arg, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				panic(err)
			}
			_, _ = f.WriteString("+")
			size, _ := f.Seek(0, io.SeekEnd)
			fmt.Print(size)
		default:
			if !more(step) {
				panic("no step " + step)
			}
		}
	}
}

// told is what a process can say of itself.
type told struct {
	Argv, Environ     []string
	Dir, Stdin        string
	EnvFile, EnvLines string
	EnvMode           os.FileMode
}

func tell() {
	in, _ := io.ReadAll(os.Stdin)
	dir, _ := os.Getwd()
	all := told{Argv: os.Args[1:], Environ: os.Environ(), Dir: dir, Stdin: string(in)}
	for _, w := range os.Args {
		if path, ok := strings.CutPrefix(w, "--env-file="); ok {
			info, err := os.Stat(path)
			if err != nil {
				panic(err)
			}
			text, _ := os.ReadFile(path)
			all.EnvFile, all.EnvLines, all.EnvMode = path, string(text), info.Mode()
		}
	}
	_ = json.NewEncoder(os.Stdout).Encode(all)
}

func readTold(t *testing.T, out []byte) told {
	t.Helper()
	var all told
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	return all
}

type endless string

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for len(p)-n >= len(e) {
		n += copy(p[n:], e)
	}
	return n, nil
}

// A gate is where a test meets the processes of its plays. A process that has
// come is seen to end: the kernel hangs up for it.
type gate struct {
	t *testing.T
	*net.UnixListener
	path string
}

func newGate(t *testing.T) *gate {
	dir, err := os.MkdirTemp("", "gate") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close(); _ = os.RemoveAll(dir) })
	return &gate{t, l.(*net.UnixListener), path}
}

func (g *gate) visit() string { return "visit=" + g.path }
func (g *gate) hold() string  { return "hold=" + g.path }

func visit(path string) net.Conn {
	conn, err := net.Dial("unix", path)
	if err != nil {
		panic(err)
	}
	return conn
}

// next waits for a process to come.
func (g *gate) next() *visitor {
	g.t.Helper()
	_ = g.SetDeadline(time.Now().Add(10 * time.Second))
	conn, err := g.Accept()
	if err != nil {
		g.t.Fatal("nobody comes: ", err)
	}
	g.t.Cleanup(func() { _ = conn.Close() })
	return &visitor{g.t, conn}
}

type visitor struct {
	t    *testing.T
	conn net.Conn
}

func (v *visitor) goOn() { _, _ = v.conn.Write([]byte{1}) }

// gone waits for the process to end.
func (v *visitor) gone(within time.Duration) {
	v.t.Helper()
	_ = v.conn.SetReadDeadline(time.Now().Add(within))
	if _, err := v.conn.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		v.t.Fatalf("the process lives on after %v", within)
	}
}

// here tells that it has not ended, and does not in the next moment.
func (v *visitor) here() bool {
	_ = v.conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	_, err := v.conn.Read(make([]byte, 1))
	return errors.Is(err, os.ErrDeadlineExceeded)
}

func standInRunner() *exec.Runner {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return &exec.Runner{Podman: self, Pass: []string{standIn, "GORACE"}}
}

func steps(words ...string) exec.Argv { return exec.Podman("play").Tail(words...) }

// done is Run's or Read's answer, once it is there.
type done struct {
	exec.Result
	err  error
	when time.Time
}

func start(ctx context.Context, run func(context.Context, exec.Argv) (exec.Result, error), argv exec.Argv) <-chan done {
	c := make(chan done, 1)
	go func() {
		result, err := run(ctx, argv)
		c <- done{result, err, time.Now()}
	}()
	return c
}

func within(t *testing.T, limit time.Duration, since time.Time, d done) {
	t.Helper()
	if took := d.when.Sub(since); took > limit {
		t.Errorf("answered after %v, more than %v", took, limit)
	}
}

// eventually is for what no channel tells.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(10 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("never: ", what)
		}
	}
}
