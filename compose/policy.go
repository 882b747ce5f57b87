package compose

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"podman-mcp/parse"
)

// harmless are files of private folders that many services mount, to read them.
func harmless() []string { return []string{"/etc/localtime", "/etc/timezone"} }

// permitted refuses what would give a container of the file the machine it runs
// on: what podman_run does not offer either. allow judges folders and files.
func (m *model) permitted(ctx context.Context, allow Allow, harmless Harmless) error {
	services := m.project.AllServices()
	for _, name := range m.wanted() {
		s := services[name]
		if err := permitted(s, "services."+shown(name), allow); err != nil {
			return err
		}
		if s.Build == nil {
			continue
		}
		if err := m.allowBuild(ctx, s, allow, harmless); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.project.Volumes)) {
		if err := mounted(m.project.Volumes[name].DriverOpts, "volumes."+shown(name)+".driver_opts", allow); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.project.Networks)) {
		n := m.project.Networks[name]
		if n.Name == "host" || strings.Contains(n.Name, ":") || !slices.Contains([]string{"", "bridge"}, n.Driver) {
			return denied("networks."+shown(name), strings.TrimSpace(n.Name+" "+n.Driver))
		}
	}
	for key := range m.project.Extensions {
		if strings.HasPrefix(key, "x-podman") && !inPod(m.project.Extensions[key]) {
			return denied(key, "more than in_pod")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.project.Secrets)) {
		if err := allow.check("secrets."+shown(name)+".file", m.project.Secrets[name].File); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.project.Configs)) {
		if err := allow.check("configs."+shown(name)+".file", m.project.Configs[name].File); err != nil {
			return err
		}
	}
	return nil
}

func permitted(s types.ServiceConfig, path string, allow Allow) error {
	if key := strangeKey(s); key != "" {
		return denied(path, key)
	}
	if kind, _, _ := strings.Cut(s.NetworkMode, ":"); !slices.Contains([]string{"", "none", "bridge", "private", "service"}, kind) {
		return denied(path+".network_mode", s.NetworkMode)
	}
	for key, value := range map[string]string{"pid": s.Pid, "ipc": s.Ipc, "uts": s.Uts, "userns_mode": s.UserNSMode, "cgroup": s.Cgroup} {
		kind, _, _ := strings.Cut(value, ":")
		if !slices.Contains([]string{"", "private", "service", "shareable", "none", "keep-id", "auto", "nomap"}, kind) {
			return denied(path+"."+key, value)
		}
	}
	switch {
	case s.Privileged:
		return denied(path+".privileged", "true")
	case len(s.Devices) > 0:
		return denied(path+".devices", s.Devices[0].Source)
	case len(s.DeviceCgroupRules) > 0:
		return denied(path+".device_cgroup_rules", s.DeviceCgroupRules[0])
	case s.CgroupParent != "":
		return denied(path+".cgroup_parent", s.CgroupParent)
	case s.Deploy != nil && s.Deploy.Resources.Reservations != nil && len(s.Deploy.Resources.Reservations.Devices) > 0:
		return denied(path+".deploy.resources.reservations.devices", "a device")
	case s.Runtime != "":
		return denied(path+".runtime", s.Runtime)
	}
	for _, capability := range s.CapAdd { // podman splits one that holds commas
		if !slices.Contains(capabilities(), strings.TrimPrefix(strings.ToUpper(capability), "CAP_")) {
			return denied(path+".cap_add", capability)
		}
	}
	if !logs(s.Logging) {
		return denied(path+".logging", "a driver or an option beside max-size, max-file and tag")
	}
	for _, option := range s.SecurityOpt {
		if option != "no-new-privileges" && option != "no-new-privileges:true" {
			return denied(path+".security_opt", option)
		}
	}
	for i, v := range s.Volumes {
		// A provider joins source and target with colons.
		if strings.ContainsAny(strings.TrimPrefix(v.Source, filepath.VolumeName(v.Source))+v.Target, ":,") {
			return denied(fmt.Sprintf("%s.volumes[%d]", path, i), v.Source+" on "+v.Target)
		}
		if v.Type != types.VolumeTypeBind || v.ReadOnly && slices.Contains(harmless(), v.Source) {
			continue
		}
		if err := allow.check(fmt.Sprintf("%s.volumes[%d]", path, i), v.Source); err != nil {
			return err
		}
	}
	return nil
}

// inPod tells of options for podman-compose that only say whether there is a pod.
func inPod(options any) bool {
	fields, ok := options.(map[string]any)
	if !ok {
		return false
	}
	_, has := fields["in_pod"]
	return len(fields) == 0 || len(fields) == 1 && has
}

// mounted judges the options of a volume, with which podman calls mount: any
// folder of the machine comes in by an overlay's lowerdir, a disk by its device.
// Left are memory and a folder that the call may use.
func mounted(options map[string]string, path string, allow Allow) error {
	kind, device := options["type"], options["device"]
	words := strings.FieldsFunc(options["o"], func(r rune) bool { return r == ',' })
	bind := slices.Contains(words, "bind") || slices.Contains(words, "rbind")
	switch {
	case kind == "tmpfs" && !bind, kind == "" && device == "" && !bind:
	case bind && (kind == "" || kind == "none" || kind == "bind") && filepath.IsAbs(device):
		if err := allow.check(path+".device", device); err != nil {
			return err
		}
	default:
		return denied(path, strings.TrimSpace(kind+" "+device))
	}
	for _, word := range words {
		switch name, _, _ := strings.Cut(word, "="); name {
		case "bind", "rbind", "ro", "rw", "nodev", "nosuid", "noexec", "noatime", "size", "nr_inodes", "mode", "uid", "gid":
		default:
			return denied(path+".o", word)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if !slices.Contains([]string{"type", "device", "o"}, name) {
			return denied(path, name)
		}
	}
	return nil
}

func denied(path, value string) error {
	return &parse.Failure{Code: parse.PolicyDenied, Subject: path,
		Message: fmt.Sprintf("%s: %s is not allowed: it gives the container a part of this machine", path, parse.Mask(parse.Clean(value))),
		Hint:    "Nothing was started. Take it out of the file; an operator who trusts all compose files allows such things with --trust-compose."}
}
