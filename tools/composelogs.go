package tools

import (
	"context"
	"regexp"
	"strings"
	"time"

	"podman-mcp/compose"
	"podman-mcp/parse"
)

var podmanComposeLogs = act(Tool{
	Name: "podman_compose_logs", Title: "Read a compose project's logs", Effect: Reads, Toolset: Compose, Default: true,
	About: "Returns the newest log lines of a compose project's services together, by time, each as SERVICE | LINE. " +
		"grep picks lines before tail counts them. follow streams new lines as progress until all have ended or duration is over. " +
		"For one container use podman_logs.",
}, composeLogs)

// ComposeLogsParams are the parameters of podman_compose_logs.
type ComposeLogsParams struct {
	File        File     `json:"file,omitempty" jsonschema:"Compose file or its folder"`
	ProjectName Name     `json:"project_name,omitempty" jsonschema:"Its name; then no file is read"`
	Services    []Name   `json:"services,omitempty" jsonschema:"Only these"`
	Tail        int      `json:"tail,omitempty" default:"100" minimum:"0" maximum:"10000" jsonschema:"Most lines of all together, the newest"`
	Since       Moment   `json:"since,omitempty" jsonschema:"10m, an RFC 3339 time or Unix seconds"`
	Follow      bool     `json:"follow,omitempty" default:"false" jsonschema:"Wait for new lines"`
	Duration    Patience `json:"duration,omitempty" default:"60s" jsonschema:"How long to follow at most"`
	Grep        string   `json:"grep,omitempty" jsonschema:"Regular expression (RE2); only lines that match"`
	MaxBytes    int      `json:"max_bytes,omitempty" default:"10240" minimum:"256" maximum:"262144" jsonschema:"Most bytes to return"`
}

func (in ComposeLogsParams) takes() time.Duration {
	if in.Follow {
		return in.Duration.Value()
	}
	return 0
}

// ComposeLogsResult is the result of podman_compose_logs.
type ComposeLogsResult struct {
	Project   string `json:"project"`
	Output    string `json:"output"`
	Lines     int    `json:"lines"`
	Total     int    `json:"total,omitempty" jsonschema:"Lines that match, where all was read"`
	Truncated bool   `json:"truncated"`
	Note      string `json:"note,omitempty"`
}

func (r ComposeLogsResult) text() (string, bool) { return closed(r.Output, r.Note), true }

// member is one container whose log is read.
type member struct {
	id, name string // name is what its lines bear
	running  bool

	// The last line that was read of the past, and how many there are of it.
	// Podman may tell whole seconds only.
	last time.Time
	line string
	same int
	live bool // what a follower now reads is new
}

func composeLogs(ctx context.Context, c *Call, in ComposeLogsParams) (ComposeLogsResult, error) {
	none := ComposeLogsResult{}
	grep, err := grepOf("grep", in.Grep)
	if err != nil {
		return none, err
	}
	found, err := compose.Look(ctx, c.Runner, c.target(in.File, in.ProjectName, in.Services))
	if err != nil {
		return none, err
	}
	if len(found.Containers) == 0 {
		return none, noContainers(found.Project)
	}
	var members []*member
	names := found.Named()
	for _, row := range found.Containers {
		if row.State != "created" && row.State != "configured" { // which has printed nothing
			running := row.State == "running" || row.State == "paused" || row.State == "stopping"
			members = append(members, &member{id: row.FullID, name: names[row.FullID], running: running})
		}
	}
	read := c.past
	if in.Follow {
		read = c.followMembers
	}
	ring, whole, err := read(ctx, in, grep, members)
	if err != nil {
		return none, err
	}
	told := in.together().result(ring, whole)
	told.Note = strings.Replace(told.Note, "grep, since or until", "services, grep or since", 1) // which this tool has
	return ComposeLogsResult{found.Project, told.Output, told.Lines, told.Total, told.Truncated, told.Note}, nil
}

// together is what podman_pod_logs would be asked for the same.
func (in ComposeLogsParams) together() PodLogsParams {
	return PodLogsParams{Tail: in.Tail, Since: in.Since, Grep: in.Grep, MaxBytes: in.MaxBytes}
}

// past reads what the members have printed, one log after another, and puts the
// newest lines into one order. Whole tells whether all was read.
func (c *Call) past(ctx context.Context, in ComposeLogsParams, grep *regexp.Regexp, members []*member) (newest *ring, whole bool, err error) {
	var all []*memberLog
	whole = true
	for _, m := range members {
		each := in.together()
		each.Tail = max(in.Tail, 1) // to know from where to follow
		log, begun, err := c.logOf(ctx, m, each, grep)
		if err != nil {
			return nil, false, err
		}
		m.from(log)
		all, whole = append(all, log), whole && begun
	}
	return in.together().merged(all), whole, nil
}

// logOf reads one member's log; of one that was removed since it was looked up
// there is none.
func (c *Call) logOf(ctx context.Context, m *member, in PodLogsParams, grep *regexp.Regexp) (log *memberLog, whole bool, err error) {
	log, whole, err = c.memberLog(ctx, in, grep, parse.PodContainer{FullID: m.id, Name: m.name + separator})
	if err == nil {
		return log, whole, nil
	}
	if f := c.failure(ctx, err, readTimeout); f.Code == parse.ContainerNotFound {
		return &memberLog{ring: newRing(in.Tail, in.MaxBytes)}, true, nil
	}
	return nil, false, err
}

// separator stands with a blank between the service's name and its line.
const separator = " |"
