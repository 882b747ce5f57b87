// Package exec runs podman and compose providers.
//
// [Podman] starts a command line, [Argv]'s methods lengthen it, and a [Runner]
// runs it with a deadline, bounded output and its own process group:
//
//	argv := exec.Podman("ps").Flag("all", true).Option("format", "json")
//	result, err := runner.Run(ctx, argv)
//
// It is the only package of the project that starts a process.
package exec

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxWord = 4 << 10  // bytes in one value
	maxText = 32 << 10 // bytes in one value that is free text; the kernel refuses words of 128 KiB
	maxKey  = 255      // bytes in a variable's name

	maxInput = 1 << 20 // bytes of standard input
)

// Argv is one command line as a value. Every method returns a longer copy; the
// first bad argument sticks, and Args reports it. Words from outside only ever
// stand after a "=" or after "--", so none of them can become a flag: podman
// takes its global flags, also the dangerous ones, anywhere before "--".
type Argv struct {
	program  string // a compose provider's executable; "" for podman
	words    []string
	operands []string
	tail     []string
	env      []string // the container's variables, which travel in a private file
	dir      string
	environ  []string // further variables of the process itself
	input    string   // its standard input; an empty one where ""
	mark     string   // what the process that it starts in a container is known by
	pulls    bool
	brief    bool
	scratch  *Scratch // of a build
	err      *ArgError
}

// ArgError is an argument that may not stand on a command line.
type ArgError struct {
	Name  string // the option, or "operand"
	Value string
	Why   string
}

func (e *ArgError) Error() string {
	return fmt.Sprintf("%s: %q %s", e.Name, e.Value, e.Why)
}

// Podman begins a podman command line with its fixed subcommand.
func Podman(verb ...string) Argv { return Argv{words: slices.Clone(verb)} }

// Program begins a command line of another executable, with its fixed words.
func Program(path string, words ...string) Argv {
	return Argv{program: path, words: slices.Clone(words)}
}

// Flag adds --name where on is true.
func (a Argv) Flag(name string, on bool) Argv {
	if on {
		a.words = append(slices.Clip(a.words), "--"+name)
	}
	return a
}

// Option adds --name=value, one word, for each value; an empty value adds
// nothing. A value may not hold control characters.
func (a Argv) Option(name string, values ...string) Argv {
	a.words = slices.Clip(a.words)
	for _, v := range values {
		if v != "" {
			a = a.check(name, v, false)
			a.words = append(a.words, "--"+name+"="+v)
		}
	}
	return a
}

// Text is Option for free text, such as a label's value: line breaks and other
// control characters may stand in it, and an empty value is one too.
func (a Argv) Text(name string, values ...string) Argv {
	a.words = slices.Clip(a.words)
	for _, v := range values {
		a = a.check(name, v, true)
		a.words = append(a.words, "--"+name+"="+v)
	}
	return a
}

// Env sets variables of the container, each KEY=VALUE. They reach podman in a
// private file, so that no process list and no CreateCommand shows them. A
// value that such a file cannot hold (podman reads it line by line, and but in
// 4.7.0 takes each line as it is) goes as an option instead.
func (a Argv) Env(pairs ...string) Argv {
	a.words, a.env = slices.Clip(a.words), slices.Clip(a.env)
	for _, pair := range pairs {
		// A line without "=" would have podman hand over a variable of its own.
		key, value, ok := strings.Cut(pair, "=")
		if !ok || !isKey(key) {
			a = a.fail("env", short(key), "is not the KEY of KEY=VALUE")
			continue
		}
		if why := fault(value, true); why != "" {
			a = a.fail("env", key, "has a value that "+why) // which may be a secret
		}
		if strings.ContainsAny(value, "\n\r") {
			a.words = append(a.words, "--env="+pair)
		} else {
			a.env = append(a.env, pair)
		}
	}
	return a
}

