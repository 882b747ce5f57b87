package parse

import (
	"bytes"
	"time"

	"github.com/tidwall/gjson"
)

// Event is one thing that happened, as podman events tells it.
type Event struct {
	Time       string            `json:"time"`   // to the millisecond
	Type       string            `json:"type"`   // container, image, pod, volume, network, secret or system
	Action     string            `json:"action"` // create, start, died, health_status, …
	ID         string            `json:"id,omitempty"`
	Name       string            `json:"name,omitempty"`
	Image      string            `json:"image,omitempty"`
	Pod        string            `json:"pod,omitempty"` // the first 12 characters of its id
	ExitCode   *int              `json:"exit_code,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"` // health_status, compose_project, compose_service, network, error

	FullID string `json:"-"`
}

// millis is RFC 3339 to the millisecond.
const millis = "2006-01-02T15:04:05.000Z07:00"

// Warning tells whether a line is one of podman's own log or empty: such may stand beside what was asked for.
func Warning(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || warning().Match(line)
}

// Broken tells whether a line begins as JSON does and is none.
func Broken(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) > 0 && line[0] == '{' && !valid(line)
}

// Events reads one line of podman events --format json. Of the attributes,
// which are a container's labels, it keeps those that say what it belongs to.
func Events(line []byte) (Event, error) {
	line = bytes.TrimSpace(line)
	if len(line) == 0 || line[0] != '{' || !valid(line) {
		return Event{}, OutputInvalidError("an event", line, nil)
	}
	var e Event
	var network, failed, health string
	exit, hasExit := 0, false
	each(gjson.ParseBytes(line), func(key, v gjson.Result) bool {
		switch key.Str {
		case "Type":
			e.Type = clean(v)
		case "Status":
			e.Action = clean(v)
		case "ID":
			e.FullID = clean(v)
		case "Name":
			e.Name = clean(v)
		case "Image":
			e.Image = clean(v)
		case "PodID":
			e.Pod = short(clean(v))
		case "Time": // before podman 5.0
			if t, err := time.Parse(time.RFC3339Nano, v.Str); err == nil {
				e.Time = t.UTC().Format(millis)
			}
		case "timeNano":
			if ns := v.Int(); ns > 0 {
				e.Time = time.Unix(0, ns).UTC().Format(millis)
			}
		case "ContainerExitCode":
			exit, hasExit = int(v.Int()), true
		case "health_status":
			health = clean(v)
		case "network":
			network = clean(v)
		case "Error":
			failed = cutBytes(Mask(clean(v)), maxEventError)
		case "Attributes":
			project, service := composeOf(textMap(v))
			e.attribute("compose_project", project)
			e.attribute("compose_service", service)
		}
		return true
	})
	if e.Type == "" || e.Action == "" {
		return Event{}, OutputInvalidError("an event", line, nil)
	}
	e.ID = short(e.FullID)
	e.attribute("health_status", health)
	e.attribute("network", network)
	e.attribute("error", failed)
	if e.Name == "" {
		e.Name = network // podman 5 gives a network's own name there
	}
	if hasExit || e.Action == "died" || e.Action == "exec_died" { // 4.3 leaves a 0 out
		e.ExitCode = &exit
	}
	return e, nil
}

const maxEventError = 512 // bytes

func (e *Event) attribute(key, value string) {
	if value == "" {
		return
	}
	if e.Attributes == nil {
		e.Attributes = map[string]string{}
	}
	e.Attributes[key] = maskValue(key, value)
}
