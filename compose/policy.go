package compose

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// harmless are files of private folders that many services mount, to read them.
func harmless() []string { return []string{"/etc/localtime", "/etc/timezone"} }

// permitted refuses what would give a container of the file the machine it runs
// on, where the operator has not allowed it. allow judges folders and files.
func (m *model) permitted(ctx context.Context, allow Allow, harmless Harmless) error {
	// All of them: podman-compose also starts what others depend on and what has no replicas.
	services := m.project.AllServices()
	for _, name := range m.everyService() {
		if err := m.permits.grant(wishes(services[name], "services."+shown(name))...); err != nil {
			return err
		}
	}
	if err := m.permits.grant(m.wishesBeside()...); err != nil || m.permits.has(rawCompose) {
		return err
	}
	for _, name := range m.everyService() {
		s := services[name]
		if err := m.reaches(s, "services."+shown(name), allow); err != nil {
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
		if err := m.mounted(m.project.Volumes[name].DriverOpts, "volumes."+shown(name)+".driver_opts", allow); err != nil {
			return err
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

// wishes are what a service asks for of the machine, beside its folders, files and
// ports.
func wishes(s types.ServiceConfig, path string) (list []wish) {
	add := func(permission, key, value string) { list = append(list, wish{permission, path + key, value}) }
	if len(s.Annotations) > 0 {
		add(never, ".annotations", slices.Sorted(maps.Keys(s.Annotations))[0])
	}
	if s.Extensions["x-podman.rootfs"] != nil {
		add(never, "", "x-podman.rootfs")
	}
	if key := strangeKey(s); key != "" {
		add(rawCompose, "", key)
	}
	switch kind, _, _ := strings.Cut(s.NetworkMode, ":"); kind {
	case "", "none", "bridge", "private", "service":
	case "host":
		add("host-network", ".network_mode", s.NetworkMode)
	default:
		add(rawCompose, ".network_mode", s.NetworkMode)
	}
	if s.Pid == "host" {
		add("host-pid", ".pid", s.Pid)
	} else if !apart(s.Pid) {
		add(rawCompose, ".pid", s.Pid)
	}
	for key, value := range map[string]string{".ipc": s.Ipc, ".uts": s.Uts, ".userns_mode": s.UserNSMode, ".cgroup": s.Cgroup} {
		if !apart(value) {
			add(rawCompose, key, value)
		}
	}
	if s.Privileged {
		add("privileged", ".privileged", "true")
	}
	if len(s.Devices) > 0 {
		add("devices", ".devices", s.Devices[0].Source)
	}
	if len(s.DeviceCgroupRules) > 0 {
		add("devices", ".device_cgroup_rules", s.DeviceCgroupRules[0])
	}
	if s.Deploy != nil && s.Deploy.Resources.Reservations != nil && len(s.Deploy.Resources.Reservations.Devices) > 0 {
		add("devices", ".deploy.resources.reservations.devices", "a device")
	}
	if s.CgroupParent != "" {
		add(never, ".cgroup_parent", s.CgroupParent)
	}
	if s.Runtime != "" {
		add(never, ".runtime", s.Runtime)
	}
	for _, capability := range s.CapAdd { // podman splits one that holds commas
		if !slices.Contains(capabilities(), strings.TrimPrefix(strings.ToUpper(capability), "CAP_")) {
			add("capabilities", ".cap_add", capability)
		}
	}
	if s.Logging != nil && s.Logging.Options["path"] != "" {
		add(never, ".logging.options.path", s.Logging.Options["path"])
	} else if !logs(s.Logging) {
		add(rawCompose, ".logging", "a driver or an option beside max-size, max-file and tag")
	}
	for _, option := range s.SecurityOpt {
		if option != "no-new-privileges" && option != "no-new-privileges:true" {
			add(rawCompose, ".security_opt", option)
		}
	}
	return list
}

// apart tells whether a namespace is one that has nothing of the machine's.
func apart(namespace string) bool {
	kind, _, _ := strings.Cut(namespace, ":")
	return slices.Contains([]string{"", "private", "service", "shareable", "none", "keep-id", "auto", "nomap"}, kind)
}

// wishesBeside are what a file asks for beside its services.
func (m *model) wishesBeside() (list []wish) {
	for _, name := range slices.Sorted(maps.Keys(m.project.Networks)) {
		n := m.project.Networks[name]
		at, value := "networks."+shown(name), strings.TrimSpace(n.Name+" "+n.Driver)
		switch {
		case n.Name == "host" && slices.Contains([]string{"", "host"}, n.Driver):
			list = append(list, wish{"host-network", at, value})
		case n.Name == "host", strings.Contains(n.Name, ":"), !slices.Contains([]string{"", "bridge"}, n.Driver):
			list = append(list, wish{rawCompose, at, value})
		}
	}
	for key := range m.project.Extensions {
		if strings.HasPrefix(key, "x-podman") && !inPod(m.project.Extensions[key]) {
			list = append(list, wish{never, key, "more than in_pod"})
		}
	}
	return list
}

// reaches judges the ports and folders of a service.
func (m *model) reaches(s types.ServiceConfig, path string, allow Allow) error {
	if err := m.ports(s, path); err != nil {
		return err
	}
	for i, v := range s.Volumes {
		at := fmt.Sprintf("%s.volumes[%d]", path, i)
		// A provider joins source and target with colons.
		if strings.ContainsAny(strings.TrimPrefix(v.Source, filepath.VolumeName(v.Source))+v.Target, ":,") {
			return denied(wish{rawCompose, at, v.Source + " on " + v.Target})
		}
		if v.Bind != nil && !slices.Contains([]string{"", "private", "rprivate", "slave", "rslave"}, v.Bind.Propagation) {
			return denied(wish{rawCompose, at + ".bind.propagation", v.Bind.Propagation}) // podman takes any option there
		}
		if v.Type != types.VolumeTypeBind || v.ReadOnly && slices.Contains(harmless(), v.Source) {
			continue
		}
		if err := allow.check(at, v.Source); err != nil {
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
// Free are memory and a folder that the call may use. The rest needs the
// operator, whose word opens no folder that a call may not use.
func (m *model) mounted(options map[string]string, path string, allow Allow) error {
	kind, device := options["type"], options["device"]
	words := strings.FieldsFunc(options["o"], func(r rune) bool { return r == ',' })
	bind := slices.Contains(words, "bind") || slices.Contains(words, "rbind")
	const driver = "driver-opts"
	var list []wish
	switch {
	case kind == "tmpfs" && !bind, kind == "" && device == "" && !bind:
	case bind && (kind == "" || kind == "none" || kind == "bind") && filepath.IsAbs(device):
	default:
		list = append(list, wish{driver, path, strings.TrimSpace(kind + " " + device)})
	}
	for _, word := range words {
		switch name, _, _ := strings.Cut(word, "="); name {
		case "bind", "rbind", "ro", "rw", "nodev", "nosuid", "noexec", "noatime", "size", "nr_inodes", "mode", "uid", "gid":
		default:
			list = append(list, wish{driver, path + ".o", word})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if !slices.Contains([]string{"type", "device", "o"}, name) {
			list = append(list, wish{driver, path, name})
		}
	}
	if err := m.permits.grant(list...); err != nil {
		return err
	}
	for _, folder := range folders(device, bind, words) {
		if err := allow.check(path, folder); err != nil {
			return err
		}
	}
	return nil
}

// folders are those of the machine that a volume's options name. A file of /dev
// is a device, but where it is bound.
func folders(device string, bind bool, words []string) (list []string) {
	if filepath.IsAbs(device) && (bind || !strings.HasPrefix(filepath.Clean(device), "/dev/")) {
		list = append(list, device)
	}
	for _, word := range words { // an overlay's are lowerdir=/a:/b
		_, value, _ := strings.Cut(word, "=")
		for part := range strings.SplitSeq(value, ":") {
			if filepath.IsAbs(part) {
				list = append(list, part)
			}
		}
	}
	return list
}
