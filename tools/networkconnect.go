package tools

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanNetworkConnect = act(Tool{
	Name: "podman_network_connect", Title: "Connect a container to a network", Effect: Changes, Toolset: Networks,
	About: "Joins a container to one more network, while it runs or for its next start. The containers there find it by its name and aliases. " +
		"A new container gets its network from podman_run; one that was run with network none or host cannot be joined.",
}, func(ctx context.Context, c *Call, in NetworkConnectParams) (NetworkConnectResult, error) {
	row, err := c.network(ctx, in.Network)
	if err != nil {
		return NetworkConnectResult{}, err
	}
	before, err := c.inspectContainer(ctx, in.Container)
	if err != nil {
		return NetworkConnectResult{}, err
	}
	if _, err := c.mayChange(ctx, before.FullID); err != nil {
		return NetworkConnectResult{}, err
	}
	if _, on := addressOn(before, row.Name); on {
		// Podman is silent about that where the container does not run.
		return NetworkConnectResult{}, invalid("network", "container %q is on network %q already", before.Name, row.Name)
	}
	argv := exec.Podman("network", "connect").Option("alias", words(in.Aliases)...)
	if in.IP != "" {
		// Podman says so only when the container starts.
		if !slices.ContainsFunc(row.Subnets, func(s string) bool { return Subnet(s).holds(in.IP) }) {
			return NetworkConnectResult{}, invalid("ip", "got %s, which is in no subnet of the network (%s)", in.IP, strings.Join(row.Subnets, ", "))
		}
		argv = argv.Option(flagOf(in.IP), string(in.IP))
	}
	if _, err := c.finish(ctx, argv.Operand(row.Name, before.Name)); err != nil {
		return NetworkConnectResult{}, err
	}
	if err := c.unmade(ctx, exec.Podman("network", "disconnect").Operand(row.Name, before.Name)); err != nil {
		return NetworkConnectResult{}, err
	}
	out := NetworkConnectResult{Network: row.Name, Container: before.Name}
	after, err := c.inspectContainer(ctx, Container(before.FullID))
	if err != nil {
		return out, err
	}
	now, _ := addressOn(after, row.Name)
	out.IP, out.IPv6 = now.IP, now.IPv6
	return out, nil
})

// addressOn gives a container's address on a network, and whether it is on it.
func addressOn(d parse.ContainerDetail, network string) (parse.NetworkAddress, bool) {
	i := slices.IndexFunc(d.Networks, func(n parse.NetworkAddress) bool { return n.Name == network })
	if i < 0 {
		return parse.NetworkAddress{}, false
	}
	return d.Networks[i], true
}

// flagOf is podman's option for an address of this kind.
func flagOf(ip IP) string {
	if addr, err := netip.ParseAddr(string(ip)); err == nil && addr.Is6() {
		return "ip6"
	}
	return "ip"
}

// NetworkConnectParams are the parameters of podman_network_connect.
type NetworkConnectParams struct {
	Network   Name      `json:"network" jsonschema:"Name or id"`
	Container Container `json:"container" jsonschema:"Name or id"`
	Aliases   []Name    `json:"aliases,omitempty" jsonschema:"Further names by which others on the network find it"`
	IP        IP        `json:"ip,omitempty" jsonschema:"Its address there, IPv4 or IPv6; podman chooses one otherwise"`
}

// NetworkConnectResult is the result of podman_network_connect.
type NetworkConnectResult struct {
	Network   string `json:"network"`
	Container string `json:"container" jsonschema:"Its name"`
	IP        string `json:"ip,omitempty" jsonschema:"Its address there, while it runs"`
	IPv6      string `json:"ipv6,omitempty"`
}

func (r NetworkConnectResult) partial() bool { return r.Network != "" }

var podmanNetworkDisconnect = act(Tool{
	Name: "podman_network_disconnect", Title: "Disconnect a container from a network", Effect: Changes, Toolset: Networks, Destructive: true,
	About: "Takes a container off a network, while it runs or for its next start: its connections there break. " +
		"podman_inspect tells which networks it is on. To remove the network itself use podman_network_rm.",
}, func(ctx context.Context, c *Call, in NetworkDisconnectParams) (NetworkDisconnectResult, error) {
	row, err := c.network(ctx, in.Network)
	if err != nil {
		return NetworkDisconnectResult{}, err
	}
	before, err := c.inspectContainer(ctx, in.Container)
	if err != nil {
		return NetworkDisconnectResult{}, err
	}
	if _, err := c.mayChange(ctx, before.FullID); err != nil {
		return NetworkDisconnectResult{}, err
	}
	_, err = c.finish(ctx, exec.Podman("network", "disconnect").Flag("force", in.Force).Operand(row.Name, before.Name))
	return NetworkDisconnectResult{row.Name, before.Name}, err
})

// NetworkDisconnectParams are the parameters of podman_network_disconnect.
type NetworkDisconnectParams struct {
	Network   Name      `json:"network" jsonschema:"Name or id"`
	Container Container `json:"container" jsonschema:"Name or id"`
	Force     bool      `json:"force,omitempty" default:"false" jsonschema:"Also where podman cannot take it off in an orderly way"`
}

// NetworkDisconnectResult is the result of podman_network_disconnect.
type NetworkDisconnectResult struct {
	Network   string `json:"network"`
	Container string `json:"container" jsonschema:"Its name"`
}
