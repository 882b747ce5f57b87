package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"podman-mcp/compose"
	"podman-mcp/exec"
	"podman-mcp/parse"
)

// well is a rootless podman 5.8 on Fedora in good order.
func well() facts {
	f := facts{OS: "linux", Distro: "fedora", UID: 1000, User: "ann", Home: true, Podman: "podman", Path: "/usr/bin/podman",
		Version: parse.Versions{Client: "5.8.2"}, Compose: "podman-compose 1.5.0"}
	h := &f.Info.Host
	h.CgroupVersion, h.CgroupControllers = "v2", []string{"cpu", "io", "memory", "pids"}
	h.NetworkBackend, h.NetworkInfo.Path, h.NetworkInfo.DNS.Path = "netavark", "/usr/libexec/podman/netavark", "/usr/libexec/podman/aardvark-dns"
	h.OCIRuntime.Name, h.OCIRuntime.Path, h.OCIRuntime.Version = "crun", "/usr/bin/crun", "crun version 1.20\ncommit: x"
	h.RootlessNetwork, h.Pasta.Executable = "pasta", "/usr/bin/pasta"
	h.Security.Rootless = true
	f.Info.Store.Driver, f.Info.Store.Root = "overlay", "/home/ann/.local/share/containers/storage"
	f.Info.Store.Allocated, f.Info.Store.Used = 100<<30, 10<<30
	f.Info.Registries.Search = []string{"docker.io"}
	f.host = hostFacts{SubUIDs: 65536, SubGIDs: 65536, NewUIDMap: true, RuntimeDir: "/run/user/1000", Tun: true, Policy: true, Helpers: map[string]string{}}
	return f
}

func podmanSays(stderr string) error {
	return &exec.RunError{Verb: "info", Code: 125, Stderr: stderr, Err: errors.New("exit status 125")}
}

func mac(f *facts, machines ...machine) {
	*f = facts{OS: "darwin", UID: 501, User: "ann", Home: true, Podman: "podman", Path: "/opt/podman/bin/podman",
		Version: parse.Versions{Client: "5.8.2"}, Compose: "podman-compose 1.5.0", Machines: machines, InfoErr: podmanSays("Cannot connect to Podman.")}
}

func root(f *facts) {
	f.UID, f.User, f.Distro = 0, "root", "debian"
	f.host.Helpers["iptables"] = "/usr/sbin/iptables"
	f.host.SubUIDs, f.host.RuntimeDir = 0, ""
}

// elsewhere has podman use a service at a URL, where none answers.
func elsewhere(f *facts, at string) {
	f.Where, f.URL, f.InfoErr = "--remote --url="+at, at, podmanSays("Cannot connect to Podman. unable to connect to Podman socket: failed to connect")
	f.ComposeErr = &parse.Failure{Code: parse.NotConnected}
}

