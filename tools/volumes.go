package tools

import (
	"context"
	"slices"
	"strconv"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanVolumeLs = act(Tool{
	Name: "podman_volume_ls", Title: "List volumes", Effect: Reads, Toolset: Volumes, Default: true,
	About: "Lists volumes by name, anonymous ones last; with filters.dangling true, those that no container uses. " +
		"podman_inspect with type volume tells one's details.",
}, func(ctx context.Context, c *Call, in VolumeLsParams) (VolumeLsResult, error) {
	list, err := c.volumes(ctx, in.Filters.pairs()...)
	if err != nil {
		return VolumeLsResult{}, err
	}
	shown := list[:min(in.Limit, len(list))]
	return VolumeLsResult{shown, len(list), len(shown) < len(list)}, nil
}).kept()

// VolumeLsParams are the parameters of podman_volume_ls.
type VolumeLsParams struct {
	Filters VolumeFilters `json:"filters,omitzero" jsonschema:"Only volumes that match all of these"`
	Limit   int           `json:"limit,omitempty" default:"50" minimum:"1" maximum:"100" jsonschema:"Most volumes to return"`
}

// VolumeFilters are podman's own filters of volumes.
type VolumeFilters struct {
	Name     NameMatch  `json:"name,omitempty" jsonschema:"Part of the name, or a regular expression"`
	Label    LabelMatch `json:"label,omitempty" jsonschema:"KEY or KEY=VALUE"`
	Dangling *bool      `json:"dangling,omitempty" jsonschema:"Only volumes that no (true) or some (false) container uses"`
	Driver   Name       `json:"driver,omitempty" jsonschema:"Such as local"`
}

func (f VolumeFilters) pairs() []string {
	return pairs("name", string(f.Name), "label", string(f.Label), "dangling", truth(f.Dangling), "driver", string(f.Driver))
}

// truth writes what was given of a filter that is true or false.
func truth(b *bool) string {
	if b == nil {
		return ""
	}
	return strconv.FormatBool(*b)
}

// VolumeLsResult is the result of podman_volume_ls.
type VolumeLsResult struct {
	Volumes   []parse.Volume `json:"volumes"`
	Total     int            `json:"total" jsonschema:"Volumes that match, also those not shown"`
	Truncated bool           `json:"truncated"`
}

// There are no options: o=bind with device=/etc would mount the host's folder,
// past the rules for the volumes of podman_run.
var podmanVolumeCreate = act(Tool{
	Name: "podman_volume_create", Title: "Create a volume", Effect: Changes, Toolset: Volumes,
	About: "Makes an empty volume of the local driver. podman_run and compose make the volumes they name by themselves: " +
		"this is for one with labels, or to import into. For a folder of the host use the volumes of podman_run.",
}, func(ctx context.Context, c *Call, in VolumeCreateParams) (VolumeCreateResult, error) {
	_, err := c.finish(ctx, exec.Podman("volume", "create").Option("label", c.Scope.label()).Option("label", words(in.Labels)...).Operand(string(in.Name)))
	if err != nil {
		return VolumeCreateResult{}, err
	}
	if err := c.unmade(ctx, exec.Podman("volume", "rm").Operand(string(in.Name))); err != nil {
		return VolumeCreateResult{}, err
	}
	return VolumeCreateResult{in.Name}, nil
})

// VolumeCreateParams are the parameters of podman_volume_create.
type VolumeCreateParams struct {
	Name   Name         `json:"name" jsonschema:"New volume's name"`
	Labels []PlainLabel `json:"labels,omitempty" jsonschema:"Each KEY=VALUE, without commas and quotes"`
}

// VolumeCreateResult is the result of podman_volume_create.
type VolumeCreateResult struct {
	Name Name `json:"name"`
}

var podmanVolumeRm = act(Tool{
	Name: "podman_volume_rm", Title: "Remove volumes", Effect: Removes, Toolset: Volumes, Idempotent: true,
	About: "Removes volumes and all that is in them, for good. One that a container uses, running or not, is refused and its users are named: " +
		"remove those first. force removes these containers too, whatever they hold. podman_volume_export saves what is in a volume; " +
		"podman_volume_prune removes all that nothing uses.",
}, func(ctx context.Context, c *Call, in VolumeRmParams) (OutcomesResult, error) {
	if err := c.confirmVolumeRm(ctx, in); err != nil {
		return OutcomesResult{}, err
	}
	return c.inTurn(ctx, words(in.Volumes), func(ctx context.Context, name string) error {
		return c.removeVolume(ctx, name, in.Force)
	})
})

// removeVolume looks for the name right before: a name that is given twice
// would the second time be the beginning of another's.
func (c *Call) removeVolume(ctx context.Context, name string, force bool) error {
	row, err := c.volume(ctx, Name(name))
	if err != nil {
		return err
	}
	if force {
		if err := c.usersChangeable(ctx, "volume="+row.Name); err != nil {
			return err
		}
	}
	_, err = c.finish(ctx, exec.Podman("volume", "rm").Flag("force", force).Operand(row.Name))
	return c.withUsers(ctx, err, "volume="+row.Name)
}

// confirmVolumeRm names also the containers that force would remove.
func (c *Call) confirmVolumeRm(ctx context.Context, in VolumeRmParams) error {
	if !c.Confirm {
		return nil
	}
	list, err := c.volumes(ctx)
	if err != nil {
		return err
	}
	volumes := lost{what: "volume"}
	var users []parse.Container
	for _, row := range list {
		if !slices.Contains(in.Volumes, Name(row.Name)) {
			continue
		}
		volumes.names, volumes.ids = append(volumes.names, row.Name), append(volumes.ids, row.Created)
		if !in.Force {
			continue
		}
		some, err := c.containers(ctx, "volume="+row.Name)
		if err != nil {
			return err
		}
		users = append(users, some...)
	}
	return c.confirmWithUsers(ctx, " with all their data", volumes, users)
}

// VolumeRmParams are the parameters of podman_volume_rm.
type VolumeRmParams struct {
	Volumes []Name `json:"volumes" minItems:"1" jsonschema:"Whole names"`
	Force   bool   `json:"force,omitempty" default:"false" jsonschema:"Also remove the containers that use them, running or not"`
}

var podmanVolumeInspect = act(Tool{
	Name: "podman_volume_inspect", Title: "Inspect a volume", Effect: Reads, Toolset: Volumes,
	About: "Tells the details of one volume and which containers use it, also those that do not run. For many volumes use podman_volume_ls.",
}, func(ctx context.Context, c *Call, in VolumeInspectParams) (VolumeInspectResult, error) {
	row, err := c.volume(ctx, in.Volume)
	if err != nil {
		return VolumeInspectResult{}, err
	}
	result, err := c.Runner.Read(ctx, exec.Podman("volume", "inspect").Operand(row.Name))
	if err != nil {
		return VolumeInspectResult{}, err
	}
	out := VolumeInspectResult{}
	if out.Whole, err = in.of(result.Stdout); err != nil {
		return VolumeInspectResult{}, err
	}
	if out.Volume, err = parse.InspectVolume(result.Stdout); err != nil {
		return VolumeInspectResult{}, err
	}
	out.Containers, err = c.users(ctx, "volume="+row.Name)
	return out, err
}).kept()

// VolumeInspectParams are the parameters of podman_volume_inspect.
type VolumeInspectParams struct {
	Volume Name `json:"volume" jsonschema:"Whole name"`
	Detail
}

// VolumeInspectResult is the result of podman_volume_inspect.
type VolumeInspectResult struct {
	Volume     parse.VolumeDetail `json:"volume"`
	Containers []string           `json:"containers" jsonschema:"Names of those that use it"`
	Rows
	Whole
}

func (r *VolumeInspectResult) cut() { r.names(&r.Containers) }

// passes: other drivers than podman's own tell of their volumes themselves.
func (r VolumeInspectResult) passes() bool { return r.Volume.Driver != "local" }
