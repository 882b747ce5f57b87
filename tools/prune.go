package tools

import (
	"context"
	"slices"

	"podman-mcp/parse"
)

var podmanVolumePrune = act(Tool{
	Name: "podman_volume_prune", Title: "Remove unused volumes", Effect: Removes, Toolset: Volumes, Idempotent: true,
	About: "Removes the volumes that no container uses, named ones too, and all that is in them, for good. " +
		"By default a dry run that only lists them: look at the list, then call again with dry_run false and the same filters and limit. " +
		"A stopped container counts as a user, a compose project that is down does not. podman_volume_rm removes volumes by name.",
}, func(ctx context.Context, c *Call, in VolumePruneParams) (PruneResult, error) {
	list, err := c.unusedVolumes(ctx, in.Filters.Label, in.Filters.Until)
	if err != nil {
		return PruneResult{}, err
	}
	var names []string
	for _, row := range list {
		if row.Anonymous || !in.Filters.Anonymous {
			names = append(names, row.Name)
		}
	}
	return c.prune(ctx, "volume", names, in.Limit, in.DryRun, c.removeVolume)
})

// VolumePruneParams are the parameters of podman_volume_prune.
type VolumePruneParams struct {
	DryRun  bool               `json:"dry_run,omitempty" default:"true" jsonschema:"true: remove nothing, and list what would go"`
	Filters VolumePruneFilters `json:"filters,omitzero" jsonschema:"Only volumes that match all of these"`
	Limit   int                `json:"limit,omitempty" default:"50" minimum:"1" maximum:"100" jsonschema:"Most volumes to list or remove"`
}

// VolumePruneFilters choose among unused volumes.
type VolumePruneFilters struct {
	Label     LabelMatch `json:"label,omitempty" jsonschema:"KEY or KEY=VALUE"`
	Until     Moment     `json:"until,omitempty" jsonschema:"Made before this: 24h ago, an RFC 3339 time or Unix seconds"`
	Anonymous bool       `json:"anonymous,omitempty" jsonschema:"Only those whose name podman made up"`
}

var podmanNetworkPrune = act(Tool{
	Name: "podman_network_prune", Title: "Remove unused networks", Effect: Removes, Toolset: Networks, Idempotent: true,
	About: "Removes the networks that no container is on, but never the default one. " +
		"By default a dry run that only lists them: look at the list, then call again with dry_run false and the same filters and limit. " +
		"A stopped container counts as a user, a compose project that is down does not. podman_network_rm removes networks by name.",
}, func(ctx context.Context, c *Call, in NetworkPruneParams) (PruneResult, error) {
	list, err := c.unusedNetworks(ctx, in.Filters.Label, in.Filters.Until)
	if err != nil {
		return PruneResult{}, err
	}
	var names []string
	for _, row := range list {
		names = append(names, row.Name)
	}
	return c.prune(ctx, "network", names, in.Limit, in.DryRun, c.removeNetwork)
})

// NetworkPruneParams are the parameters of podman_network_prune.
type NetworkPruneParams struct {
	DryRun  bool                `json:"dry_run,omitempty" default:"true" jsonschema:"true: remove nothing, and list what would go"`
	Filters NetworkPruneFilters `json:"filters,omitzero" jsonschema:"Only networks that match all of these"`
	Limit   int                 `json:"limit,omitempty" default:"50" minimum:"1" maximum:"100" jsonschema:"Most networks to list or remove"`
}

// NetworkPruneFilters choose among unused networks.
type NetworkPruneFilters struct {
	Label LabelMatch `json:"label,omitempty" jsonschema:"KEY or KEY=VALUE"`
	Until Moment     `json:"until,omitempty" jsonschema:"Made before this: 24h ago, an RFC 3339 time or Unix seconds"`
}

// unusedVolumes are those that no container uses. "volume prune" would not do:
// podman 6 takes only anonymous volumes there, and none says before which they
// are.
func (c *Call) unusedVolumes(ctx context.Context, label LabelMatch, until Moment) ([]parse.Volume, error) {
	list, err := c.volumes(ctx, pairs("dangling", "true", "label", string(label), "until", string(until))...)
	return slices.DeleteFunc(list, func(row parse.Volume) bool { return c.Scope.Own && row.Owner != c.Scope.owner() }), err
}

// unusedNetworks are those that no container is on. Podman counts the default
// network among the used ones, but not "podman" where containers.conf makes
// another the default.
func (c *Call) unusedNetworks(ctx context.Context, label LabelMatch, until Moment) ([]parse.Network, error) {
	list, err := c.networks(ctx, pairs("dangling", "true", "label", string(label), "until", string(until))...)
	return slices.DeleteFunc(list, func(row parse.Network) bool {
		return row.Name == usualNetwork || c.Scope.Own && row.Owner != c.Scope.owner()
	}), err
}

// PruneResult is what a prune removed, or would remove.
type PruneResult struct {
	DryRun    bool      `json:"dry_run"`
	Unused    []string  `json:"unused,omitempty" jsonschema:"In a dry run: what would be removed"`
	Removed   []string  `json:"removed"`
	Kept      []Outcome `json:"kept,omitempty" brief:"true" jsonschema:"What podman refused to remove, such as what is used by now"`
	Total     int       `json:"total" jsonschema:"All that is unused, also beyond limit"`
	Truncated bool      `json:"truncated" jsonschema:"There is more than limit"`
}

func (r PruneResult) partial() bool { return len(r.Removed)+len(r.Kept) > 0 }

// prune removes the first of names, each without force: one that is used by now
// stays. What a dry run listed is what the same call then removes.
func (c *Call) prune(ctx context.Context, what string, names []string, limit int, dry bool, remove func(ctx context.Context, name string, force bool) error) (PruneResult, error) {
	out := PruneResult{DryRun: dry, Removed: []string{}, Total: len(names), Truncated: len(names) > limit}
	names = names[:min(limit, len(names))]
	if dry {
		out.Unused = names
		return out, nil
	}
	if err := c.confirm("Remove the unused", " with all that is in them", lost{what: what, names: names}); err != nil {
		return PruneResult{}, err
	}
	each, err := c.inTurn(ctx, names, func(ctx context.Context, name string) error { return remove(ctx, name, false) })
	for _, one := range each.Results {
		if one.OK {
			out.Removed = append(out.Removed, one.Name)
		} else {
			out.Kept = append(out.Kept, one)
		}
	}
	return out, err
}
