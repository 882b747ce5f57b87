package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanLogs = act(Tool{
	Name: "podman_logs", Title: "Read a container's logs", Effect: Reads, Toolset: Containers, Default: true,
	About: "Returns the newest log lines of a container, also of a stopped one. grep picks lines before tail counts them; " +
		"since and until narrow the time. follow streams new lines as progress until the container ends or duration is over. " +
		"For a whole compose project use podman_compose_logs.",
}, logs)

// LogsParams are the parameters of podman_logs.
type LogsParams struct {
	Container  Container `json:"container" jsonschema:"Name or id"`
	Tail       int       `json:"tail,omitempty" default:"100" minimum:"0" maximum:"10000" jsonschema:"Most lines to return, the newest"`
	Since      Moment    `json:"since,omitempty" jsonschema:"10m, an RFC 3339 time or Unix seconds"`
	Until      Moment    `json:"until,omitempty" jsonschema:"10m, an RFC 3339 time or Unix seconds"`
	Follow     bool      `json:"follow,omitempty" default:"false" jsonschema:"Wait for new lines"`
	Duration   Patience  `json:"duration,omitempty" default:"60s" jsonschema:"How long to follow at most"`
	Timestamps bool      `json:"timestamps,omitempty" default:"false"`
	Grep       string    `json:"grep,omitempty" jsonschema:"Regular expression (RE2); only lines that match"`
	MaxBytes   int       `json:"max_bytes,omitempty" default:"10240" minimum:"256" maximum:"262144" jsonschema:"Most bytes to return"`
}

func (in LogsParams) takes() time.Duration {
	if in.Follow {
		return in.Duration.Value()
	}
	return 0
}

// LogsResult is the result of podman_logs.
type LogsResult struct {
	Container string `json:"container"`
	Output    string `json:"output"`
	Lines     int    `json:"lines" jsonschema:"Lines in output"`
	Total     int    `json:"total,omitempty" jsonschema:"Lines in all that match, where the whole log was read"`
	Truncated bool   `json:"truncated"`
	Note      string `json:"note,omitempty" jsonschema:"What was cut and how to see more"`
}

func (r LogsResult) text() (string, bool) { return closed(r.Output, r.Note), true }

// closed is output with a closing line of ours.
func closed(output, note string) string {
	if note == "" {
		return output
	}
	return strings.TrimPrefix(output+"\n["+note+"]", "\n")
}

// errEnough ends a follow whose duration is over.
var errEnough = errors.New("the time to follow is over")

func logs(ctx context.Context, c *Call, in LogsParams) (LogsResult, error) {
	grep, err := grepOf("grep", in.Grep)
	if err != nil {
		return LogsResult{}, err
	}
	if in.Follow && in.Since == "" && in.Until == "" {
		return c.followLogs(ctx, in, grep)
	}
	if err := c.exact(ctx, string(in.Container)); err != nil {
		return LogsResult{}, err
	}
	argv := exec.Podman("logs").Flag("follow", in.Follow).Flag("timestamps", in.Timestamps).
		Option("since", string(in.Since)).Option("until", in.Until.until()).
		Operand(string(in.Container))
	if !in.Follow {
		argv = argv.Brief()
	} else {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, in.Duration.Value(), errEnough)
		defer cancel()
	}
	ring := newRing(in.Tail, in.MaxBytes)
	if !in.Follow && grep == nil && in.Since == "" && in.Until == "" {
		if out, ok, err := c.newest(ctx, in, ring); ok || err != nil {
			return out, err
		}
	}
	progress := newLineProgress(ctx, c)
	defer progress.end() // before the result
	for line, err := range c.Runner.Lines(ctx, argv) {
		if errors.Is(err, errEnough) {
			break
		}
		if err != nil {
			return LogsResult{}, c.missing(ctx, string(in.Container), err)
		}
		text, body := in.line(line)
		if grep != nil && !grep.MatchString(body) {
			continue
		}
		ring.add(text)
		if in.Follow {
			progress.line(text)
		}
	}
	if in.Follow && c.Runner.Remote && ctx.Err() == nil {
		if err := c.ended(ctx, string(in.Container)); !errors.Is(err, io.EOF) {
			return LogsResult{}, err
		}
	}
	return in.result(ring), nil
}

