package main

import (
	"fmt"
	"slices"
	"strings"

	"podman-mcp/parse"
)

// These checks are about a podman that works on this very Linux. A service or
// a machine elsewhere has a set-up of its own, which cannot be seen from here.

func (f *facts) rootless() bool { return !f.remote() && f.UID > 0 }

func (f *facts) local() bool { return !f.remote() && !f.missing() }

// answered tells whether podman info can be read.
func (f *facts) answered() bool { return f.InfoErr == nil }

func checkHome(f *facts) finding {
	if !f.rootless() || f.Home {
		return finding{}
	}
	return warn("export HOME=~"+f.User, "HOME is not set: podman and compose may miss your configuration")
}

func checkIDs(f *facts) finding {
	const enough = 65536
	h := f.host
	switch {
	case !f.rootless():
		return finding{}
	case h.SubUIDs < enough || h.SubGIDs < enough:
		return fail(fmt.Sprintf("sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s && podman system migrate", f.User),
			"%s has %d subordinate user ids and %d group ids; rootless containers need %d", f.User, h.SubUIDs, h.SubGIDs, enough)
	case !h.NewUIDMap:
		return fail(f.install("uidmap"), "newuidmap and newgidmap are missing; rootless containers need them")
	}
	return ok("%s has %d subordinate ids", f.User, h.SubUIDs)
}

func checkNamespaces(f *facts) finding {
	if !f.rootless() || f.host.NoUserNamespaces == "" {
		return finding{}
	}
	value := "1"
	if strings.HasPrefix(f.host.NoUserNamespaces, "user.") {
		value = "28633"
	}
	return fail(fmt.Sprintf("sudo sysctl -w %s=%s", f.host.NoUserNamespaces, value),
		"the kernel forbids user namespaces (%s is 0), which rootless containers are made of", f.host.NoUserNamespaces)
}

// checkRuntimeDir: without the folder podman keeps its locks in /tmp, apart
// from those of the same user's other sessions.
func checkRuntimeDir(f *facts) finding {
	export := fmt.Sprintf("sudo loginctl enable-linger %s && export XDG_RUNTIME_DIR=/run/user/%d", f.User, f.UID)
	if f.host.NoSystemd { // nor its loginctl
		export = fmt.Sprintf("sudo install -d -m 700 -o %s /run/user/%d && export XDG_RUNTIME_DIR=/run/user/%d", f.User, f.UID, f.UID)
	}
	switch {
	case !f.rootless():
		return finding{}
	case f.host.RuntimeDir == "":
		return warn(export, "XDG_RUNTIME_DIR is not set: podman may not see what another session of yours started")
	case f.host.RuntimeDirErr != nil:
		return fail(export, "XDG_RUNTIME_DIR cannot be used: %v", f.host.RuntimeDirErr)
	}
	return ok("%s", f.host.RuntimeDir)
}

func checkStorage(f *facts) finding {
	s := f.Info.Store
	free := s.Allocated - s.Used
	switch {
	case !f.answered() || s.Driver == "":
		return finding{}
	case s.Allocated > 0 && free < 1<<30:
		return warn("podman image prune", "%s left at %s", size(float64(max(free, 0))), s.Root)
	case s.Driver == "vfs" && f.local():
		return warn(f.install("fuse-overlayfs")+" && podman system reset", "the driver vfs copies every layer; overlay is far faster and smaller (a reset removes all containers and images)")
	}
	words := s.Driver + " at " + s.Root
	if s.Allocated > 0 {
		words += ", " + size(float64(free)) + " free"
	}
	return ok("%s", words)
}

func checkRuntime(f *facts) finding {
	if !f.answered() {
		return finding{}
	}
	r := f.Info.Host.OCIRuntime
	version, _, _ := strings.Cut(r.Version, "\n")
	switch {
	case r.Name == "" || r.Path == "" && f.local():
		return fail(f.install("crun"), "podman finds no runtime (crun or runc) to start containers with")
	case !f.local():
		return ok("%s", strings.TrimSpace(version))
	case r.Name == "crun" && f.Info.Host.CgroupVersion == "v1" && f.host.Hybrid:
		return fail(f.configure("engine", `runtime = "runc"`, "runc"),
			"crun refuses a system that mixes cgroup versions 1 and 2, as this one does; runc works")
	}
	return ok("%s", strings.TrimSpace(version))
}

// configure writes one setting for podman, after installing what it names.
func (f *facts) configure(section, setting, program string) string {
	path := "~/.config/containers/containers.conf.d/podman-mcp-" + section + ".conf"
	if f.UID == 0 {
		path = "/etc/containers/containers.conf.d/podman-mcp-" + section + ".conf"
	}
	command := fmt.Sprintf(`mkdir -p %s && printf '[%s]\n%%s\n' '%s' > %s`, path[:strings.LastIndexByte(path, '/')], section, setting, path)
	if program != "" && f.host.Helpers[program] == "" {
		command = f.install(program) + " && " + command
	}
	return command
}

