package compose

import (
	"context"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

const maxTrace = 4 << 10 // bytes of the provider's output in a result

// trace reads what a provider prints: it keeps the end of it, hands each line
// on, and remembers what podman complained about, and over which container.
type trace struct {
	tell      func(string)
	secrets   *strings.Replacer
	further   map[string]int // by container: the further lines of such a command
	skip      int            // of them still to come
	kept      []string
	size      int
	verb      string // of the podman command that podman-compose 1.0.3 last printed
	container string // that it is about
	errors    []complaint
	last      string // the last line, which says what a Python traceback is about
}

type complaint struct{ verb, container, text string }

func newTrace(tell func(string), secrets []string, further map[string]int) *trace {
	var pairs []string
	for _, s := range secrets {
		pairs = append(pairs, s, "***")
	}
	return &trace{tell: tell, secrets: strings.NewReplacer(pairs...), further: further}
}

// follow runs argv to its end. The error is the command's.
func (t *trace) follow(ctx context.Context, r *exec.Runner, argv exec.Argv) error {
	for line, err := range r.Lines(ctx, argv) {
		if err != nil {
			return err
		}
		t.line(string(line.Text))
	}
	return nil
}

var (
	// podman-compose before 1.1 prints every podman command before it runs it:
	// those whose output it reads as a Python list, the others joined with
	// spaces and with all their options, values of variables among them.
	echoed    = parse.Lazily(`^\S*podman\S* (run|create|start|stop|rm|build|pod|network|volume|pull) (.*)`)
	chatter   = parse.Lazily(`^(?:\['|exit code: \d+$|using podman version|\*\* (?:excluding|skipping)|\S*podman\S* volume inspect \S+ \|\||Error: inspecting object: )`)
	complains = parse.Lazily(`^(?:Error:|Error response|ERROR|[A-Za-z]+Error:|missing )`)
)

func (t *trace) line(raw string) {
	text := strings.TrimRight(parse.Clean(raw), " \t\r\n")
	if t.skip > 0 {
		t.skip--
		return
	}
	if text == "" || chatter().MatchString(text) {
		return
	}
	if m := echoed().FindStringSubmatch(text); m != nil {
		t.verb, t.container = m[1], operand(m[1], m[2])
		if t.verb == "run" || t.verb == "create" {
			t.skip = t.further[t.container]
		}
		text = strings.TrimSpace("podman " + t.verb + " " + t.container)
	} else {
		text = parse.Mask(t.secrets.Replace(text))
	}
	if complains().MatchString(text) {
		t.errors = append(t.errors, complaint{t.verb, t.container, text})
	}
	t.last = text
	t.keep(text)
	t.tell(text)
}

// operand finds the container's name in the words after a verb.
func operand(verb, words string) string {
	for word := range strings.FieldsSeq(words) {
		if name, ok := strings.CutPrefix(word, "--name="); ok {
			return name
		}
	}
	fields := strings.Fields(words)
	if verb == "run" || verb == "create" || verb == "build" || len(fields) == 0 {
		return ""
	}
	return fields[len(fields)-1]
}

func (t *trace) keep(text string) {
	if len(text) > maxTrace {
		text = strings.ToValidUTF8(text[:maxTrace/2], "") + "…"
	}
	t.kept = append(t.kept, text)
	t.size += len(text) + 1
	for t.size > maxTrace && len(t.kept) > 1 {
		t.size -= len(t.kept[0]) + 1
		t.kept = t.kept[1:]
	}
}

// output is the newest 4 KB, in lines.
func (t *trace) output() string { return strings.Join(t.kept, "\n") }

// beside is what podman says because a provider makes a container that is there
// already and then starts it, or starts one that could not be made.
var beside = parse.Lazily(`is already in use|no such container`)

// about gives the line that says why a container does not run: the first after
// the command that made it, else the last one that holds one of the words, such
// as its id or its image. It is "" where there is none.
func (t *trace) about(container string, words ...string) string {
	for _, c := range t.errors {
		if container != "" && c.container == container && !beside().MatchString(c.text) {
			return c.text
		}
	}
	for _, c := range slices.Backward(t.errors) {
		for _, word := range append(words, container) {
			if word != "" && strings.Contains(c.text, word) && !beside().MatchString(c.text) {
				return c.text
			}
		}
	}
	return ""
}

// building gives the line that says why an image could not be built.
func (t *trace) building() string {
	for _, c := range t.errors {
		if c.verb == "build" || strings.Contains(c.text, "building at STEP") {
			return c.text
		}
	}
	return ""
}

// complaints are podman's own words about what is wrong, newest last.
func (t *trace) complaints() string {
	var lines []string
	for _, c := range t.errors {
		if !beside().MatchString(c.text) {
			lines = append(lines, c.text)
		}
	}
	return parse.Details(strings.Join(lines, "\n"))
}

// cause is what stopped the provider as a whole, "" where nothing is known.
func (t *trace) cause() string {
	if len(t.errors) > 0 {
		return t.errors[len(t.errors)-1].text
	}
	return t.last
}
