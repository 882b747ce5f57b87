package main

import (
	"net"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// userManager runs commands under a systemd for them alone: in a mount
// namespace of its own, where the machine looks as if it had been booted by
// systemd, and with folders of its own. The user's own units are out of reach.
const userManager = `
mount -t tmpfs none /run/systemd && mkdir /run/systemd/system
/lib/systemd/systemd --user --log-target=null --show-status=no &
until systemctl --user list-units >/dev/null 2>&1; do sleep 0.05; done
trap 'systemctl --user exit; wait' EXIT
set -eu
systemctl --user import-environment PATH FAKE_PODMAN PODMAN_MCP_ENV_PASS GORACE XDG_STATE_HOME PODMAN_MCP_ADMIN_PORT PODMAN_MCP_PORT
show() { systemctl --user show --property="$1" --value "$2"; }
`

// serviceStory starts the service, which counts as started when it says so, and stops it.
const serviceStory = `
systemctl --user start podman-mcp.service
echo "started: $(show ActiveState podman-mcp.service), $(show Type podman-mcp.service)"
systemctl --user stop podman-mcp.service
echo "stopped: $(show Result podman-mcp.service) $(show ExecMainStatus podman-mcp.service)"
`

// socketStory has a client start it.
const socketStory = `
systemctl --user start podman-mcp.socket
echo "waiting: $(show ActiveState podman-mcp.service)"
exec 3<>/dev/tcp/127.0.0.1/PORT
printf 'GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r answer <&3
echo "answer: $answer"
echo "started: $(show ActiveState podman-mcp.service)"
systemctl --user stop podman-mcp.socket podman-mcp.service
echo "stopped: $(show Result podman-mcp.service)"
`

// The units do under a real systemd what they promise.
func TestUnitsRun(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/lib/systemd/systemd"); err != nil {
		t.Skip("no systemd here")
	}
	if out, err := osexec.Command("unshare", "--mount", "sh", "-c", "mkdir -p /run/systemd && mount -t tmpfs none /run/systemd").CombinedOutput(); err != nil {
		t.Skipf("systemd needs a mount namespace of its own, which this user may not make: %v %s", err, out)
	}
	program, err := osexec.LookPath("podman-mcp") // the test binary, which runs main under that name
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	_ = ln.Close()

	dir := t.TempDir()
	units := filepath.Join(dir, "config", "systemd", "user")
	for _, folder := range []string{units, filepath.Join(dir, "run"), filepath.Join(dir, "podman")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"podman-mcp.service", "podman-mcp.socket"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "scripts", "systemd", name))
		if err != nil {
			t.Fatal(err)
		}
		unit := strings.NewReplacer("%h/.local/bin/podman-mcp", program, "127.0.0.1:8913", "127.0.0.1:"+port).Replace(string(text))
		if err := os.WriteFile(filepath.Join(units, name), []byte(unit), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, story, want string }{
		{"service", serviceStory, "started: active, notify\nstopped: success 0\n"},
		{"socket", socketStory, "waiting: inactive\nanswer: HTTP/1.1 401 Unauthorized\r\nstarted: active\nstopped: success\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := osexec.Command("unshare", "--mount", "bash", "-c", userManager+strings.ReplaceAll(c.story, "PORT", port))
			cmd.Env = append(os.Environ(), append(fakeEnv(dir), "XDG_RUNTIME_DIR="+filepath.Join(dir, "run"), "XDG_CONFIG_HOME="+filepath.Join(dir, "config"),
				"XDG_STATE_HOME="+dir, "PODMAN_MCP_PORT="+port, "PODMAN_MCP_ADMIN_PORT=0", "DBUS_SESSION_BUS_ADDRESS=")...)
			out, err := cmd.CombinedOutput()
			if string(out) != c.want || err != nil {
				t.Errorf("%v\n%s\nwant\n%s", err, out, c.want)
			}
		})
	}
}
