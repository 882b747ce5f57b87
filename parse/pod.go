package parse

import (
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Pod is one row of podman pod ps. Containers leaves out the infra container, which only holds the pod's
// namespaces and ports.
type Pod struct {
	ID              string            `json:"id"` // the first 12 characters
	Name            string            `json:"name"`
	State           string            `json:"state"` // lower case: created, running, degraded, exited, stopped, paused, error
	Created         string            `json:"created,omitempty"`
	Containers      []PodContainer    `json:"containers"`
	ContainersTotal int               `json:"containers_total"`
	InfraID         string            `json:"infra_id,omitempty"`
	Labels          map[string]string `json:"labels,omitempty"` // secrets masked

	FullID string       `json:"-"`
	Infra  PodContainer `json:"-"`
	Owner  string       `json:"-"` // see OwnerLabel
}

// PodContainer is one member of a pod.
type PodContainer struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"`
	State string `json:"state"`

	FullID string `json:"-"`
}

// Pods reads podman pod ps --format json, newest first.
func Pods(out []byte) ([]Pod, error) {
	list := []Pod{}
	ages := map[string]time.Time{}
	err := eachRow("a list of pods", out, func(row gjson.Result) {
		p := pod(row)
		ages[p.FullID], _ = time.Parse(time.RFC3339Nano, row.Get("Created").Str) // what is no time is the oldest
		list = append(list, p)
	})
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(list, func(p Pod) bool { return p.ID == "" }) {
		return nil, OutputInvalidError("a list of pods", out, nil)
	}
	slices.SortStableFunc(list, func(a, b Pod) int { return ages[b.FullID].Compare(ages[a.FullID]) })
	return list, nil
}

func pod(row gjson.Result) Pod {
	p := Pod{
		FullID:     clean(row.Get("Id")),
		Name:       clean(row.Get("Name")),
		State:      strings.ToLower(clean(row.Get("Status"))),
		Created:    inspectTime(row.Get("Created").Str),
		Containers: []PodContainer{},
		InfraID:    short(clean(row.Get("InfraId"))),
		Labels:     boundMap(maskLabels(textMap(row.Get("Labels")))),
		Owner:      textMap(row.Get("Labels"))[OwnerLabel],
	}
	p.ID = short(p.FullID)
	each(row.Get("Containers"), func(_, c gjson.Result) bool {
		member := PodContainer{FullID: clean(c.Get("Id")), Name: clean(c.Get("Names")), State: strings.ToLower(clean(c.Get("Status")))}
		if p.InfraID != "" && short(member.FullID) == p.InfraID {
			p.Infra = member
		} else {
			p.Containers = append(p.Containers, member)
		}
		return true
	})
	slices.SortStableFunc(p.Containers, func(a, b PodContainer) int { return strings.Compare(a.Name, b.Name) })
	p.ContainersTotal = len(p.Containers)
	return p
}

// PodDetail is an inspected pod. Containers holds the infra container too.
type PodDetail struct {
	ID              string            `json:"id"`
	Name            string            `json:"name"`
	State           string            `json:"state"` // lower case: created, running, degraded, exited, …
	Created         string            `json:"created,omitempty"`
	Containers      []PodContainer    `json:"containers"`
	ContainersTotal int               `json:"containers_total"`
	Ports           []string          `json:"ports,omitempty"` // "127.0.0.1:8080->80/tcp"
	Networks        []string          `json:"networks,omitempty"`
	Shared          []string          `json:"shared,omitempty"`         // namespaces that the members share: ipc, net, uts, …
	ExitPolicy      string            `json:"exit_policy,omitempty"`    // what the pod does when its last member ends: continue or stop
	RestartPolicy   string            `json:"restart_policy,omitempty"` // of members that have none
	Labels          map[string]string `json:"labels,omitempty"`
	InfraID         string            `json:"infra_id,omitempty"`

	FullID string `json:"-"`
}

// InspectPod reads podman pod inspect of one pod: an object before podman 5.0, an array after.
func InspectPod(out []byte) (PodDetail, error) {
	v, err := firstObject("an inspected pod", out)
	if err != nil {
		return PodDetail{}, err
	}
	d := PodDetail{
		FullID:     clean(v.Get("Id")),
		Name:       clean(v.Get("Name")),
		State:      strings.ToLower(clean(v.Get("State"))),
		Created:    inspectTime(v.Get("Created").Str),
		Containers: []PodContainer{},
		Ports:      bindings(v.Get("InfraConfig.PortBindings")),
		Networks:   cleanList(v.Get("InfraConfig.Networks")),
		Shared:     slices.Sorted(slices.Values(cleanList(v.Get("SharedNamespaces")))),
		ExitPolicy: clean(v.Get("ExitPolicy")),
		Labels:     boundMap(maskLabels(textMap(v.Get("Labels")))),
		InfraID:    short(clean(v.Get("InfraContainerID"))),
	}
	if policy := clean(v.Get("RestartPolicy")); policy != "no" {
		d.RestartPolicy = policy
	}
	d.ID = short(d.FullID)
	if d.ID == "" {
		return PodDetail{}, OutputInvalidError("an inspected pod", out, nil)
	}
	each(v.Get("Containers"), func(_, c gjson.Result) bool {
		d.Containers = append(d.Containers, PodContainer{
			ID:    short(clean(c.Get("Id"))),
			Name:  clean(c.Get("Name")),
			State: strings.ToLower(clean(c.Get("State"))),
		})
		return true
	})
	d.ContainersTotal = len(d.Containers)
	return d, nil
}
