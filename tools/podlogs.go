package tools

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanPodLogs = act(Tool{
	Name: "podman_pod_logs", Title: "Read a pod's logs", Effect: Reads, Toolset: Pods,
	About: "Returns the newest log lines of all containers of a pod in the order of their times, each line behind its container's name. " +
		"grep picks lines before tail counts them; since and until narrow the time. For one container, or to follow, use podman_logs.",
}, podLogs)

// PodLogsParams are the parameters of podman_pod_logs.
type PodLogsParams struct {
	Pod        Name   `json:"pod" jsonschema:"Name or id"`
	Tail       int    `json:"tail,omitempty" default:"100" minimum:"0" maximum:"10000" jsonschema:"Most lines to return, the newest"`
	Since      Moment `json:"since,omitempty" jsonschema:"10m, an RFC 3339 time or Unix seconds"`
	Until      Moment `json:"until,omitempty" jsonschema:"10m, an RFC 3339 time or Unix seconds"`
	Timestamps bool   `json:"timestamps,omitempty" default:"false"`
	Grep       string `json:"grep,omitempty" jsonschema:"Regular expression (RE2); only lines that match, without the container's name"`
	MaxBytes   int    `json:"max_bytes,omitempty" default:"10240" minimum:"256" maximum:"262144" jsonschema:"Most bytes to return"`
}

// PodLogsResult is the result of podman_pod_logs.
type PodLogsResult struct {
	Pod       string `json:"pod"`
	Output    string `json:"output" jsonschema:"Each line CONTAINER TEXT"`
	Lines     int    `json:"lines" jsonschema:"Lines in output"`
	Total     int    `json:"total,omitempty" jsonschema:"Lines in all that match, where the whole logs were read"`
	Truncated bool   `json:"truncated"`
	Note      string `json:"note,omitempty" jsonschema:"What was cut and how to see more"`
}

func (r PodLogsResult) text() (string, bool) { return closed(r.Output, r.Note), true }

func podLogs(ctx context.Context, c *Call, in PodLogsParams) (PodLogsResult, error) {
	grep, err := grepOf("grep", in.Grep)
	if err != nil {
		return PodLogsResult{}, err
	}
	list, err := c.pods(ctx)
	if err != nil {
		return PodLogsResult{}, err
	}
	pod, err := findPod(list, string(in.Pod))
	if err != nil {
		return PodLogsResult{}, err
	}
	var all []*memberLog
	whole := true
	for _, member := range pod.Containers {
		one, read, err := c.memberLog(ctx, in, grep, member)
		if err != nil {
			return PodLogsResult{}, err
		}
		all, whole = append(all, one), whole && read
	}
	return in.result(in.merged(all), whole), nil
}

// result is told as podman_logs tells its own. Where not the whole logs were
// read, nobody knows how many lines there are.
func (in PodLogsParams) result(r *ring, whole bool) PodLogsResult {
	told := LogsParams{Tail: in.Tail, Since: in.Since, Until: in.Until, Grep: in.Grep, MaxBytes: in.MaxBytes}.result(r)
	if !whole {
		told.Total = 0
		if r.total > in.Tail && told.Lines == in.Tail {
			told.Note = fmt.Sprintf("the newest %d lines; raise tail, or narrow with grep, since or until, to see more", told.Lines)
		}
	}
	return PodLogsResult{string(in.Pod), told.Output, told.Lines, told.Total, told.Truncated, told.Note}
}

// memberLog is the newest of one container's log, and when its lines were printed.
type memberLog struct {
	*ring
	name  string
	times []time.Time // of the newest lines, at least of those that the ring holds
}

// memberLog reads one container's log, as podman_logs does: podman pod logs
// prints the containers' lines in any order, and a remote one reads only one
// container's. Whole tells whether it was read from its beginning.
func (c *Call) memberLog(ctx context.Context, in PodLogsParams, grep *regexp.Regexp, member parse.PodContainer) (log *memberLog, whole bool, err error) {
	argv := exec.Podman("logs").Flag("timestamps", true).
		Option("since", string(in.Since)).Option("until", in.Until.until()).Operand(member.FullID).Brief()
	if grep == nil && in.Since == "" && in.Until == "" {
		// One line more, to know whether there are more.
		soon, cancel := context.WithTimeoutCause(ctx, quick, errEnough)
		defer cancel()
		log, err = c.readMember(soon, argv.Option("tail", strconv.Itoa(in.Tail+1)), in, nil, member.Name)
		if !errors.Is(err, errEnough) {
			return log, false, err
		}
	}
	log, err = c.readMember(ctx, argv, in, grep, member.Name)
	return log, true, err
}

func (c *Call) readMember(ctx context.Context, argv exec.Argv, in PodLogsParams, grep *regexp.Regexp, name string) (*memberLog, error) {
	var when time.Time
	room := in.MaxBytes - len(in.lead(name, when)) - len("+01:00") // beside what stands before each line
	log := &memberLog{ring: newRing(in.Tail, max(1, room)), name: name}
	for line, err := range c.Runner.Lines(ctx, argv) {
		if err != nil {
			return nil, err
		}
		text := onePiece(line.Text)
		// Where the clock was set back, the container's own lines keep their order.
		if t, ok := stamped(text); ok && t.After(when) {
			when = t
		}
		line.Text = text[stamp(text):]
		if words := lineText(line); grep == nil || grep.MatchString(words) {
			log.add(in, when, words)
		}
	}
	return log, nil
}

func (log *memberLog) add(in PodLogsParams, when time.Time, words string) {
	log.ring.add(words)
	log.times = append(log.times, when)
	if keep := in.Tail + 1; len(log.times) > 2*keep+1024 {
		log.times = append(log.times[:0], log.times[len(log.times)-keep:]...)
	}
}

// logTime is podman's form of a time in logs, which is always of the same length.
const logTime = "2006-01-02T15:04:05.000000000Z07:00"

// lead is what stands before each line.
func (in PodLogsParams) lead(name string, when time.Time) string {
	if in.Timestamps {
		return name + " " + when.Format(logTime) + " "
	}
	return name + " "
}

// merged puts the containers' lines into one order, those of the same time by
// container: a remote podman 4.3 tells whole seconds only.
func (in PodLogsParams) merged(logs []*memberLog) *ring {
	type timed struct {
		when time.Time
		text string
	}
	var all []timed
	total, cut := 0, false
	for _, log := range logs {
		kept := log.lines[log.first:]
		for i, text := range kept {
			when := log.times[len(log.times)-len(kept)+i]
			all = append(all, timed{when, in.lead(log.name, when) + text})
		}
		total, cut = total+log.total, cut || log.cut
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.when.Compare(b.when) })
	out := newRing(in.Tail, in.MaxBytes)
	for _, line := range all {
		out.add(line.text)
	}
	out.total, out.cut = total, cut
	return out
}