// isKey tells whether s is a letter or "_" and then letters, digits and "_".
func isKey(s string) bool {
	for i, c := range []byte(s) {
		letter := c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return 0 < len(s) && len(s) <= maxKey
}

// Operand adds words after "--".
func (a Argv) Operand(words ...string) Argv {
	for _, w := range words {
		switch {
		case w == "":
			a = a.fail("operand", w, "is empty")
		case w[0] == '-':
			a = a.fail("operand", w, "begins with a dash")
		default:
			a = a.check("operand", w, false)
		}
	}
	a.operands = append(slices.Clip(a.operands), words...)
	return a
}

// Tail adds the container's own command, the last words of the line. It is
// free text: podman reads nothing after its last operand.
func (a Argv) Tail(words ...string) Argv {
	for _, w := range words {
		a = a.check("command", w, true)
	}
	a.tail = append(slices.Clip(a.tail), words...)
	return a
}

// Stdio adds the operand "-", which is standard input or output to podman: the
// one word after "--" that begins with a dash.
func (a Argv) Stdio() Argv {
	a.operands = append(slices.Clip(a.operands), "-")
	return a
}

// Input is what the process reads as its standard input, at most 1 MiB.
// Without it there is nothing to read.
func (a Argv) Input(text string) Argv {
	if len(text) > maxInput {
		return a.fail("stdin", short(text), fmt.Sprintf("is longer than %d bytes", maxInput))
	}
	a.input = text
	return a
}

// Mark names the process that podman starts in a container by a variable in
// its environment, so that it can be found and ended there when ctx is done:
// podman exec, when it is ended, leaves it running. The word must be one that
// no other call has.
func (a Argv) Mark(word string) Argv {
	a = a.Option("env", markName+"="+word)
	a.mark = word
	return a
}

// In sets the folder to run in.
func (a Argv) In(dir string) Argv { a.dir = dir; return a }

// Environ adds variables, each KEY=VALUE, to the environment of the process.
func (a Argv) Environ(pairs ...string) Argv {
	a.environ = append(slices.Clip(a.environ), pairs...)
	return a
}

// Pulls says that the command may fetch images: it then sees the proxy
// variables, which no other command does.
func (a Argv) Pulls() Argv { a.pulls = true; return a }

// Brief says of a command whose lines are read that it ends by itself soon. It
// then counts as short, and waits behind no followed one.
func (a Argv) Brief() Argv { a.brief = true; return a }

// Verb is the fixed part, such as "network ls", for logs and messages.
func (a Argv) Verb() string {
	n := slices.IndexFunc(a.words, func(w string) bool { return strings.HasPrefix(w, "-") })
	if n < 0 {
		n = len(a.words)
	}
	if a.program != "" {
		return strings.Join(append([]string{a.program}, a.words[:n]...), " ")
	}
	return strings.Join(a.words[:n], " ")
}

// EnvFile stands in Args for the private file that a Runner writes.
const EnvFile = "{env}"

// Args returns the words after the executable's name, or an *ArgError.
func (a Argv) Args() ([]string, error) { return a.args(EnvFile) }

func (a Argv) args(envFile string) ([]string, error) {
	if a.err != nil {
		return nil, a.err
	}
	args := slices.Clone(a.words)
	if len(a.env) > 0 {
		args = append(args, "--env-file="+envFile)
	}
	if len(a.operands)+len(a.tail) > 0 {
		args = append(append(args, "--"), a.operands...)
	}
	return append(args, a.tail...), nil
}

func (a Argv) check(name, value string, text bool) Argv {
	if why := fault(value, text); why != "" {
		return a.fail(name, short(value), why)
	}
	return a
}

// fault says why value may not stand on a command line; "" where it may.
func fault(value string, text bool) string {
	limit := maxWord
	if text {
		limit = maxText
	}
	switch {
	case len(value) > limit:
		return fmt.Sprintf("is longer than %d bytes", limit)
	case !utf8.ValidString(value):
		return "is not valid UTF-8"
	case strings.ContainsRune(value, 0):
		return "holds a NUL byte"
	case !text && strings.ContainsFunc(value, unicode.IsControl):
		return "holds a control character"
	}
	return ""
}

// short is as much of a bad value as a message needs.
func short(value string) string {
	if len(value) > 64 {
		value = value[:64] + "…"
	}
	return strings.ToValidUTF8(value, "�")
}

func (a Argv) fail(name, value, why string) Argv {
	if a.err == nil {
		a.err = &ArgError{name, value, why}
	}
	return a
}
