package tools

import (
	"cmp"
	"slices"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanPs = query(Tool{
	Name: "podman_ps", Title: "List containers", Effect: Reads, Toolset: Containers, Default: true,
	About: "Lists running containers, newest first; with all, stopped ones too. " +
		"For one container's details use podman_inspect, for its output podman_logs.",
}, func(in PsParams) exec.Argv {
	return exec.Podman("ps").Flag("all", in.All).Flag("pod", true).
		Option("filter", in.Filters.pairs()...).
		Option("format", "json")
}, func(in PsParams, out []byte) (PsResult, error) {
	list, err := parse.Containers(out)
	if err != nil {
		return PsResult{}, err
	}
	shown := list[:min(in.Limit, len(list))]
	return PsResult{Containers: shown, Total: len(list), Truncated: len(shown) < len(list), limit: in.Limit, health: in.Filters.Health != ""}, nil
}).onAll(psOnAll).kept()

// psOnAll lists the containers of all connections, the newest first.
func psOnAll(replies []reply) any {
	all := PsResult{Containers: []parse.Container{}}
	for _, r := range replies {
		one, ok := r.out.(PsResult)
		if !ok {
			all.Unreached = append(all.Unreached, r.unreached())
			continue
		}
		for _, row := range one.Containers {
			row.Connection = r.connection
			all.Containers = append(all.Containers, row)
		}
		all.Total += one.Total
		all.limit = one.limit
	}
	slices.SortStableFunc(all.Containers, func(a, b parse.Container) int { return cmp.Compare(b.CreatedUnix, a.CreatedUnix) })
	all.Containers = all.Containers[:min(all.limit, len(all.Containers))]
	all.Truncated = len(all.Containers) < all.Total
	return all
}

// PsParams are the parameters of podman_ps.
type PsParams struct {
	All     bool      `json:"all,omitempty" default:"false" jsonschema:"Also containers that do not run"`
	Filters PsFilters `json:"filters,omitzero" jsonschema:"Only containers that match all of these"`
	Limit   int       `json:"limit,omitempty" default:"50" minimum:"1" maximum:"100" jsonschema:"Most containers to return"`
}

// PsFilters are podman's own filters of ps.
type PsFilters struct {
	Status   string      `json:"status,omitempty" enum:"created initialized running stopping stopped paused exited removing unknown" jsonschema:"Also finds containers that do not run"`
	Name     NameMatch   `json:"name,omitempty" jsonschema:"Part of the name, or a regular expression"`
	Label    LabelMatch  `json:"label,omitempty" jsonschema:"KEY or KEY=VALUE"`
	ID       IDMatch     `json:"id,omitempty" jsonschema:"Beginning of the id"`
	Ancestor Image       `json:"ancestor,omitempty" jsonschema:"Made from this image"`
	Pod      Name        `json:"pod,omitempty" jsonschema:"Pod's name or id"`
	Network  Name        `json:"network,omitempty"`
	Volume   VolumeMatch `json:"volume,omitempty" jsonschema:"Volume's name or mount target"`
	Health   string      `json:"health,omitempty" enum:"starting healthy unhealthy none"`
}

func (f PsFilters) pairs() []string {
	return pairs("status", f.Status, "name", string(f.Name), "label", string(f.Label), "id", string(f.ID),
		"ancestor", string(f.Ancestor), "pod", string(f.Pod), "network", string(f.Network),
		"volume", string(f.Volume), "health", f.Health)
}

// pairs makes KEY=VALUE of keys and values that are not empty.
func pairs(keysAndValues ...string) []string {
	var list []string
	for i := 0; i < len(keysAndValues); i += 2 {
		if keysAndValues[i+1] != "" {
			list = append(list, keysAndValues[i]+"="+keysAndValues[i+1])
		}
	}
	return list
}

// PsResult is the result of podman_ps.
type PsResult struct {
	Containers []parse.Container `json:"containers"`
	Total      int               `json:"total" jsonschema:"Containers that match, also those not shown"`
	Truncated  bool              `json:"truncated"`
	Unreached  []Unreached       `json:"unreached,omitempty" brief:"true" jsonschema:"Connections that did not answer"`

	limit  int
	health bool // it was asked for
}

// passes: health is in a file that podman writes at every check, and its age is
// nowhere; a row without a check's health has none.
func (r PsResult) passes() bool {
	return r.health || slices.ContainsFunc(r.Containers, func(c parse.Container) bool { return c.Health != "" })
}

func (r PsResult) ages(begin, end time.Time) bool {
	return !slices.ContainsFunc(r.Containers, func(c parse.Container) bool { return !c.StatusLasts(begin, end) })
}

func (r PsResult) at(now time.Time) (any, time.Time) {
	var first time.Time
	r.Containers = slices.Clone(r.Containers)
	for i, c := range r.Containers {
		status, until := c.StatusAt(now)
		r.Containers[i].Status = status
		if !until.IsZero() && (first.IsZero() || until.Before(first)) {
			first = until
		}
	}
	return r, first
}