// Each case breaks one thing, and every other check stays well.
func TestChecks(t *testing.T) {
	for _, test := range []struct {
		name  string
		harm  func(*facts)
		check string // that finds it; empty where all is well
		want  status
		says  string
		fix   string
	}{
		{"nothing", func(*facts) {}, "", passes, "", ""},
		{"root in good order", root, "", passes, "", ""},
		{"podman missing", func(f *facts) { f.VersErr = exec.ErrNotFound; f.ComposeErr = exec.ErrNotFound; f.Compose = "" }, "podman", fails, `no executable "podman"`, "sudo dnf install -y podman"},
		{"path missing", func(f *facts) { f.VersErr = fs.ErrNotExist; f.Podman = "/x/podman"; f.Distro = "arch" }, "podman", fails, "/x/podman", "sudo pacman -S --noconfirm podman"},
		{"podman elsewhere", func(f *facts) { f.VersErr, f.Podman, f.Usual = fs.ErrNotExist, "/x/podman", "/usr/bin/podman" }, "podman", fails, "podman is at /usr/bin/podman", "podman-mcp --podman /usr/bin/podman doctor"},
		{"podman not in PATH", func(f *facts) { f.VersErr, f.Path, f.Usual = exec.ErrNotFound, "", "/opt/podman/bin/podman" }, "podman", fails, "/opt/podman/bin/podman", `export PATH="$PATH:/opt/podman/bin"`},
		{"another program", func(f *facts) {
			f.VersErr, f.Podman, f.Usual = notPodman(""), "/bin/true", "/usr/bin/podman"
			f.ComposeErr, f.Compose = errors.New("x"), ""
		}, "podman", fails, "/bin/true is no podman: it answers `version` with nothing", "--podman /usr/bin/podman"},
		{"another program alone", func(f *facts) { f.VersErr, f.Podman = notPodman("hi"), "/bin/hi" }, "podman", fails, `with "hi"`, "install -y podman"},
		{"unknown system", func(f *facts) { f.VersErr = exec.ErrNotFound; f.Distro = "" }, "podman", fails, "", "install podman with the system's package manager"},
		{"too old", func(f *facts) { f.Version.Client = "3.4.4"; f.Distro = "ubuntu debian" }, "podman", fails, "older than 4.3", "sudo apt-get install -y podman"},
		{"too new", func(f *facts) { f.Version.Client = "7.0.0" }, "podman", warns, "knows versions 4.3 to 6", ""},
		{"known hole", func(f *facts) { f.Version.Client = "5.0.0" }, "holes", warns, "CVE-2024-1753", ""},
		{"known hole of the service", func(f *facts) { f.Version.Server = "4.9.3" }, "holes", warns, "podman 4.9.3 has a known hole", ""},
		{"no podman at all", func(f *facts) { f.Version.Client = "" }, "podman", fails, "is it podman?", "podman version"},
		{"machine off", func(f *facts) { mac(f, machine{Name: "other"}, machine{Name: "vm", Default: true}) }, "machine", fails, "vm does not run", "podman machine start vm"},
		{"no machine", func(f *facts) { mac(f) }, "machine", fails, "no podman machine", "podman machine init --now"},
		{"machine on", func(f *facts) { mac(f, machine{"vm", true, true}); f.InfoErr = nil; f.Info = well().Info }, "", passes, "", ""},
		{"podman missing on a Mac", func(f *facts) { mac(f); f.VersErr = exec.ErrNotFound }, "podman", fails, "", "brew install podman"},
		{"podman missing on Windows", func(f *facts) { mac(f); f.OS = "windows"; f.VersErr = exec.ErrNotFound }, "podman", fails, "", "winget install RedHat.Podman"},
		{"no socket", func(f *facts) { f.Where, f.Socket, f.SockErr = "--url=x", "/run/podman/podman.sock", fs.ErrNotExist }, "socket", fails, "does not exist", "sudo systemctl enable --now podman.socket"},
		{"own socket gone", func(f *facts) {
			f.Where, f.Socket, f.SockErr = "--url=x", "/run/user/1000/podman/podman.sock", fs.ErrNotExist
		}, "socket", fails, "", "systemctl --user enable --now podman.socket"},
		{"socket of one's own", func(f *facts) {
			f.Where, f.Socket, f.SockErr = "--url=x", "/none such/podman.sock", fs.ErrNotExist
		}, "socket", fails, "", "mkdir -p '/none such' && podman system service --time=0 'unix:///none such/podman.sock'"},
		{"nobody listens", func(f *facts) {
			f.Where, f.Socket, f.SockErr = "--url=x", "/tmp/podman.sock", syscall.ECONNREFUSED
		}, "socket", fails, "has stopped", "rm /tmp/podman.sock && podman system service --time=0 unix:///tmp/podman.sock"},
		{"the unit's socket is dead", func(f *facts) {
			f.Where, f.Socket, f.SockErr = "--url=x", "/run/podman/podman.sock", syscall.ECONNREFUSED
		}, "socket", fails, "has stopped", "sudo systemctl restart podman.socket"},
		{"root's socket without systemd", func(f *facts) {
			root(f)
			f.host.NoSystemd = true
			f.Where, f.Socket, f.SockErr = "--url=x", "/run/podman/podman.sock", fs.ErrNotExist
		}, "socket", fails, "", "podman system service --time=0 unix:///run/podman/podman.sock"},
		{"no such connection", func(f *facts) {
			f.Where, f.InfoErr = "--remote --connection=nope", podmanSays(`Error: connection "nope" not found`)
			f.ComposeErr = &parse.Failure{Code: parse.NotConnected}
		}, "answer", fails, `no connection called "nope"`, "podman system connection ls"},
		{"no service at a port", func(f *facts) { elsewhere(f, "tcp://localhost:1") }, "answer", fails, "", "podman system service --time=0 tcp://localhost:1"},
		{"no service at another's port", func(f *facts) { elsewhere(f, "tcp://box:1") }, "answer", fails, "", "on box: podman system service --time=0 tcp://box:1"},
		{"no service behind ssh", func(f *facts) { elsewhere(f, "ssh://core@box:22/run/user/1000/podman/podman.sock") }, "answer", fails, "", "ssh -p 22 core@box systemctl --user enable --now podman.socket"},
		{"foreign socket", func(f *facts) {
			f.Where, f.Socket, f.SockErr = "--url=x", "/run/podman/podman.sock", fs.ErrPermission
		}, "socket", fails, "may not be opened by ann", "systemctl --user enable"},
		{"locked", func(f *facts) { f.InfoErr = podmanSays("Error: database is locked") }, "answer", fails, "locked by another podman", "podman info"},
		{"hanging", func(f *facts) { f.InfoErr = &exec.RunError{Verb: "info", Code: -1, Err: context.DeadlineExceeded} }, "answer", fails, "within 12s", "--log-level=debug"},
		{"all hanging", func(f *facts) {
			f.VersErr = context.DeadlineExceeded
			f.InfoErr, f.ComposeErr = f.VersErr, f.VersErr
		}, "podman", fails, "within 12s", "podman version"},
		{"no home", func(f *facts) { f.Home = false }, "home", warns, "HOME", "export HOME"},
		{"no subuid", func(f *facts) { f.host.SubUIDs = 0 }, "ids", fails, "0 subordinate user ids", "sudo usermod --add-subuids"},
		{"few subgid", func(f *facts) { f.host.SubGIDs = 1000 }, "ids", fails, "1000 group ids", "podman system migrate"},
		{"no newuidmap", func(f *facts) { f.host.NewUIDMap = false }, "ids", fails, "newuidmap", "sudo dnf install -y shadow-utils"},
		{"no user namespaces", func(f *facts) { f.host.NoUserNamespaces = "user.max_user_namespaces" }, "namespaces", fails, "forbids", "sudo sysctl -w user.max_user_namespaces=28633"},
		{"no runtime dir", func(f *facts) { f.host.RuntimeDir = "" }, "runtime dir", warns, "XDG_RUNTIME_DIR is not set", "XDG_RUNTIME_DIR=/run/user/1000"},
		{"bad runtime dir", func(f *facts) { f.host.RuntimeDirErr = fs.ErrPermission }, "runtime dir", fails, "permission", "enable-linger ann"},
		{"vfs", func(f *facts) { f.Info.Store.Driver = "vfs" }, "storage", warns, "copies every layer", "fuse-overlayfs"},
		{"full disk", func(f *facts) { f.Info.Store.Used = f.Info.Store.Allocated }, "storage", warns, "0 B left", "podman image prune"},
		{"no runtime", func(f *facts) { f.Info.Host.OCIRuntime.Path = "" }, "runtime", fails, "no runtime", "crun"},
		{"crun on hybrid cgroups", func(f *facts) { root(f); f.Info.Host.CgroupVersion = "v1"; f.host.Hybrid = true }, "runtime", fails, "mixes cgroup versions", `runtime = "runc"`},
		{"low limits", func(f *facts) {
			root(f)
			f.host.NoResource, f.host.Most = true, map[string]int64{"nofile": 20000, "nproc": 300}
		}, "limits", fails, "CAP_SYS_RESOURCE", `default_ulimits = ["nofile=20000:20000", "nproc=300:300"]`},
		{"low limits, told", func(f *facts) { root(f); f.host.NoResource, f.host.LimitsFile = true, "/x.conf" }, "", passes, "", ""},
		{"low limits after quickstart", func(f *facts) { root(f); f.host.NoResource, f.host.Quickstart = true, "/s/containers.conf" }, "limits", fails, "quickstart", "export CONTAINERS_CONF=/s/containers.conf"},
		{"low limits, another file", func(f *facts) { root(f); f.host.NoResource, f.host.Conf = true, "/x.conf" }, "limits", fails, "", "in /x.conf, under [containers], write: default_ulimits"},
		{"limits asked for in vain", func(f *facts) {
			root(f)
			f.host.Most, f.host.Limits, f.host.LimitsFile = map[string]int64{"nofile": 20000}, []string{"nproc=9", "nofile=2000000:2000000"}, "/bad.conf"
		}, "limits", fails, "/bad.conf asks for nofile=2000000:2000000, and this process may give a container no more than 20000", `in /bad.conf write: default_ulimits = ["nofile=20000:20000"]`},
		{"a user's limits in vain", func(f *facts) {
			f.host.Most, f.host.Limits, f.host.LimitsFile = map[string]int64{"nofile": 20000}, []string{"nofile=1:20001"}, "/bad.conf"
		}, "limits", warns, "may not start", "20000:20000"},
		{"quickstart's file not in use", func(f *facts) { f.host.Quickstart = "/s/containers.conf" }, "config", warns, "does not read now", "export CONTAINERS_CONF=/s/containers.conf"},
		{"quickstart's file in use", func(f *facts) { f.host.Quickstart = "/s/containers.conf"; f.host.Conf = f.host.Quickstart }, "config", passes, "in place of every other", ""},
		{"configuration missing", func(f *facts) { f.host.Conf, f.host.ConfErr = "/x.conf", fs.ErrNotExist }, "config", fails, "cannot be read", "unset CONTAINERS_CONF"},
		{"no systemd", func(f *facts) { f.host.NoSystemd = true }, "health", warns, "timers", "podman healthcheck run"},
		{"rootless on cgroup 1", func(f *facts) { f.Info.Host.CgroupVersion = "v1" }, "cgroups", warns, "memory and cpus do not work", "grubby"},
		{"rootless on cgroup 1, Debian", func(f *facts) { f.Info.Host.CgroupVersion, f.Distro = "v1", "debian" }, "cgroups", warns, "", "sudo update-grub"},
		{"rootless on cgroup 1, another", func(f *facts) { f.Info.Host.CgroupVersion, f.Distro = "v1", "gentoo" }, "cgroups", warns, "", "to the kernel's command line"},
		{"nothing delegated", func(f *facts) { f.Info.Host.CgroupControllers = []string{"pids"} }, "cgroups", warns, "lends this user only pids", "delegate.conf"},
		{"no netavark", func(f *facts) { f.Info.Host.NetworkInfo.Path = "" }, "network", fails, "netavark is missing", "netavark"},
		{"no pasta", func(f *facts) { f.Info.Host.Pasta.Executable = "" }, "network", fails, "pasta is missing", "install -y passt"},
		{"no slirp4netns", func(f *facts) { f.Version.Client, f.Info.Host.RootlessNetwork = "4.3.1", "" }, "network", fails, "slirp4netns is missing", "slirp4netns"},
		{"no tun", func(f *facts) { f.host.Tun = false }, "network", fails, "/dev/net/tun", "modprobe tun"},
		{"no iptables", func(f *facts) { root(f); f.host.Helpers = nil }, "network", fails, "neither iptables nor nft", "apt-get install -y iptables"},
		{"no aardvark", func(f *facts) { f.Info.Host.NetworkInfo.DNS.Path = "" }, "names", warns, "find each other", "aardvark-dns"},
		{"no compose", func(f *facts) { f.ComposeErr = &parse.Failure{Message: "there is no compose provider here"} }, "compose", warns, "no compose provider", "podman-compose"},
		{"podman compose too old", func(f *facts) {
			f.ComposeErr, f.ComposeChoice, f.PodmanCompose, f.Version.Client = errors.New("x"), compose.Podman, "/usr/bin/podman-compose", "4.3.1"
			f.host.Helpers["slirp4netns"] = "/usr/bin/slirp4netns"
			f.Info.Host.RootlessNetwork = ""
		}, "compose", warns, "needs podman 4.7 or newer, which has podman compose; this is 4.3.1", "podman-mcp --compose-provider auto doctor"},
		{"podman compose without a provider", func(f *facts) { f.ComposeErr, f.ComposeChoice = errors.New("x"), compose.Podman }, "compose", warns, "need one", "install -y podman-compose"},
		{"podman-compose too old", func(f *facts) { f.ComposeErr, f.PodmanCompose = errors.New("x"), "/usr/bin/podman-compose" }, "compose", warns, "older than 1.0.3", "podman-compose version"},
		{"no policy", func(f *facts) { f.host.Policy = false }, "policy", fails, "pulls nothing", "containers-common"},
		{"all that cannot matter elsewhere", func(f *facts) {
			f.Where, f.host, f.Home = "--connection=box", hostFacts{}, false
			f.Info.Host.OCIRuntime.Path = ""
		}, "", passes, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := well()
			test.harm(&f)
			found := false
			for _, got := range examine(f) {
				if got.Detail == "" || strings.ContainsAny(got.Detail+got.Fix, "\n") || strings.Contains(got.Detail+got.Fix, "%!") {
					t.Errorf("%s: %q, fix %q", got.Check, got.Detail, got.Fix)
				}
				if got.Check != test.check {
					if got.Check == "holes" && f.Version.Client < "4.9" {
						continue
					}
					if got.Status == fails || got.Status == warns && f.answered() {
						t.Errorf("%s: %s %s", got.Check, got.Status, got.Detail)
					}
					continue
				}
				found = true
				if got.Status != test.want || !strings.Contains(got.Detail, test.says) || !strings.Contains(got.Fix, test.fix) || test.fix == "" && got.Fix != "" {
					t.Errorf("got %s %q, fix %q; want %s %q, fix %q", got.Status, got.Detail, got.Fix, test.want, test.says, test.fix)
				}
			}
			if !found && test.check != "" {
				t.Errorf("%s said nothing", test.check)
			}
		})
	}
}
