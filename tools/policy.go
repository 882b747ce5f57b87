package tools

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/parse"
)

// Policy is what the operator lets agents do with this machine. The zero value
// is the profile dev with nothing allowed beyond it. Which folders they may use
// is said by [Roots].
type Policy struct {
	Profile Profile
	Allowed []string // of Permissions
}

// Profile is how much agents may do.
type Profile string

// The profiles.
const (
	ReadOnly Profile = "readonly" // only tools that change nothing
	Dev      Profile = "dev"      // containers and all that belongs to them, but nothing of this machine itself
	Full     Profile = "full"     // also everything that can be allowed
)

// What --allow can allow: each is a part of this machine that a container may
// then have. Not all doors have a key: annotations, other runtimes, hooks, control
// groups and logs in files of the host's are offered under no policy.
const (
	PublicPorts  = "public-ports" // ports that other machines reach
	Privileged   = "privileged"   // containers without confinement
	HostNetwork  = "host-network" // this machine's network, with every port and service
	HostPID      = "host-pid"     // this machine's processes
	Devices      = "devices"      // of a compose file
	Capabilities = "capabilities" // beyond those that stay inside
	DriverOpts   = "driver-opts"  // of a compose file's volumes, with which podman mounts anything
	RawCompose   = "raw-compose"  // compose files as they are, with all of the above and files of any folder
)

// Permissions lists them, as --allow takes them.
func Permissions() []string {
	return []string{PublicPorts, Privileged, HostNetwork, HostPID, Devices, Capabilities, DriverOpts, RawCompose}
}

// Permits tells whether containers may have one of [Permissions].
func (p Policy) Permits(permission string) bool {
	return p.Profile == Full && slices.Contains(Permissions(), permission) || slices.Contains(p.Allowed, permission)
}

// String is the policy in a few words.
func (p Policy) String() string {
	var allowed []string
	for _, permission := range Permissions() {
		if p.Permits(permission) {
			allowed = append(allowed, permission)
		}
	}
	profile := p.Profile
	if profile == "" {
		profile = Dev
	}
	if len(allowed) == 0 {
		allowed = []string{"nothing more"}
	}
	return fmt.Sprintf("profile %s; allowed: %s", profile, strings.Join(allowed, ", "))
}

// refuses says why a tool may not be called, nil where it may be. It is asked at
// every call: that a tool was not listed keeps nobody from calling it.
func (p Policy) refuses(t Tool) *parse.Failure {
	if p.Profile != ReadOnly || t.Effect == Reads {
		return nil
	}
	return &parse.Failure{Code: parse.PolicyDenied, Subject: t.Name,
		Message: t.Name + " is not allowed: the profile is readonly, and this tool changes things",
		Hint:    "Nothing was run. The operator allows such tools with --profile dev, and without --read-only."}
}

// explain answers calls of tools that the profile keeps from being listed. The
// protocol's own answer would be that there is no such tool.
func (p Policy) explain(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		if call, ok := req.(*mcp.CallToolRequest); ok && p.Profile == ReadOnly {
			for _, t := range All() {
				if f := p.refuses(t); f != nil && t.Name == call.Params.Name {
					return errorResult(nil, f), nil
				}
			}
		}
		return next(ctx, method, req)
	}
}

// network judges what a new container or pod is to have of this machine's network.
func (p Policy) network(network Name, ports []Port) error {
	if network == "host" && !p.Permits(HostNetwork) {
		return notPermitted("network", "host is not allowed: it gives the container every port and service of this machine", HostNetwork,
			"Take none, or an existing network's name, and open ports with ports.")
	}
	for i, port := range ports {
		if err := p.address(fmt.Sprintf("ports[%d]", i), portParts().FindStringSubmatch(string(port))[1]); err != nil {
			return err
		}
	}
	return nil
}

// address judges one that a port is to be opened on.
func (p Policy) address(at, address string) error {
	ip, err := netip.ParseAddr(address)
	switch {
	case err != nil, ip.Zone() != "":
		return invalid(at, "got %s; takes an IP address", short([]byte(address)))
	case ip.IsLoopback(), p.Permits(PublicPorts):
		return nil
	}
	return notPermitted(at, address+" is not allowed: it opens the port to other machines", PublicPorts, "Leave the address out, or take 127.0.0.1.")
}

// notPermitted says what the operator would have to allow.
func notPermitted(at, why, permission, instead string) *parse.Failure {
	return &parse.Failure{Code: parse.PolicyDenied, Subject: at, Message: at + ": " + why,
		Hint: "Nothing was run. " + instead + " The operator allows it with --allow " + permission + "."}
}
