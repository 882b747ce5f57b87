package exec_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"podman-mcp/exec"
)

func TestArgv(t *testing.T) {
	tests := []struct {
		name string
		argv exec.Argv
		want []string
	}{
		{"flags only", exec.Podman("ps").Flag("all", true).Flag("size", false).Option("format", "json"),
			[]string{"ps", "--all", "--format=json"}},
		{"several values", exec.Podman("ps").Option("filter", "name=a", "", "name=b"),
			[]string{"ps", "--filter=name=a", "--filter=name=b"}},
		{"no values", exec.Podman("network", "ls").Option("filter"),
			[]string{"network", "ls"}},
		{"empty text is a value", exec.Podman("run").Text("entrypoint", "").Operand("i"),
			[]string{"run", "--entrypoint=", "--", "i"}},
		{"a dash is a value after =", exec.Podman("ps").Option("filter", "--all"),
			[]string{"ps", "--filter=--all"}},
		{"operands", exec.Podman("stop").Operand("a", "b"),
			[]string{"stop", "--", "a", "b"}},
		{"options keep before operands", exec.Podman("stop").Operand("a").Option("time", "1"),
			[]string{"stop", "--time=1", "--", "a"}},
		{"the container's command", exec.Podman("run").Tail("sh", "-c", "echo\n\t--rm", "").Operand("i"),
			[]string{"run", "--", "i", "sh", "-c", "echo\n\t--rm", ""}},
		{"a command without an operand is none of podman's flags either", exec.Podman("run").Tail("--privileged"),
			[]string{"run", "--", "--privileged"}},
		{"variables", exec.Podman("run").Env("A=1", "B=").Operand("i"),
			[]string{"run", "--env-file=" + exec.EnvFile, "--", "i"}},
		{"variables of several lines", exec.Podman("run").Env("A=1\n2", "B=\r").Operand("i"),
			[]string{"run", "--env=A=1\n2", "--env=B=\r", "--", "i"}},
	}
	for _, test := range tests {
		got, err := test.argv.Args()
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

func TestArgvRefuses(t *testing.T) {
	p := exec.Podman("run")
	long, free := strings.Repeat("é", 2049), strings.Repeat("x", 32<<10+1)
	tests := []struct {
		argv exec.Argv
		want exec.ArgError // the message may be cut
	}{
		{p.Operand(""), exec.ArgError{"operand", "", "is empty"}},
		{p.Operand("-af"), exec.ArgError{"operand", "-af", "begins with a dash"}},
		{p.Operand("a", "--help"), exec.ArgError{"operand", "--help", "begins with a dash"}},
		{p.Operand("a\nb"), exec.ArgError{"operand", "a\nb", "holds a control character"}},
		{p.Operand("a\x7f"), exec.ArgError{"operand", "a\x7f", "holds a control character"}},
		{p.Option("name", "a\x1bb"), exec.ArgError{"name", "a\x1bb", "holds a control character"}},
		{p.Option("name", "a\u0085"), exec.ArgError{"name", "a\u0085", "holds a control character"}},
		{p.Option("name", "a\x00"), exec.ArgError{"name", "a\x00", "holds a NUL byte"}},
		{p.Option("name", "a\xff"), exec.ArgError{"name", "a�", "is not valid UTF-8"}},
		{p.Option("name", long), exec.ArgError{"name", long[:64] + "…", "is longer than 4096 bytes"}},
		{p.Option("name", "x"+long), exec.ArgError{"name", "x" + long[:62] + "�…", "is longer than 4096 bytes"}},
		{p.Text("label", free), exec.ArgError{"label", free[:64] + "…", "is longer than 32768 bytes"}},
		{p.Text("label", "a\x00"), exec.ArgError{"label", "a\x00", "holds a NUL byte"}},
		{p.Tail("a\x00"), exec.ArgError{"command", "a\x00", "holds a NUL byte"}},
		{p.Tail(free), exec.ArgError{"command", free[:64] + "…", "is longer than 32768 bytes"}},
		// Podman would put a variable of its own, or all of them, in their place.
		{p.Env("HOME"), exec.ArgError{"env", "HOME", "is not the KEY of KEY=VALUE"}},
		{p.Env("*"), exec.ArgError{"env", "*", "is not the KEY of KEY=VALUE"}},
		{p.Env(""), exec.ArgError{"env", "", "is not the KEY of KEY=VALUE"}},
		{p.Env("=x"), exec.ArgError{"env", "", "is not the KEY of KEY=VALUE"}},
		{p.Env("#A=x"), exec.ArgError{"env", "#A", "is not the KEY of KEY=VALUE"}},
		{p.Env("A\nHOME=x"), exec.ArgError{"env", "A\nHOME", "is not the KEY of KEY=VALUE"}},
		{p.Env("1A=x"), exec.ArgError{"env", "1A", "is not the KEY of KEY=VALUE"}},
		{p.Env(free + "=x"), exec.ArgError{"env", free[:64] + "…", "is not the KEY of KEY=VALUE"}},
		// A variable's value may be a secret: no message shows it.
		{p.Env("A=secret\x00"), exec.ArgError{"env", "A", "has a value that holds a NUL byte"}},
		{p.Env("A=secret\n\xff"), exec.ArgError{"env", "A", "has a value that is not valid UTF-8"}},
		{p.Env("A=" + free), exec.ArgError{"env", "A", "has a value that is longer than 32768 bytes"}},
		// The first one sticks, whatever follows.
		{p.Operand("-a").Option("name", "\n").Operand("fine"), exec.ArgError{"operand", "-a", "begins with a dash"}},
	}
	for _, test := range tests {
		args, err := test.argv.Args()
		var got *exec.ArgError
		if !errors.As(err, &got) || *got != test.want || args != nil {
			t.Errorf("%q, %v; want %v", args, err, &test.want)
		}
		if got != nil && !utf8.ValidString(got.Value) {
			t.Errorf("%q is not UTF-8", got.Value)
		}
	}
}

// Two longer copies of one Argv share nothing, whatever capacity append left.
func TestArgvIsAValue(t *testing.T) {
	longer := map[string]func(exec.Argv, string) exec.Argv{
		"Flag":    func(a exec.Argv, w string) exec.Argv { return a.Flag(w, true) },
		"Option":  func(a exec.Argv, w string) exec.Argv { return a.Option("o", w) },
		"Text":    func(a exec.Argv, w string) exec.Argv { return a.Text("t", w) },
		"Env":     func(a exec.Argv, w string) exec.Argv { return a.Env(w + "=1") },
		"lines":   func(a exec.Argv, w string) exec.Argv { return a.Env(w + "=\n") },
		"Operand": func(a exec.Argv, w string) exec.Argv { return a.Operand(w) },
		"Tail":    func(a exec.Argv, w string) exec.Argv { return a.Tail(w) },
		"Environ": func(a exec.Argv, w string) exec.Argv { return a.Environ(w) },
		"In":      func(a exec.Argv, w string) exec.Argv { return a.In(w) },
		"Pulls":   func(a exec.Argv, _ string) exec.Argv { return a.Pulls() },
	}
	for name, longer := range longer {
		base := exec.Podman("run")
		for range 20 { // of every length, and so with and without room behind it
			base = longer(base, "more")
			before := base.Key()
			one := longer(base, "one")
			whole := one.Key()
			longer(base, "two")
			if base.Key() != before || one.Key() != whole {
				t.Fatalf("%s changed a copy: %s, %s", name, base.Key(), one.Key())
			}
		}
	}
}

func TestArgvKeepsNobodysSlice(t *testing.T) {
	podman, program := []string{"run"}, []string{"up"}
	a, b := exec.Podman(podman...), exec.Program("compose", program...)
	podman[0], program[0] = "rm", "down"
	if a.Verb() != "run" || b.Verb() != "compose up" {
		t.Error(a.Verb(), b.Verb())
	}
	args, _ := a.Args()
	args[0] = "rm"
	if a.Verb() != "run" {
		t.Error(a.Verb())
	}
}

func TestVerb(t *testing.T) {
	for want, argv := range map[string]exec.Argv{
		"network ls":       exec.Podman("network", "ls").Flag("quiet", true),
		"ps":               exec.Podman("ps"),
		"":                 exec.Podman(),
		"/bin/compose up":  exec.Program("/bin/compose", "up", "--detach").Operand("web"),
		"podman-compose -": exec.Program("podman-compose", "-"),
	} {
		if got := argv.Verb(); got != strings.TrimSuffix(want, " -") {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Whatever words come in, reading the line back as podman does finds every one
// of them where it was put, and nothing else.
func FuzzArgv(f *testing.F) {
	for _, w := range []string{"a", "-a", "-af", "--", "--help", "--root=/", "", "=", "a=b", "A=", "A=\n--rm", "*", "{env}",
		"--env-file={env}", "{{.}}", "\x00", "\n--all", "\xff", "é\u202e", "docker-archive:/etc/passwd"} {
		f.Add(w, w, w, w, w)
	}
	f.Fuzz(func(t *testing.T, option, label, env, operand, tail string) {
		args, err := exec.Podman("run").Flag("detach", true).Option("filter", option).Text("label", label).
			Env("Z=1", env).Operand("image", operand).Tail("sh", tail).Args()
		if err != nil {
			return
		}
		want := map[string][]string{"detach": {""}, "label": {label}, "env-file": {exec.EnvFile}}
		if option != "" {
			want["filter"] = []string{option}
		}
		if strings.ContainsAny(env, "\r\n") {
			want["env"] = []string{env}
		}
		flags, operands := podmanReads(args[1:])
		for name := range flags {
			if !slices.Equal(flags[name], want[name]) {
				t.Errorf("--%s is %q, want %q, in %q", name, flags[name], want[name], args)
			}
		}
		if len(flags) != len(want) {
			t.Errorf("flags %q, want %q", flags, want)
		}
		if words := []string{"image", operand, "sh", tail}; !slices.Equal(operands, words) {
			t.Errorf("operands %q, want %q", operands, words)
		}
		for _, w := range args {
			if strings.ContainsRune(w, 0) || !utf8.ValidString(w) {
				t.Errorf("%q is no word", w)
			}
		}
		if key, _, ok := strings.Cut(env, "="); !ok || key == "" || strings.ContainsAny(key, " \t\r\n*#%") {
			t.Errorf("%q is a line that podman does not read as a variable and its value", env)
		}
	})
}

// podmanReads is pflag's grammar: words with a dash are flags, wherever they
// stand before "--"; every other word is an operand. A flag without "=" that
// is no switch would take the next word, which the words here never leave to it.
func podmanReads(args []string) (flags map[string][]string, operands []string) {
	flags = map[string][]string{}
	for i, w := range args {
		if w == "--" {
			return flags, append(operands, args[i+1:]...)
		}
		if name, ok := strings.CutPrefix(w, "-"); ok && name != "" {
			name, value, _ := strings.Cut(strings.TrimPrefix(name, "-"), "=")
			flags[name] = append(flags[name], value)
			continue
		}
		operands = append(operands, w)
	}
	return flags, operands
}

func BenchmarkArgs(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, err := exec.Podman("run").Flag("detach", true).Option("name", "web").
			Option("publish", "127.0.0.1:8080:80", "127.0.0.1:8081:81").Text("label", "a=b", "c=d").
			Env("A=1", "B=2").Operand("docker.io/library/nginx:latest").Tail("nginx", "-g", "daemon off;").Args()
		if err != nil {
			b.Fatal(err)
		}
	}
}
