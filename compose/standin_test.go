package compose

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"podman-mcp/exec"
)

// The test binary stands in for podman and podman-compose: a link to it with
// that name answers from files in its folder and notes how it was called.
func TestMain(m *testing.M) {
	if name := filepath.Base(os.Args[0]); name == "podman" || name == "podman-compose" {
		os.Exit(standIn(os.Getenv("PATH"), name, os.Args[1:]))
	}
	os.Exit(m.Run())
}

func standIn(dir, name string, args []string) int {
	calls, err := os.OpenFile(filepath.Join(dir, "calls"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 99
	}
	_, _ = fmt.Fprintln(calls, name, strings.Join(args, " "))
	_ = calls.Close()
	for _, word := range args { // the file, as it is now
		if file, ok := strings.CutPrefix(word, "--file="); ok {
			text, _ := os.ReadFile(file)
			_ = os.WriteFile(filepath.Join(dir, "given."+filepath.Base(file)), text, 0o600)
			for _, env := range keptFile.FindAllString(string(text), -1) {
				kept, _ := os.ReadFile(env)
				_ = os.WriteFile(filepath.Join(dir, "given."+filepath.Base(env)), kept, 0o600)
			}
		}
	}
	var words []string // the verb, without options
	for _, word := range args {
		if word == "--" {
			break
		}
		if !strings.HasPrefix(word, "-") {
			words = append(words, word)
		}
	}
	verb := name + "." + strings.Join(words, "-")
	if verb == "podman.environ" {
		fmt.Fprintln(os.Stdout, strings.Join(os.Environ(), "\n"))
	}
	if strings.HasSuffix(verb, "up") || strings.HasSuffix(verb, "down") {
		_ = os.WriteFile(filepath.Join(dir, "done"), nil, 0o600)
	}
	if _, err := os.Stat(filepath.Join(dir, "done")); err == nil {
		if _, err := os.Stat(filepath.Join(dir, verb+".after")); err == nil {
			verb += ".after"
		}
	}
	if out, err := os.ReadFile(filepath.Join(dir, verb)); err == nil {
		_, _ = os.Stdout.Write(out)
		return 0
	}
	if out, err := os.ReadFile(filepath.Join(dir, verb+".fails")); err == nil {
		_, _ = os.Stderr.Write(out)
		return 125
	}
	return 0
}

// fake is a folder with stand-ins, which is all that PATH has.
type fake struct {
	t   *testing.T
	dir string
}

func newFake(t *testing.T, programs ...string) *fake {
	t.Helper()
	f := &fake{t, t.TempDir()}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range programs {
		if err := os.Symlink(self, filepath.Join(f.dir, program)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	t.Setenv("PATH", f.dir)
	t.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector sleeps a second at every exit
	return f
}

// says sets what a command prints: "podman.ps", or "podman.ps.after" once the
// provider has run; "podman.compose-version.fails" goes to standard error.
func (f *fake) says(command, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, command), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

var privateFolder = regexp.MustCompile(`[^ =]*/` + privatePrefix + `\d+`)

// keptFile is a file beside the provider's own.
var keptFile = regexp.MustCompile(`/[^ "]*/` + privatePrefix + `\d+/\d+\.env`)

// called are the command lines so far that begin with one of the beginnings,
// with PRIVATE for the name of a private folder.
func (f *fake) called(beginnings ...string) []string {
	f.t.Helper()
	calls, _ := os.ReadFile(filepath.Join(f.dir, "calls"))
	calls = privateFolder.ReplaceAll(calls, []byte("PRIVATE"))
	var list []string
	for line := range strings.Lines(string(calls)) {
		for _, beginning := range beginnings {
			if strings.HasPrefix(line, beginning) {
				list = append(list, strings.TrimSuffix(line, "\n"))
			}
		}
	}
	return list
}

// given is the compose file of that name which a provider was last called with, or a file beside it.
func (f *fake) given(name string) string {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join(f.dir, "given."+name))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(text)
}

func (f *fake) runner() *exec.Runner {
	return &exec.Runner{Podman: filepath.Join(f.dir, "podman"), Pass: []string{"GORACE"}}
}

// compose versions as the providers print them.
const (
	says103    = "['podman', '--version', '']\nusing podman version: 4.3.1\npodman-composer version  1.0.3\npodman --version \npodman version 4.3.1\nexit code: 0\n"
	says150    = "podman-compose version 1.5.0\npodman version 5.8.2\n"
	saysDocker = "Docker Compose version v2.39.1\n"
)

// folder makes a folder with files: name, content, name, content.
func folder(t *testing.T, name string, files ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// row is one of podman ps.
func row(project, service, name, state string, exit int, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`{"Id":"%064x","Names":[%q],"State":%q,"ExitCode":%d,"Status":"","Ports":[],"Labels":{"com.docker.compose.project":%q,"com.docker.compose.service":%q%s}}`,
		[]byte(name), name, state, exit, project, service, more)
}

func ps(rows ...string) string { return "[" + strings.Join(rows, ",") + "]" }
