package compose

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"podman-mcp/parse"
)

// capabilities that lead out of a container.
func escapes() []string {
	return []string{"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "SYS_BOOT", "DAC_READ_SEARCH", "MKNOD", "BPF", "PERFMON"}
}

// harmless are files of private folders that many services mount, to read them.
func harmless() []string { return []string{"/etc/localtime", "/etc/timezone"} }

// permitted refuses what would give a container of the file the machine it runs
// on: what podman_run does not offer either. allow judges folders and files.
func (m *model) permitted(allow Allow) error {
	services := m.project.AllServices()
	for _, name := range m.wanted() {
		if err := permitted(services[name], "services."+shown(name), allow); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.project.Volumes)) {
		// Mounted from anywhere by another door.
		if device := m.project.Volumes[name].DriverOpts["device"]; filepath.IsAbs(device) {
			if err := allow.check("volumes."+shown(name)+".driver_opts.device", device); err != nil {
				return err
			}
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
	for key, value := range map[string]string{"network_mode": s.NetworkMode, "pid": s.Pid, "ipc": s.Ipc, "uts": s.Uts,
		"userns_mode": s.UserNSMode, "cgroup": s.Cgroup} {
		kind, _, _ := strings.Cut(value, ":")
		if kind == "host" || kind == "ns" || kind == "container" && key != "ipc" {
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
	case s.Runtime != "":
		return denied(path+".runtime", s.Runtime)
	}
	for _, capability := range s.CapAdd {
		if slices.Contains(escapes(), strings.TrimPrefix(strings.ToUpper(capability), "CAP_")) {
			return denied(path+".cap_add", capability)
		}
	}
	for _, option := range s.SecurityOpt {
		if option != "no-new-privileges" && option != "no-new-privileges:true" {
			return denied(path+".security_opt", option)
		}
	}
	for i, v := range s.Volumes {
		if v.Type != types.VolumeTypeBind || v.ReadOnly && slices.Contains(harmless(), v.Source) {
			continue
		}
		if err := allow.check(fmt.Sprintf("%s.volumes[%d]", path, i), v.Source); err != nil {
			return err
		}
	}
	if s.Build != nil && !strings.Contains(s.Build.Context, "://") {
		return allow.check(path+".build.context", s.Build.Context)
	}
	return nil
}

func denied(path, value string) error {
	return &parse.Failure{Code: parse.PolicyDenied, Subject: path,
		Message: fmt.Sprintf("%s: %s is not allowed: it gives the container a part of this machine", path, parse.Mask(parse.Clean(value))),
		Hint:    "Nothing was started. Take it out of the file; an operator who trusts all compose files allows such things with --trust-compose."}
}
