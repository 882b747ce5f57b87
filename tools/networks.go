package tools

import (
	"context"
	"errors"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanNetworkLs = query(Tool{
	Name: "podman_network_ls", Title: "List networks", Effect: Reads, Toolset: Networks, Default: true,
	About: "Lists networks by name, with their subnets; with filters.dangling true, those that no container uses. " +
		"podman_inspect with type network tells one's details.",
}, func(in NetworkLsParams) exec.Argv {
	return exec.Podman("network", "ls").Option("filter", in.Filters.pairs()...).Option("format", "json")
}, func(in NetworkLsParams, out []byte) (NetworkLsResult, error) {
	list, err := parse.Networks(out)
	if err != nil {
		return NetworkLsResult{}, err
	}
	shown := list[:min(in.Limit, len(list))]
	return NetworkLsResult{shown, len(list), len(shown) < len(list)}, nil
}).kept()

// NetworkLsParams are the parameters of podman_network_ls.
type NetworkLsParams struct {
	Filters NetworkFilters `json:"filters,omitzero" jsonschema:"Only networks that match all of these"`
	Limit   int            `json:"limit,omitempty" default:"50" minimum:"1" maximum:"100" jsonschema:"Most networks to return"`
}

// NetworkFilters are podman's own filters of networks.
type NetworkFilters struct {
	Name     NameMatch  `json:"name,omitempty" jsonschema:"Part of the name, or a regular expression"`
	Label    LabelMatch `json:"label,omitempty" jsonschema:"KEY or KEY=VALUE"`
	Dangling *bool      `json:"dangling,omitempty" jsonschema:"Only networks that no (true) or some (false) container uses"`
	Driver   string     `json:"driver,omitempty" enum:"bridge macvlan ipvlan"`
}

func (f NetworkFilters) pairs() []string {
	return pairs("name", string(f.Name), "label", string(f.Label), "dangling", truth(f.Dangling), "driver", f.Driver)
}

// NetworkLsResult is the result of podman_network_ls.
type NetworkLsResult struct {
	Networks  []parse.Network `json:"networks"`
	Total     int             `json:"total" jsonschema:"Networks that match, also those not shown"`
	Truncated bool            `json:"truncated"`
}

// The driver is always bridge: macvlan and ipvlan put containers on the host's
// own network, beside its firewall.
var podmanNetworkCreate = act(Tool{
	Name: "podman_network_create", Title: "Create a network", Effect: Changes, Toolset: Networks,
	About: "Makes a bridge network, in which containers find each other by name. Podman chooses a free subnet where none is given. " +
		"Name it in the network of podman_run, or join a container with podman_network_connect.",
}, func(ctx context.Context, c *Call, in NetworkCreateParams) (NetworkCreateResult, error) {
	switch {
	case in.Gateway != "" && in.Subnet == "":
		return NetworkCreateResult{}, invalid("gateway", "needs subnet: it is an address in it")
	case in.Gateway != "" && !in.Subnet.holds(in.Gateway):
		return NetworkCreateResult{}, invalid("gateway", "got %s, which is not in the subnet %s", in.Gateway, in.Subnet)
	}
	_, err := c.finish(ctx, exec.Podman("network", "create").
		Option("subnet", string(in.Subnet)).Option("gateway", string(in.Gateway)).
		Flag("internal", in.Internal).Flag("ipv6", in.IPv6).
		Option("label", c.Scope.label()).Text("label", words(in.Labels)...).
		Operand(string(in.Name)))
	if err != nil {
		return NetworkCreateResult{}, err
	}
	if err := c.unmade(ctx, exec.Podman("network", "rm").Operand(string(in.Name))); err != nil {
		return NetworkCreateResult{}, err
	}
	out := NetworkCreateResult{parse.NetworkDetail{Name: string(in.Name)}}
	result, err := c.Runner.Run(ctx, exec.Podman("network", "inspect").Operand(string(in.Name)))
	if err != nil {
		return out, err
	}
	detail, err := parse.InspectNetwork(result.Stdout)
	if err != nil {
		return out, err
	}
	return NetworkCreateResult{detail}, nil
})

// NetworkCreateParams are the parameters of podman_network_create.
type NetworkCreateParams struct {
	Name     Name    `json:"name" jsonschema:"New network's name"`
	Subnet   Subnet  `json:"subnet,omitempty" jsonschema:"Such as 10.89.7.0/24"`
	Gateway  IP      `json:"gateway,omitempty" jsonschema:"Address in subnet; its first where not given"`
	Internal bool    `json:"internal,omitempty" default:"false" jsonschema:"No way out to other networks"`
	IPv6     bool    `json:"ipv6,omitempty" default:"false" jsonschema:"Also an IPv6 subnet"`
	Labels   []Label `json:"labels,omitempty" jsonschema:"Each KEY=VALUE"`
}

// NetworkCreateResult is the result of podman_network_create.
type NetworkCreateResult struct {
	Network parse.NetworkDetail `json:"network"`
}

func (r NetworkCreateResult) partial() bool { return r.Network.Name != "" }

var podmanNetworkRm = act(Tool{
	Name: "podman_network_rm", Title: "Remove networks", Effect: Removes, Toolset: Networks, Idempotent: true,
	About: "Removes networks. One that a container is on, running or not, is refused and its users are named: " +
		"disconnect or remove those first. force removes these containers and their pods too. The default network always stays. " +
		"podman_network_prune removes all that nothing uses.",
}, func(ctx context.Context, c *Call, in NetworkRmParams) (OutcomesResult, error) {
	if err := c.confirmNetworkRm(ctx, in); err != nil {
		return OutcomesResult{}, err
	}
	return c.inTurn(ctx, words(in.Networks), func(ctx context.Context, name string) error {
		return c.removeNetwork(ctx, name, in.Force)
	})
})

// usualNetwork is podman's default network. Where containers.conf names another,
// only podman knows which.
const usualNetwork = "podman"

func (c *Call) removeNetwork(ctx context.Context, name string, force bool) error {
	row, err := c.network(ctx, Name(name))
	if err != nil {
		return err
	}
	if force && row.Name == usualNetwork {
		return invalid("networks", "network %q is podman's default and stays; with force podman would remove the containers on it all the same", row.Name)
	}
	if force {
		if err := c.usersChangeable(ctx, "network="+row.Name); err != nil {
			return err
		}
	}
	_, err = c.finish(ctx, exec.Podman("network", "rm").Flag("force", force).Operand(row.Name))
	return c.withUsers(ctx, err, "network="+row.Name)
}

// confirmNetworkRm names also the containers that force would remove.
func (c *Call) confirmNetworkRm(ctx context.Context, in NetworkRmParams) error {
	if !c.Confirm {
		return nil
	}
	networks := lost{what: "network"}
	var users []parse.Container
	for _, name := range in.Networks {
		row, err := c.network(ctx, name)
		var f *parse.Failure
		switch {
		case errors.As(err, &f) && f.Code == parse.NetworkNotFound: // as the call itself tells
			continue
		case err != nil:
			return err
		}
		networks.names, networks.ids = append(networks.names, row.Name), append(networks.ids, row.FullID)
		if !in.Force {
			continue
		}
		some, err := c.containers(ctx, "network="+row.Name)
		if err != nil {
			return err
		}
		users = append(users, some...)
	}
	return c.confirmWithUsers(ctx, "", networks, users)
}

// NetworkRmParams are the parameters of podman_network_rm.
type NetworkRmParams struct {
	Networks []Name `json:"networks" minItems:"1" jsonschema:"Names or ids"`
	Force    bool   `json:"force,omitempty" default:"false" jsonschema:"Also remove the containers and pods that are on them, running or not"`
}

var podmanNetworkInspect = act(Tool{
	Name: "podman_network_inspect", Title: "Inspect a network", Effect: Reads, Toolset: Networks,
	About: "Tells the details of one network and which containers are on it, also those that do not run. For many networks use podman_network_ls.",
}, func(ctx context.Context, c *Call, in NetworkInspectParams) (NetworkInspectResult, error) {
	row, err := c.network(ctx, in.Network)
	if err != nil {
		return NetworkInspectResult{}, err
	}
	result, err := c.Runner.Read(ctx, exec.Podman("network", "inspect").Operand(row.Name))
	if err != nil {
		return NetworkInspectResult{}, err
	}
	out := NetworkInspectResult{}
	if out.Whole, err = in.of(result.Stdout); err != nil {
		return NetworkInspectResult{}, err
	}
	if out.Network, err = parse.InspectNetwork(result.Stdout); err != nil {
		return NetworkInspectResult{}, err
	}
	out.Network.Containers = nil // the running ones of podman 5; here are all
	out.Containers, err = c.users(ctx, "network="+row.Name)
	return out, err
}).kept()

// NetworkInspectParams are the parameters of podman_network_inspect.
type NetworkInspectParams struct {
	Network Name `json:"network" jsonschema:"Name or id"`
	Detail
}

// NetworkInspectResult is the result of podman_network_inspect.
type NetworkInspectResult struct {
	Network    parse.NetworkDetail `json:"network"`
	Containers []string            `json:"containers" jsonschema:"Names of those that are on it"`
	Rows
	Whole
}

func (r *NetworkInspectResult) cut() { r.names(&r.Containers) }
