package compose

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"podman-mcp/parse"
)

// What a file may not ask for, each as its author would write it, and what it may.
func TestPermitted(t *testing.T) {
	private := &parse.Failure{Code: parse.PolicyDenied, Message: "it is private", Hint: "take another"}
	allow := func(_, path string) error {
		if strings.HasPrefix(path, "/etc") {
			return private
		}
		return nil
	}
	for _, c := range []struct{ name, service, rest, at string }{
		{"a plain one", "ports: ['80:80']", "", ""},
		{"a folder beside the file", "volumes: ['./html:/html:ro']", "", ""},
		{"a named volume", "volumes: ['data:/data']", "volumes: {data: {}}", ""},
		{"the clock's zone", "volumes: ['/etc/localtime:/etc/localtime:ro']", "", ""},
		{"no network", "network_mode: none", "", ""},
		{"another service's network", "network_mode: service:db", "", ""},
		{"a capability that stays inside", "cap_add: [NET_BIND_SERVICE]", "", ""},
		{"no new privileges", "security_opt: ['no-new-privileges:true']", "", ""},
		{"shared memory", "ipc: shareable", "", ""},
		{"privileged", "privileged: true", "", "services.web.privileged"},
		{"the host's network", "network_mode: host", "", "services.web.network_mode"},
		{"a foreign container's network", "network_mode: 'container:other'", "", "services.web.network_mode"},
		{"the host's processes", "pid: host", "", "services.web.pid"},
		{"the host's shared memory", "ipc: host", "", "services.web.ipc"},
		{"the host's users", "userns_mode: host", "", "services.web.userns_mode"},
		{"a device", "devices: ['/dev/sda:/dev/sda']", "", "services.web.devices"},
		{"a mighty capability", "cap_add: [CAP_SYS_ADMIN]", "", "services.web.cap_add"},
		{"all capabilities", "cap_add: [all]", "", "services.web.cap_add"},
		{"no confinement", "security_opt: ['seccomp:unconfined']", "", "services.web.security_opt"},
		{"capabilities behind a comma", "cap_add: ['CHOWN,SYS_ADMIN']", "", "services.web.cap_add"},
		{"a network's options", "network_mode: 'slirp4netns:allow_host_loopback=true'", "", "services.web.network_mode"},
		{"a log in a file", "logging: {driver: k8s-file, options: {path: /srv/log}}", "", "services.web.logging"},
		{"a log that is cut", "logging: {driver: json-file, options: {max-size: 1m}}", "", ""},
		{"a source with a colon", "volumes: [{type: bind, source: './l:/y', target: ro}]", "", "services.web.volumes[0]"},
		{"a program as a service", "provider: {type: ./evil}", "", "services.web"},
		{"podman's socket", "use_api_socket: true", "", "services.web"},
		{"a graphics card", "deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}", "", "services.web.deploy"},
		{"the host's network by its name", "networks: [n]", "networks: {n: {external: true, name: host}}", "networks.n"},
		{"a network of another driver", "networks: [n]", "networks: {n: {driver: macvlan}}", "networks.n"},
		{"podman's own options", "ports: ['80']", "x-podman: {pod_args: ['--hooks-dir=/x']}", "x-podman"},
		{"no pod", "ports: ['80']", "x-podman: {in_pod: false}", ""},
		{"another runtime", "runtime: mine", "", "services.web.runtime"},
		{"the clock's zone to write", "volumes: ['/etc/localtime:/etc/localtime']", "", "private"},
		{"a private folder", "volumes: ['/etc:/host']", "", "private"},
		{"a private folder in the long form", "volumes: [{type: bind, source: /etc/ssl, target: /ssl}]", "", "private"},
		{"a private folder by a volume", "volumes: ['data:/data']", "volumes: {data: {driver_opts: {type: none, o: bind, device: /etc}}}", "private"},
		{"a private file as a secret", "secrets: [key]", "secrets: {key: {file: /etc/hostname}}", "private"},
		{"a volume in memory", "volumes: ['data:/data']", "volumes: {data: {driver_opts: {type: tmpfs, device: tmpfs, o: 'size=1m,mode=0700,uid=1'}}}", ""},
		{"a folder beside the file by a volume", "volumes: ['data:/data']", "volumes: {data: {driver: local, driver_opts: {type: none, o: bind, device: ./html}}}", ""},
		{"an overlay", "volumes: ['data:/data']", "volumes: {data: {driver_opts: {type: overlay, device: overlay, o: 'lowerdir=/root:/etc'}}}", "volumes.data.driver_opts"},
		{"a disk", "volumes: ['data:/data']", "volumes: {data: {driver_opts: {type: ext4, device: /dev/sda1}}}", "volumes.data.driver_opts"},
		{"another machine's folder", "volumes: ['data:/data']", "volumes: {data: {driver_opts: {type: nfs, device: ':/x', o: addr=192.0.2.1}}}", "volumes.data.driver_opts"},
		{"a bind in tmpfs's clothes", "volumes: ['data:/data']", "volumes: {data: {driver_opts: {type: tmpfs, device: /etc, o: bind}}}", "volumes.data.driver_opts"},
		{"an option of an overlay", "volumes: ['data:/data']", "volumes: {data: {driver_opts: {o: 'lowerdir=/root'}}}", "volumes.data.driver_opts"},
		{"a shared mount", "volumes: ['data:/data']", "volumes: {data: {driver_opts: {type: none, o: 'bind,rshared', device: /srv}}}", "volumes.data.driver_opts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "html"), 0o700); err != nil {
				t.Fatal(err)
			}
			text := "services:\n  web:\n    image: a\n    " + c.service + "\n  db: {image: a}\n" + c.rest + "\n"
			file := filepath.Join(dir, "compose.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			err := loaded(t, request{file: file}).permitted(t.Context(), allow, nil)
			var f *parse.Failure
			switch {
			case c.at == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.at == "":
			case !errors.As(err, &f) || f.Code != parse.PolicyDenied:
				t.Errorf("got %v, want %s", err, parse.PolicyDenied)
			case !strings.Contains(f.Message, c.at):
				t.Errorf("%q does not name %s", f.Message, c.at)
			}
		})
	}
}
