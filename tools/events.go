package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanEvents = act(Tool{
	Name: "podman_events", Title: "See what happened, and what happens", Effect: Reads, Toolset: System, Default: true,
	About: "Lists what happened to containers, images, pods, volumes and networks, the newest last: starts, deaths with their exit " +
		"codes, health, pulls, removals; the last hour, or since and until. follow streams what happens from now on as progress " +
		"until duration is over. For what a container prints use podman_logs.",
}, events)

// EventsParams are the parameters of podman_events.
type EventsParams struct {
	Since    Moment       `json:"since,omitempty" jsonschema:"10m, an RFC 3339 time or Unix seconds; 1h without it, with follow nothing of the past"`
	Until    Moment       `json:"until,omitempty" jsonschema:"10m, an RFC 3339 time or Unix seconds; now without it"`
	Filters  EventFilters `json:"filters,omitzero" jsonschema:"Only events that match all of these"`
	Follow   bool         `json:"follow,omitempty" default:"false" jsonschema:"Wait for new events"`
	Duration Patience     `json:"duration,omitempty" default:"60s" jsonschema:"How long to follow at most"`
	Limit    int          `json:"limit,omitempty" default:"40" minimum:"1" maximum:"200" jsonschema:"Most events to return, the newest"`
}

// EventFilters are podman's own filters of events.
type EventFilters struct {
	Event     string     `json:"event,omitempty" enum:"attach build checkpoint cleanup commit connect create died disconnect exec exec_died export health_status import init kill loadfromarchive mount pause prune pull pull-error push refresh remove rename restart restore save start stop sync tag unmount unpause untag update" jsonschema:"What happened"`
	Container Container  `json:"container,omitempty" jsonschema:"Container's name or id"`
	Image     Image      `json:"image,omitempty" jsonschema:"Image's name or id"`
	Pod       Name       `json:"pod,omitempty" jsonschema:"Pod's name or id"`
	Volume    Name       `json:"volume,omitempty" jsonschema:"Volume's name"`
	Type      string     `json:"type,omitempty" enum:"container image network pod secret system volume"`
	Label     LabelMatch `json:"label,omitempty" jsonschema:"KEY or KEY=VALUE of a container"`
}

func (f EventFilters) pairs() []string {
	return pairs("event", f.Event, "container", string(f.Container), "image", string(f.Image), "pod", string(f.Pod),
		"volume", string(f.Volume), "type", f.Type, "label", string(f.Label))
}

func (in EventsParams) takes() time.Duration {
	if in.Follow {
		return in.Duration.Value()
	}
	return 0
}

// EventsResult is the result of podman_events.
type EventsResult struct {
	Events    []parse.Event `json:"events" jsonschema:"The oldest first"`
	Total     int           `json:"total" jsonschema:"Events that match, also those not shown"`
	Truncated bool          `json:"truncated"`
}

// recently is how far podman_events looks back by itself: a journal may hold
// months.
const recently = "1h"

func events(ctx context.Context, c *Call, in EventsParams) (EventsResult, error) {
	since := string(in.Since)
	if since == "" && in.Until == "" && !in.Follow {
		since = recently
	}
	argv := exec.Podman("events").Option("stream", fmt.Sprint(in.Follow)).
		Option("since", since).Option("until", in.Until.until()).
		Option("filter", in.Filters.pairs()...).
		Option("format", "json")
	if !in.Follow {
		argv = argv.Brief()
	} else {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, in.Duration.Value(), errEnough)
		defer cancel()
	}
	newest := []parse.Event{} // grows to twice the limit before it is cut
	total := 0
	var broken, strange error // of the first line that is half an event, or is none and no warning
	progress := newLineProgress(ctx, c)
	defer progress.end() // before the result
	for line, err := range c.Runner.Lines(ctx, argv) {
		if errors.Is(err, errEnough) {
			broken = nil // podman was ended in the middle of a line
			break
		}
		if err != nil {
			return EventsResult{}, err
		}
		event, err := parse.Events(line.Text)
		if err != nil {
			// Podman 5 writes warnings beside them, on standard error.
			switch {
			case broken == nil && parse.Broken(line.Text):
				broken = err
			case strange == nil && !parse.Warning(line.Text):
				strange = err
			}
			continue
		}
		total++
		if newest = append(newest, event); len(newest) == 2*in.Limit {
			newest = append(newest[:0], newest[in.Limit:]...)
		}
		if in.Follow {
			record, err := compact(event)
			if err != nil {
				return EventsResult{}, err
			}
			progress.line(string(record))
		}
	}
	if broken == nil && total == 0 {
		broken = strange
	}
	if broken != nil {
		return EventsResult{}, broken
	}
	// Podman 4.3 tells of a container's image after the container.
	slices.SortStableFunc(newest, func(a, b parse.Event) int { return strings.Compare(a.Time, b.Time) })
	newest = newest[max(0, len(newest)-in.Limit):]
	return EventsResult{newest, total, total > len(newest)}, nil
}
