package tools

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanExec = act(Tool{
	Name: "podman_exec", Title: "Run a command in a container", Effect: Changes, Toolset: Containers, Default: true, Destructive: true,
	About: "Runs a command in a running container and returns its output and exit_code; another status than 0 is a result. " +
		"No shell reads the command: give [\"sh\",\"-c\",\"…\"] for one, where the image has it. " +
		"For a container of its own use podman_run, to copy files podman_cp.",
}, execute)

// ExecParams are the parameters of podman_exec.
type ExecParams struct {
	Container Container `json:"container" jsonschema:"Name or id"`
	CommandParams
}

// CommandParams say what to run in a container.
type CommandParams struct {
	Command  []string `json:"command" minItems:"1" jsonschema:"Program and arguments, one item each"`
	Workdir  Path     `json:"workdir,omitempty"`
	User     User     `json:"user,omitempty" jsonschema:"USER[:GROUP]"`
	Env      []Env    `json:"env,omitempty" jsonschema:"Each KEY=VALUE"`
	Detach   bool     `json:"detach,omitempty" default:"false" jsonschema:"Only start it; output and exit_code are lost"`
	TTY      bool     `json:"tty,omitempty" default:"false" jsonschema:"On a pseudo-terminal"`
	Stdin    string   `json:"stdin,omitempty" jsonschema:"Text for its standard input, at most 1 MiB"`
	Timeout  Patience `json:"timeout,omitempty" default:"2m" jsonschema:"At most 10m; then it is ended"`
	MaxBytes int      `json:"max_bytes,omitempty" default:"10240" minimum:"256" maximum:"262144" jsonschema:"Most bytes of output to return, the newest"`
}

func (in CommandParams) takes() time.Duration { return in.Timeout.Value() }

// ExecResult is the result of podman_exec.
type ExecResult struct {
	ExitCode  *int    `json:"exit_code,omitempty"`
	Output    *string `json:"output,omitempty" jsonschema:"Of both streams; beside an error, what came until then"`
	Total     int     `json:"total,omitempty" jsonschema:"Lines that it printed"`
	Truncated bool    `json:"truncated,omitempty"`
	Session   string  `json:"session,omitempty" jsonschema:"With detach: podman's exec session"`
	Note      string  `json:"note,omitempty"`
}

func (r ExecResult) partial() bool { return r.Output != nil && *r.Output != "" }

func (r ExecResult) text() (string, bool) {
	if r.ExitCode == nil {
		return "", false
	}
	note := fmt.Sprintf("exit code %d", *r.ExitCode)
	if r.Note != "" {
		note += "; " + r.Note
	}
	return closed(*r.Output, note), true
}

// errLate is the end of the time that the caller gave a command.
var errLate = errors.New("the command's timeout is over")

func execute(ctx context.Context, c *Call, in ExecParams) (ExecResult, error) {
	switch {
	case in.Command[0] == "":
		return ExecResult{}, invalid("command", "begins with an empty word; the first item is the program")
	case in.Detach && in.Stdin != "":
		return ExecResult{}, invalid("stdin", "cannot stand beside detach; nobody stays to hand it over")
	case in.Detach && in.TTY:
		return ExecResult{}, invalid("tty", "cannot stand beside detach; nobody stays at the terminal")
	}
	if _, err := in.argv().Args(); err != nil {
		return ExecResult{}, err
	}
	if err := c.exact(ctx, string(in.Container)); err != nil {
		return ExecResult{}, err
	}
	id, err := c.mayChange(ctx, string(in.Container))
	if err != nil {
		return ExecResult{}, err
	}
	in.Container = Container(id)
	argv := in.argv()
	if in.Detach {
		result, err := c.Runner.Run(ctx, argv)
		session := strings.TrimSpace(string(result.Stdout))
		return ExecResult{Session: session[:min(12, len(session))]}, err
	}
	// The mark lets a cancelled or late call end the process in the container.
	argv = argv.Mark(rand.Text())
	ctx, cancel := context.WithTimeoutCause(ctx, in.Timeout.Value(), errLate)
	defer cancel()
	ring := newRing(10000, in.MaxBytes)
	progress := newLineProgress(ctx, c)
	defer progress.end() // before the result
	code := 0
	for line, err := range c.Runner.Lines(ctx, argv) {
		var run *exec.RunError
		switch {
		case errors.As(err, &run) && run.Code > 0 && !stopped(ctx, err) && !parse.FromExec(run.Stderr, run.Code):
			code = run.Code
		case errors.Is(err, errLate):
			return in.result(ring), in.late(err)
		case stopped(ctx, err), errors.As(err, &run) && parse.ExecLost(run.Stderr, run.Code):
			return in.result(ring), err
		case err != nil:
			return ExecResult{}, err
		default:
			text := lineText(line)
			ring.add(text)
			progress.line(text)
		}
	}
	out := in.result(ring)
	out.ExitCode = &code
	return out, nil
}

func (in ExecParams) argv() exec.Argv {
	return exec.Podman("exec").
		Flag("detach", in.Detach).
		Flag("interactive", in.Stdin != "").
		Flag("tty", in.TTY).
		Env(words(in.Env)...).
		Option("workdir", string(in.Workdir)).
		Option("user", string(in.User)).
		Operand(string(in.Container)).Tail(in.Command...).
		Input(in.input())
}

// endOfTerminal is what ends the input that a program reads from a terminal: at the beginning of a line once,
// after a part of one twice, for the first hands that part over (termios(3), EOF).
const endOfTerminal = "\x04"

func (in CommandParams) input() string {
	switch {
	case !in.TTY || in.Stdin == "":
		return in.Stdin
	case strings.HasSuffix(in.Stdin, "\n"):
		return in.Stdin + endOfTerminal
	}
	return in.Stdin + endOfTerminal + endOfTerminal
}

func (in CommandParams) result(r *ring) ExecResult {
	output, lines := r.text()
	out := ExecResult{Output: &output, Total: r.total, Truncated: lines < r.total || r.cut}
	if out.Truncated {
		out.Note = fmt.Sprintf("the newest %d of %d lines, cut at %d bytes; raise max_bytes to see more", lines, r.total, in.MaxBytes)
	}
	return out
}

// late is the failure of a command that took too long.
func (in CommandParams) late(err error) *parse.Failure {
	f := &parse.Failure{Code: parse.Timeout, Err: err,
		Message: fmt.Sprintf("the command did not end within %s", in.Timeout.Value()),
		Hint:    ended(err) + " Give a longer timeout, or start what is meant to go on with detach."}
	return f
}

// ended says what became of a command that the call gave up.
func ended(err error) string {
	if errors.Is(err, exec.ErrLeft) {
		return "The command may still be running in the container: its process cannot be seen from here; podman_top shows it."
	}
	return "What was running has been ended."
}
