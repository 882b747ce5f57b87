package parse

import (
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// HealthCheck is how a container's health is checked: Test is CMD or CMD-SHELL and words, times are such as "30s".
type HealthCheck struct {
	Test                           []string
	Interval, Timeout, StartPeriod string
	Retries                        int64
}

// ContainerCommand reads what podman container inspect tells of the container's own command, secrets masked, and
// of its health check; nil without one.
func ContainerCommand(out []byte) ([]string, *HealthCheck, error) {
	v, err := firstObject("an inspected container", out)
	if err != nil {
		return nil, nil, err
	}
	command := MaskArgs(cleanList(v.Get("Config.Cmd")))
	h := v.Get("Config.Healthcheck")
	test := cleanList(h.Get("Test"))
	if len(test) < 2 {
		return command, nil, nil
	}
	span := func(field string) string {
		if d := time.Duration(h.Get(field).Int()); d >= time.Second {
			return d.Truncate(time.Second).String()
		}
		return ""
	}
	return command, &HealthCheck{Test: MaskArgs(test), Interval: span("Interval"), Timeout: span("Timeout"), StartPeriod: span("StartPeriod"),
		Retries: h.Get("Retries").Int()}, nil
}

// Quadlet is one row of podman quadlet list.
type Quadlet struct {
	Name    string `json:"name"` // of the file
	Service string `json:"service,omitempty"`
	Status  string `json:"status,omitempty"` // of the service, where podman tells it
	Path    string `json:"path,omitempty"`
}

// Quadlets reads podman quadlet list --format json, by name.
func Quadlets(out []byte) ([]Quadlet, error) {
	list := []Quadlet{}
	err := eachRow("a list of quadlets", out, func(row gjson.Result) {
		list = append(list, Quadlet{Name: clean(row.Get("Name")), Service: clean(row.Get("UnitName")),
			Status: clean(row.Get("Status")), Path: clean(row.Get("Path"))})
	})
	for _, q := range list {
		if q.Name == "" && err == nil {
			err = OutputInvalidError("a list of quadlets", out, nil)
		}
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Quadlet) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// WithoutSystemd tells of a failure for which only systemd is to blame, that is not there to be asked.
func WithoutSystemd(stderr string) bool {
	return strings.Contains(stderr, "connecting to systemd dbus")
}
