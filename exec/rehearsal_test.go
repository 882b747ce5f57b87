//go:build unix

package exec_test

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"podman-mcp/exec"
)

// TestRehearsal: play is told of the very words, variables, folder and input
// that the same command line gives a process, private file included.
func TestRehearsal(t *testing.T) {
	dir := t.TempDir()
	actual := standInRunner()
	argv := exec.Podman("play").Option("o", "a b", "c=--d").Text("label", "x=\n-y").Env("KEY=value").Operand("tell").
		In(dir).Environ("MORE=1").Input("read me")
	result, err := actual.Run(t.Context(), argv)
	if err != nil {
		t.Fatal(err)
	}
	want := readTold(t, result.Stdout)

	var got exec.Process
	var file string
	r := exec.Rehearsal(func(p exec.Process) (string, int) {
		got = p
		for _, word := range p.Argv {
			if path, ok := strings.CutPrefix(word, "--env-file="); ok {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Error(err)
				}
				file = string(text)
			}
		}
		return "printed", 0
	})
	r.Podman, r.Pass = actual.Podman, actual.Pass
	result, err = r.Run(t.Context(), argv)
	if err != nil || string(result.Stdout) != "printed" || result.Code != 0 {
		t.Fatalf("%+v, %v", result, err)
	}
	plain := func(words []string) []string { // but for the private file, whose name is made up
		return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.HasPrefix(w, "--env-file=") })
	}
	if !slices.Equal(plain(got.Argv[1:]), plain(want.Argv)) || len(got.Argv[1:]) != len(want.Argv) {
		t.Errorf("words %q, a process gets %q", got.Argv[1:], want.Argv)
	}
	if file != "KEY=value\n" {
		t.Errorf("the private file says %q", file)
	}
	if got.Input != want.Stdin || got.Dir != dir {
		t.Errorf("input %q in %s, a process gets %q", got.Input, got.Dir, want.Stdin)
	}
	if !slices.Contains(got.Environ, "MORE=1") {
		t.Errorf("variables %q", got.Environ)
	}
}

// TestRehearsalEveryWay: however it is run, it prints and fails as it is told to.
func TestRehearsalEveryWay(t *testing.T) {
	code := 0
	r := exec.Rehearsal(func(exec.Process) (string, int) { return "one\ntwo\n", code })
	var bad *exec.RunError
	for code = range 2 {
		var lines []string
		var last error
		for line, err := range r.Lines(t.Context(), exec.Podman("logs")) {
			if last = err; err == nil {
				lines = append(lines, string(line.Text))
			}
		}
		read, pipe := r.Read(t.Context(), exec.Podman("ps"))
		var whole []byte
		err := r.Pipe(t.Context(), exec.Podman("save"), func(in io.Reader) (err error) {
			whole, err = io.ReadAll(in)
			return err
		})
		drawn, shown := r.Terminal(t.Context(), exec.Podman("pull"), func([]byte) {})
		if string(read.Stdout) != "one\ntwo\n" || string(whole) != "one\ntwo\n" || string(drawn.Stdout) != "one\ntwo\n" || !slices.Equal(lines, []string{"one", "two"}) {
			t.Errorf("%d: %q, %q, %q, %q", code, read.Stdout, whole, drawn.Stdout, lines)
		}
		for _, err := range []error{last, pipe, err, shown} {
			if (code != 0) != (errors.As(err, &bad) && bad.Code == code) {
				t.Errorf("%d gives %v", code, err)
			}
		}
	}
}