// checkCgroups: limits on memory and processors need a controller each.
func checkCgroups(f *facts) finding {
	h := f.Info.Host
	switch {
	case !f.answered() || !f.local() || h.CgroupVersion == "":
		return finding{}
	case f.UID > 0 && h.CgroupVersion == "v1":
		return warn(f.unifiedCgroups(), "cgroup version 1 limits no rootless container: memory and cpus do not work")
	case f.UID > 0 && f.host.NoSystemd && !(slices.Contains(h.CgroupControllers, "memory") && slices.Contains(h.CgroupControllers, "cpu")):
		return warn("", "this user's control group has only %s: memory and cpus do not work, until whatever starts this system lends it more", listOr(h.CgroupControllers, "no controllers"))
	case f.UID > 0 && !(slices.Contains(h.CgroupControllers, "memory") && slices.Contains(h.CgroupControllers, "cpu")):
		return warn(`sudo mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\nDelegate=cpu cpuset io memory pids\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf && sudo systemctl daemon-reload`,
			"systemd lends this user only %s: memory and cpus do not work until it lends more, and you log in again", listOr(h.CgroupControllers, "no controllers"))
	}
	return ok("version %s", strings.TrimPrefix(h.CgroupVersion, "v"))
}

// unifiedCgroups has the kernel start with version 2 alone.
func (f *facts) unifiedCgroups() string {
	const setting = "systemd.unified_cgroup_hierarchy=1"
	edit := `sudo sed -i 's/^GRUB_CMDLINE_LINUX="/&` + setting + ` /' /etc/default/grub && `
	switch {
	case f.host.NoSystemd:
		return "have version 2 mounted at /sys/fs/cgroup: without systemd that is up to whatever starts this system"
	case f.like("debian", "ubuntu"):
		return edit + "sudo update-grub && sudo reboot"
	case f.like("fedora", "rhel", "centos"):
		return "sudo grubby --update-kernel=ALL --args=" + setting + " && sudo reboot"
	case f.like("suse", "opensuse"):
		return edit + "sudo grub2-mkconfig -o /boot/grub2/grub.cfg && sudo reboot"
	}
	return "add " + setting + " to the kernel's command line, and restart"
}

// checkHealth: podman leaves the running of health checks to systemd's timers.
func checkHealth(f *facts) finding {
	if !f.local() || !f.host.NoSystemd {
		return finding{}
	}
	return warn("podman healthcheck run CONTAINER", "there is no systemd here, whose timers run containers' health checks: they stay at starting until each is run by hand")
}

func listOr(list []string, none string) string {
	if len(list) == 0 {
		return none
	}
	return strings.Join(list, ", ")
}

func checkNetwork(f *facts) finding {
	h := f.Info.Host
	if !f.answered() || !f.local() {
		return finding{}
	}
	have := f.host.Helpers
	backend := h.NetworkBackend
	if backend == "netavark" && h.NetworkInfo.Path == "" && have["netavark"] == "" {
		return fail(f.install("netavark"), "netavark is missing, which sets up networks")
	}
	if f.UID == 0 {
		if have["iptables"] == "" && have["nft"] == "" {
			return fail(f.install("iptables"), "neither iptables nor nft is there, by which %s publishes ports", backend)
		}
		return ok("%s", backend)
	}
	helper := h.RootlessNetwork
	if helper == "" {
		helper = "slirp4netns" // before 5.0
		if v, known := parse.SemverOf(f.Version.Client); known && v.AtLeast(5, 0) {
			helper = "pasta"
		}
	}
	path := have[helper]
	if helper == "pasta" && h.Pasta.Executable != "" {
		path = h.Pasta.Executable
	} else if helper == "slirp4netns" && h.Slirp.Executable != "" {
		path = h.Slirp.Executable
	}
	switch {
	case path == "":
		return fail(f.install(helper), "%s is missing, which connects rootless containers", helper)
	case !f.host.Tun:
		return fail("sudo modprobe tun", "there is no /dev/net/tun, which %s needs; only the networks none and host work", helper)
	}
	return ok("%s with %s", backend, helper)
}

// checkNames: containers of a network find each other by name through aardvark-dns.
func checkNames(f *facts) finding {
	if !f.answered() || !f.local() || f.Info.Host.NetworkBackend != "netavark" {
		return finding{}
	}
	if f.host.Helpers["aardvark-dns"] == "" && f.Info.Host.NetworkInfo.DNS.Path == "" {
		return warn(f.install("aardvark-dns"), "aardvark-dns is missing: containers do not find each other by name, nor do the services of a compose file")
	}
	return ok("aardvark-dns resolves containers' names")
}

func checkRegistries(f *facts) finding {
	if !f.answered() {
		return finding{}
	}
	switch search := f.Info.Registries.Search; len(search) {
	case 0:
		return ok("no search list: give images their full name, such as docker.io/library/nginx")
	case 1:
		return ok("short names come from %s", search[0])
	default:
		return ok("short names may come from %s: give images their full name", strings.Join(search, ", "))
	}
}

func checkPolicy(f *facts) finding {
	if !f.local() || f.host.Policy {
		return finding{}
	}
	return fail(f.install("containers-common"), "there is no policy.json, without which podman pulls nothing")
}

func checkProxy(f *facts) finding {
	switch {
	case len(f.host.Proxies) == 0:
		return finding{}
	case f.remote():
		return ok("%s is set here; podman's service has an environment of its own", strings.Join(f.host.Proxies, ", "))
	}
	return ok("%s, for pulls and builds", strings.Join(f.host.Proxies, ", "))
}
