package tools

import (
	"context"
	"errors"
	"slices"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanSystemPrune = act(Tool{
	Name: "podman_system_prune", Title: "Remove what is unused", Effect: Removes, Toolset: System, Default: true, Idempotent: true, Timeout: longTimeout,
	About: "Frees disk space: removes stopped containers outside of pods, networks and nameless images that no container uses; with all, " +
		"images with names too; volumes and their data only where what names them. By default a dry run that lists what would go: " +
		"look at it, then call again with dry_run false.",
}, systemPrune)

// SystemPruneParams are the parameters of podman_system_prune.
type SystemPruneParams struct {
	What    []Unused           `json:"what,omitempty" jsonschema:"Some of containers, networks, images, volumes; without it all but volumes"`
	All     bool               `json:"all,omitempty" default:"false" jsonschema:"Also unused images that have a name"`
	Filters SystemPruneFilters `json:"filters,omitzero" jsonschema:"Only what matches all of these"`
	DryRun  bool               `json:"dry_run,omitempty" default:"true" jsonschema:"true: remove nothing"`
	Limit   int                `json:"limit,omitempty" default:"100" minimum:"1" maximum:"500" jsonschema:"Most things to list or remove"`
}

// SystemPruneFilters choose among what is unused.
type SystemPruneFilters struct {
	Label LabelMatch `json:"label,omitempty" jsonschema:"KEY or KEY=VALUE"`
	Until Moment     `json:"until,omitempty" jsonschema:"Made before this: 24h ago, an RFC 3339 time or Unix seconds"`
}

// SystemPruneResult is what was removed, or would be.
type SystemPruneResult struct {
	DryRun    bool         `json:"dry_run"`
	Unused    []UnusedItem `json:"unused,omitempty" brief:"true" jsonschema:"In a dry run: what would go, each with what, name and size_bytes"`
	Removed   []UnusedItem `json:"removed" brief:"true"`
	Kept      []Outcome    `json:"kept,omitempty" brief:"true" jsonschema:"What could not be removed"`
	SizeBytes int64        `json:"size_bytes" jsonschema:"At most; images share layers, volumes are not measured"`
	Total     int          `json:"total"`
	Truncated bool         `json:"truncated"`
}

func (r SystemPruneResult) partial() bool { return len(r.Removed)+len(r.Kept) > 0 }

// UnusedItem is one thing that nothing needs.
type UnusedItem struct {
	What      string `json:"what"`
	Name      string `json:"name"`
	SizeBytes int64  `json:"size_bytes,omitempty"`

	id     string // where podman has one
	remove func(context.Context) error
}

// systemPrune removes by name what it listed, and not by podman's own prune:
// that takes other things in each version, and what came to be unused meanwhile.
func systemPrune(ctx context.Context, c *Call, in SystemPruneParams) (SystemPruneResult, error) {
	if len(in.What) == 0 {
		in.What = []Unused{"containers", "networks", "images"}
		if c.Scope.Own { // which an image cannot tell of itself
			in.What = in.What[:2]
		}
	}
	if c.Scope.Own && slices.Contains(in.What, "images") {
		return SystemPruneResult{}, &parse.Failure{Code: parse.PolicyDenied, Subject: "what",
			Message: "images bear no sign of who made them, and with --scope own this server prunes only what does",
			Hint:    "Nothing was removed. Leave images out of what; podman_rmi removes an image by name."}
	}
	items, err := c.reclaimable(ctx, in)
	if err != nil {
		return SystemPruneResult{}, err
	}
	out := SystemPruneResult{DryRun: in.DryRun, Removed: []UnusedItem{}, Total: len(items), Truncated: len(items) > in.Limit}
	items = items[:min(in.Limit, len(items))]
	if in.DryRun {
		out.Unused = items
		for _, item := range items {
			out.SizeBytes += item.SizeBytes
		}
		return out, nil
	}
	if err := c.confirm("Remove the unused", " with all that is in them", itemsLost(items)...); err != nil {
		return SystemPruneResult{}, err
	}
	var first error
	for _, item := range items {
		if ctx.Err() != nil {
			return out, leftOff(ctx, len(out.Removed)+len(out.Kept), len(items))
		}
		if err := item.remove(ctx); err != nil {
			f := c.failure(ctx, err, changeTimeout)
			out.Kept = append(out.Kept, Outcome{Name: item.Name, Error: wire(f)})
			first = errors.Join(first, f)
			continue
		}
		out.Removed = append(out.Removed, item)
		out.SizeBytes += item.SizeBytes
	}
	return out, first
}

// itemsLost sorts what is to go by its kind.
func itemsLost(items []UnusedItem) []lost {
	var all []lost
	for _, item := range items {
		i := slices.IndexFunc(all, func(l lost) bool { return l.what == item.What })
		if i < 0 {
			i = len(all)
			all = append(all, lost{what: item.What})
		}
		all[i].names, all[i].ids = append(all[i].names, item.Name), append(all[i].ids, item.id)
	}
	return all
}

// reclaimable lists what nothing needs, in an order in which it can be removed:
// containers hold on to the rest.
func (c *Call) reclaimable(ctx context.Context, in SystemPruneParams) ([]UnusedItem, error) {
	var going []parse.Container
	var all []UnusedItem
	for _, list := range []struct {
		what Unused
		of   func() ([]UnusedItem, error)
	}{
		{"containers", func() (items []UnusedItem, err error) {
			items, going, err = c.containersToRemove(ctx, in.Filters)
			return
		}},
		{"networks", func() ([]UnusedItem, error) { return c.networksToRemove(ctx, in.Filters) }},
		{"volumes", func() ([]UnusedItem, error) { return c.volumesToRemove(ctx, in.Filters) }},
		{"images", func() ([]UnusedItem, error) { return c.imagesToRemove(ctx, in, going) }},
	} {
		if !slices.Contains(in.What, list.what) {
			continue
		}
		items, err := list.of()
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}

func (c *Call) containersToRemove(ctx context.Context, filters SystemPruneFilters) ([]UnusedItem, []parse.Container, error) {
	result, err := c.Runner.Read(ctx, exec.Podman("ps").Flag("all", true).Flag("size", true).
		Option("filter", pairs("label", string(filters.Label))...).Option("format", "json"))
	if err != nil {
		return nil, nil, err
	}
	list, err := parse.Containers(result.Stdout)
	if err != nil {
		return nil, nil, err
	}
	no, err := c.forbidden(ctx, list)
	if err != nil {
		return nil, nil, err
	}
	var items []UnusedItem
	var going []parse.Container
	for _, row := range list {
		ended := slices.Contains([]string{"created", "configured", "exited", "stopped", "dead"}, row.State)
		if !ended || row.Pod != "" || row.IsInfra || no[row.FullID] != nil || !filters.before(row.CreatedUnix) {
			continue
		}
		going = append(going, row)
		items = append(items, UnusedItem{"container", row.Name, row.Written, row.FullID, func(ctx context.Context) error {
			_, err := c.finish(ctx, exec.Podman("rm").Operand(row.FullID)) // one that was started meanwhile stays
			return err
		}})
	}
	return items, going, nil
}

func (c *Call) networksToRemove(ctx context.Context, filters SystemPruneFilters) ([]UnusedItem, error) {
	list, err := c.unusedNetworks(ctx, filters.Label, filters.Until)
	var items []UnusedItem
	for _, row := range list {
		items = append(items, UnusedItem{"network", row.Name, 0, row.FullID, func(ctx context.Context) error { return c.removeNetwork(ctx, row.Name, false) }})
	}
	return items, err
}

func (c *Call) volumesToRemove(ctx context.Context, filters SystemPruneFilters) ([]UnusedItem, error) {
	list, err := c.unusedVolumes(ctx, filters.Label, filters.Until)
	var items []UnusedItem
	for _, row := range list {
		items = append(items, UnusedItem{"volume", row.Name, 0, row.Created, func(ctx context.Context) error { return c.removeVolume(ctx, row.Name, false) }})
	}
	return items, err
}

// imagesToRemove counts an image as unused also where only containers use it that
// are about to go.
func (c *Call) imagesToRemove(ctx context.Context, in SystemPruneParams, going []parse.Container) ([]UnusedItem, error) {
	result, err := c.Runner.Read(ctx, exec.Podman("images").Option("filter", pairs("label", string(in.Filters.Label))...).Option("format", "json"))
	if err != nil {
		return nil, err
	}
	list, err := parse.Images(result.Stdout)
	if err != nil {
		return nil, err
	}
	var items []UnusedItem
	for _, row := range list {
		users := row.Containers
		for _, container := range going {
			if container.ImageID == row.FullID {
				users--
			}
		}
		if users > 0 || !in.All && !row.Dangling || !in.Filters.before(row.CreatedUnix) {
			continue
		}
		names := row.Names
		if len(names) == 0 {
			names = []string{row.ID}
		}
		for i, name := range names {
			size := row.SizeBytes
			if i < len(names)-1 {
				size = 0 // it goes with its last name
			}
			items = append(items, UnusedItem{"image", name, size, row.FullID, func(ctx context.Context) error { return c.removeUnusedImage(ctx, name) }})
		}
	}
	return items, nil
}

// removeUnusedImage takes for done what went with an image that was made of it.
func (c *Call) removeUnusedImage(ctx context.Context, name string) error {
	_, err := c.removeImage(ctx, name, false)
	if err != nil {
		if f := c.failure(ctx, err, changeTimeout); f.Code != parse.ImageNotFound {
			return f
		}
	}
	return nil
}

// before tells whether something was made before the filter's moment.
func (f SystemPruneFilters) before(madeUnix int64) bool {
	return f.Until == "" || time.Unix(madeUnix, 0).Before(f.Until.point(time.Now()))
}
