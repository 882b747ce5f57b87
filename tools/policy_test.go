package tools

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// under is a host with a policy, whose podman is not there.
func under(t *testing.T, p Policy) *Host {
	t.Helper()
	return &Host{Runner: &exec.Runner{Podman: filepath.Join(t.TempDir(), "podman")}, Policy: p}
}

// A tool that changes something is refused when it is called, also by those who
// call what they were not shown; one that reads is not.
func TestReadOnly(t *testing.T) {
	host := under(t, Policy{Profile: ReadOnly, Allowed: Permissions()})
	listed, err := Selection{Toolsets: []string{"all"}, ReadOnly: true}.Of(All())
	if err != nil {
		t.Fatal(err)
	}
	for name, session := range map[string]*mcp.ClientSession{
		"all listed":       connect(t, host, nil),
		"the readers only": connectTo(t, host, listed, nil),
	} {
		for _, tool := range All() {
			result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool.Name, Arguments: json.RawMessage(`{"no_such_parameter":1}`)})
			if err != nil {
				t.Fatalf("%s, %s: %v", name, tool.Name, err)
			}
			content, _ := result.Content[0].(*mcp.TextContent)
			refused := strings.HasPrefix(content.Text, "POLICY_DENIED: "+tool.Name+" is not allowed: the profile is readonly") && strings.Contains(content.Text, "--profile dev")
			if refused != (tool.Effect != Reads) {
				t.Errorf("%s, %s: %s", name, tool.Name, content.Text)
			}
		}
	}
	_, err = host.Do(t.Context(), "podman_rm", map[string]any{"containers": []string{"web"}})
	var f *parse.Failure
	if !errors.As(err, &f) || f.Code != parse.PolicyDenied {
		t.Errorf("inside: %v", err)
	}
}

func TestPermits(t *testing.T) {
	for _, permission := range Permissions() {
		for _, profile := range []Profile{ReadOnly, Dev, Full, ""} {
			p := Policy{Profile: profile}
			if p.Permits(permission) != (profile == Full) {
				t.Errorf("%s permits %s: %v", profile, permission, p.Permits(permission))
			}
			if p.Allowed = []string{permission}; !p.Permits(permission) || profile != Full && slices.ContainsFunc(Permissions(), func(other string) bool { return other != permission && p.Permits(other) }) {
				t.Errorf("%v", p)
			}
		}
	}
	if (Policy{Profile: Full}).Permits("") || (Policy{Profile: Full}).Permits("annotations") {
		t.Error("full permits what nothing allows")
	}
}

// What a container has of this machine's network, by every tool that makes one.
func TestNetworkPolicy(t *testing.T) {
	unit := func(port string) map[string]any {
		return map[string]any{"name": "web.container", "content": "[Container]\nImage=docker.io/library/nginx:1\nPublishPort=" + port + "\n"}
	}
	onHost := map[string]any{"yaml": "kind: Pod\nmetadata: {name: shop}\nspec: {containers: [{name: web, image: web}]}\n", "network": "host"}
	pod := func(spec, port string) map[string]any {
		return map[string]any{"yaml": "kind: Pod\nmetadata: {name: shop}\nspec:\n  " + spec + "\n  containers: [{name: web, image: web, ports: [{containerPort: 80" + port + "}]}]\n"}
	}
	type arguments = map[string]any
	for _, c := range []struct {
		tool       string
		arguments  arguments
		permission string // "" where none is needed
	}{
		{"podman_run", arguments{"image": "web", "ports": []string{"80", "8080:80", "127.0.0.1:1:1", "127.9.9.9:2:2", "[::1]:3:3", "[::ffff:127.0.0.1]:4:4"}}, ""},
		{"podman_run", arguments{"image": "web", "ports": []string{"80", "0.0.0.0:80:80"}}, PublicPorts},
		{"podman_run", arguments{"image": "web", "ports": []string{"[::]:80:80"}}, PublicPorts},
		{"podman_run", arguments{"image": "web", "ports": []string{"192.0.2.1::80"}}, PublicPorts},
		{"podman_run", arguments{"image": "web", "ports": []string{"[::ffff:192.0.2.1]:4:4"}}, PublicPorts},
		{"podman_run", arguments{"image": "web", "network": "none"}, ""},
		{"podman_run", arguments{"image": "web", "network": "host"}, HostNetwork},
		{"podman_pod_create", arguments{"name": "shop", "ports": []string{"80"}}, ""},
		{"podman_pod_create", arguments{"name": "shop", "ports": []string{"0.0.0.0:80:80"}}, PublicPorts},
		{"podman_pod_create", arguments{"name": "shop", "network": "host"}, HostNetwork},
		{"podman_quadlet_install", unit("8080:80"), ""},
		{"podman_quadlet_install", unit("0.0.0.0:8080:80"), PublicPorts},
		{"podman_kube_play", pod("hostname: a", ", hostPort: 80"), ""},
		{"podman_kube_play", pod("hostname: a", ", hostPort: 80, hostIP: 127.0.0.1"), ""},
		{"podman_kube_play", pod("hostname: a", ", hostPort: 80, hostIP: 0.0.0.0"), PublicPorts},
		{"podman_kube_play", onHost, HostNetwork},
		{"podman_kube_play", pod("hostNetwork: true", ""), HostNetwork},
		{"podman_kube_play", pod("hostPID: true", ""), HostPID},
		{"podman_kube_play", pod("securityContext: {privileged: true}", ""), Privileged},
	} {
		for _, p := range []Policy{{}, {Profile: Full}, {Allowed: []string{c.permission}}, {Allowed: slices.DeleteFunc(Permissions(), func(name string) bool { return name == c.permission })}} {
			host := under(t, p)
			host.Units = t.TempDir()
			_, err := host.Do(t.Context(), c.tool, c.arguments)
			var f *parse.Failure
			denied := errors.As(err, &f) && f.Code == parse.PolicyDenied
			switch {
			case err == nil: // there is no podman that could have done it
				t.Errorf("%s %v under %v: no error", c.tool, c.arguments, p)
			case denied != (c.permission != "" && !p.Permits(c.permission)):
				t.Errorf("%s %v under %v: %v", c.tool, c.arguments, p, err)
			case denied && !strings.Contains(f.Hint, "--allow "+c.permission+"."):
				t.Errorf("%s %v: the hint %q does not name %s", c.tool, c.arguments, f.Hint, c.permission)
			case err != nil && !denied && f.Code != parse.NotConnected: // it went on to podman
				t.Errorf("%s %v under %v: %v", c.tool, c.arguments, p, err)
			}
		}
	}
	// What would be read as more than one address.
	if err := (Policy{}).address("hostIP", "::1%x,0.0.0.0"); err == nil {
		t.Error("an address with a zone")
	}
}