// maxGrep is the most bytes of a regular expression.
const maxGrep = 1000

// grepOf compiles what a parameter holds; nil stands for none.
func grepOf(parameter, pattern string) (*regexp.Regexp, error) {
	if pattern == "" {
		return nil, nil
	}
	if len(pattern) <= maxGrep {
		if grep, err := regexp.Compile(pattern); err == nil {
			return grep, nil
		}
	}
	return nil, invalid(parameter, "got %s; takes a regular expression in RE2's notation of at most %d bytes", short([]byte(pattern)), maxGrep)
}

// quick is how long podman may look for the newest lines by itself. It finds
// them at once in a log of many lines, but reads one long line for minutes and
// takes gigabytes.
const quick = 2 * time.Second

// newest has podman look for the newest lines, and one more to know whether
// there are more. Where that takes too long, ok is false and the ring empty.
func (c *Call) newest(ctx context.Context, in LogsParams, ring *ring) (out LogsResult, ok bool, err error) {
	soon, cancel := context.WithTimeoutCause(ctx, quick, errEnough)
	defer cancel()
	argv := exec.Podman("logs").Flag("timestamps", in.Timestamps).Option("tail", strconv.Itoa(in.Tail+1)).
		Operand(string(in.Container)).Brief()
	for line, err := range c.Runner.Lines(soon, argv) {
		if errors.Is(err, errEnough) {
			*ring = *newRing(in.Tail, in.MaxBytes)
			return LogsResult{}, false, nil
		}
		if err != nil {
			return LogsResult{}, false, c.missing(ctx, string(in.Container), err)
		}
		text, _ := in.line(line)
		ring.add(text)
	}
	out = in.result(ring)
	out.Total = 0
	if ring.total > in.Tail && out.Lines == in.Tail {
		out.Note = fmt.Sprintf("the newest %d lines; raise tail, or narrow with grep, since or until, to see more", out.Lines)
	}
	return out, true, nil
}

// missing tells of a container that is not there where a remote podman says
// something else: it reads the service's refusal as a piece of the log, and
// fails on its first byte.
func (c *Call) missing(ctx context.Context, name string, err error) error {
	var run *exec.RunError
	if !errors.As(err, &run) || !strings.Contains(run.Stderr, "lost synchronization with multiplexed stream") {
		return err
	}
	list, listErr := c.containers(ctx)
	if _, ok := find(list, name); ok || listErr != nil {
		return err
	}
	return notFound(name)
}

// line is a line as it is returned, and what of it the container printed.
func (in LogsParams) line(line exec.Line) (text, body string) {
	if !in.Timestamps {
		text = lineText(line)
		return text, text
	}
	text = string(appendLine(nil, line))
	return text, text[stamp([]byte(text)):]
}

// lineText cleans a line for a model.
func lineText(line exec.Line) string {
	text := parse.Clean(strings.TrimSuffix(string(line.Text), "\r"))
	if line.Cut > 0 {
		text += fmt.Sprintf(" […%d more bytes of this line]", line.Cut)
	}
	return text
}

func (in LogsParams) result(r *ring) LogsResult {
	output, lines := r.text()
	out := LogsResult{Container: string(in.Container), Output: output, Lines: lines, Total: r.total, Truncated: lines < r.total || r.cut}
	switch {
	case r.total == 0:
		out.Note = "no lines"
		if in.Grep != "" || in.Since != "" || in.Until != "" {
			out.Note = "no lines match"
		}
	case lines < r.total && lines < in.Tail:
		out.Note = fmt.Sprintf("the newest %d of %d lines read, cut at %d bytes; raise max_bytes, or narrow with grep, since or until, to see more", lines, r.total, in.MaxBytes)
	case lines < r.total:
		out.Note = fmt.Sprintf("the newest %d of %d lines; raise tail, or narrow with grep, since or until, to see more", lines, r.total)
	case r.cut:
		out.Note = "the first line is cut at " + strconv.Itoa(in.MaxBytes) + " bytes; raise max_bytes to see more"
	}
	return out
}
