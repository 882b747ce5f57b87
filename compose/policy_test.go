package compose

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// allowing are an operator's permissions, and trusting all there are or none.
func allowing(names ...string) Permits {
	return func(name string) bool { return slices.Contains(names, name) }
}

func trusting(all bool) Permits {
	if all {
		return allowing(rawCompose)
	}
	return nil
}

// judged is what Up would say of a file.
func judged(t *testing.T, file string, allow Allow, permits Permits) error {
	t.Helper()
	q := request{file: file, allow: allow, permits: permits}
	m, err := loaded(t, q).shutPorts(t.Context(), &exec.Runner{}, q)
	if err != nil {
		return err
	}
	return m.permitted(t.Context(), allow, nil)
}

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
			err := judged(t, file, allow, nil)
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

// Each permission opens its own door and no other one, raw-compose all that have
// a key; what names none has none.
func TestPermissions(t *testing.T) {
	names := []string{publicPorts, "privileged", "host-network", "host-pid", "devices", "capabilities", "driver-opts", rawCompose}
	for _, c := range []struct{ service, rest, permission string }{
		{"ports: ['0.0.0.0:80:80']", "", publicPorts},
		{"ports: ['[::]:80:80']", "", publicPorts},
		{"ports: ['192.0.2.1:80:80']", "", publicPorts},
		{"ports: [{target: 80, published: '80', host_ip: 0.0.0.0}]", "", publicPorts},
		{"privileged: true", "", "privileged"},
		{"build: {context: ., privileged: true}", "", "privileged"},
		{"network_mode: host", "", "host-network"},
		{"build: {context: ., network: host}", "", "host-network"},
		{"networks: [n]", "networks: {n: {external: true, name: host}}", "host-network"},
		{"pid: host", "", "host-pid"},
		{"devices: ['/dev/sda:/dev/sda']", "", "devices"},
		{"device_cgroup_rules: ['a *:* rwm']", "", "devices"},
		{"deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}", "", "devices"},
		{"cap_add: [SYS_ADMIN]", "", "capabilities"},
		{"cap_add: [ALL]", "", "capabilities"},
		{"volumes: ['data:/data']", "volumes: {data: {driver_opts: {type: ext4, device: /dev/sda1}}}", "driver-opts"},
		{"volumes: ['data:/data']", "volumes: {data: {driver_opts: {type: nfs, device: ':/x', o: addr=192.0.2.1}}}", "driver-opts"},
		{"security_opt: ['seccomp:unconfined']", "", rawCompose},
		{"ipc: host", "", rawCompose},
		{"userns_mode: host", "", rawCompose},
		{"pid: 'container:other'", "", rawCompose},
		{"network_mode: 'container:other'", "", rawCompose},
		{"sysctls: {kernel.x: 1}", "", rawCompose},
		{"networks: [n]", "networks: {n: {driver: macvlan}}", rawCompose},
		{"volumes: ['/etc:/host']", "", rawCompose},
		{"volumes: ['data:/data']", "volumes: {data: {driver_opts: {type: none, o: bind, device: /etc}}}", rawCompose},
		{"volumes: ['data:/data']", "volumes: {data: {driver_opts: {type: overlay, o: 'lowerdir=/srv:/etc'}}}", rawCompose},
		{"volumes: ['data:/data']", "volumes: {data: {driver_opts: {type: none, o: bind, device: /etc/../dev/x}}}", rawCompose},
		{"annotations: {run.oci.handler: krun}", "", never},
		{"sysctls: {kernel.x: 1}\n    annotations: {run.oci.handler: krun}", "", never},
		{"runtime: mine", "", never},
		{"cgroup_parent: /x", "", never},
		{"logging: {driver: k8s-file, options: {path: /srv/log}}", "", never},
		{"x-podman.rootfs: /", "", never},
		{"ports: ['127.0.0.1:80:80']", "x-podman: {pod_args: ['--hooks-dir=/x']}", never},
	} {
		t.Run(c.service+c.rest, func(t *testing.T) {
			allow := func(parameter, path string) error {
				if strings.HasPrefix(path, "/etc") || strings.HasPrefix(path, "/dev") {
					return &parse.Failure{Code: parse.PolicyDenied, Message: parameter + ": it is private"}
				}
				return nil
			}
			dir := folder(t, "shop", "compose.yaml", "services:\n  web:\n    image: a\n    "+c.service+"\n"+c.rest+"\n", "Dockerfile", "FROM scratch\n")
			var f *parse.Failure
			if err := judged(t, dir, allow, nil); !errors.As(err, &f) || f.Code != parse.PolicyDenied {
				t.Fatalf("allowed nothing: %v", err)
			}
			roots := strings.HasSuffix(f.Message, "it is private")
			if want := "--allow " + c.permission; c.permission != never && !roots && c.rest == "" && !strings.Contains(f.Hint, want+".") {
				t.Errorf("%q does not name %s", f.Hint, want)
			}
			if c.permission == never && !strings.Contains(f.Hint, "no flag allows it") {
				if !strings.Contains(c.service, "sysctls") {
					t.Errorf("%q names a flag", f.Hint)
				}
			}
			for _, name := range names {
				err := judged(t, dir, allow, allowing(name))
				if opens := c.permission != never && (name == c.permission || name == rawCompose); opens != (err == nil) {
					t.Errorf("allowed %s: %v", name, err)
				}
			}
			if err := judged(t, dir, allow, allowing(names[:len(names)-1]...)); (c.permission == rawCompose || c.permission == never) && err == nil {
				t.Error("all others together open it")
			}
		})
	}
}
