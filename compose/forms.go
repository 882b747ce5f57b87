package compose

import (
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// fields are a service as a file has it, here in the forms that podman-compose
// reads from 1.0.3 on. What that leaves out of a user's own file it leaves out
// of these too.
type fields = map[string]any

func (m *model) podmanForms(s types.ServiceConfig, f fields, old bool) error {
	set(f, "ports", words(s.Ports, portWord))
	volumes, err := m.mountForms(s)
	if err != nil {
		return err
	}
	set(f, "volumes", volumes)
	set(f, "devices", words(s.Devices, func(d types.DeviceMapping) any {
		return strings.TrimRight(d.Source+":"+d.Target+":"+d.Permissions, ":")
	}))
	set(f, "sysctls", pairs(s.Sysctls))
	var hosts []any
	for _, name := range slices.Sorted(maps.Keys(s.ExtraHosts)) {
		for _, ip := range s.ExtraHosts[name] {
			hosts = append(hosts, name+":"+ip)
		}
	}
	set(f, "extra_hosts", hosts)
	set(f, "secrets", words(s.Secrets, secretForm))
	m.networksForm(s, f)
	if build, ok := f["build"].(fields); ok && build["dockerfile"] == "Dockerfile" && !m.written.dockerfile[s.Name] {
		delete(build, "dockerfile") // which the loader put there; podman-compose looks for Containerfile first
	}
	if deploy, ok := f["deploy"].(fields); ok && old && s.Scale != nil {
		delete(deploy, "replicas") // which the loader took from scale
	}
	return nil
}

// mountForms have the folders themselves in the place of links to them, as
// podman-compose makes it of the short form. The call may use both.
func (m *model) mountForms(s types.ServiceConfig) (list []any, err error) {
	for i, v := range s.Volumes {
		form := m.mountForm(v)
		if v.Type == types.VolumeTypeBind {
			there := realPath(v.Source)
			if there != v.Source && !slices.Contains(harmless(), v.Source) {
				if err := m.reads.check(fmt.Sprintf("services.%s.volumes[%d]", shown(s.Name), i), there); err != nil {
					return nil, err
				}
			}
			form["source"] = there
		}
		list = append(list, form)
	}
	return list, nil
}

// realPath is path without symbolic links, as far as it is there.
func realPath(path string) string {
	if there, err := filepath.EvalSymlinks(path); err == nil {
		return there
	}
	dir, base := filepath.Split(filepath.Clean(path))
	if base == "" || dir == "" {
		return path
	}
	return filepath.Join(realPath(dir), base)
}

func set(f fields, key string, list []any) {
	delete(f, key)
	if len(list) > 0 {
		f[key] = list
	}
}

func words[T any](list []T, form func(T) any) (out []any) {
	for _, item := range list {
		out = append(out, form(item))
	}
	return out
}

func pairs(of map[string]string) (list []any) {
	for _, key := range slices.Sorted(maps.Keys(of)) {
		list = append(list, key+"="+of[key])
	}
	return list
}

func portWord(p types.ServicePortConfig) any {
	word := strconv.FormatUint(uint64(p.Target), 10)
	switch {
	case p.HostIP != "":
		word = net.JoinHostPort(p.HostIP, p.Published) + ":" + word
	case p.Published != "":
		word = p.Published + ":" + word
	}
	if p.Protocol != "" && p.Protocol != "tcp" {
		word += "/" + p.Protocol
	}
	return word
}

// mountForm is the long form, in which podman-compose hands every option of
// podman's on as propagation.
func (m *model) mountForm(v types.ServiceVolumeConfig) fields {
	f := fields{"type": v.Type, "target": v.Target}
	if v.Source != "" {
		f["source"] = v.Source
	}
	if v.ReadOnly {
		f["read_only"] = true
	}
	options := slices.Clone(m.written.options[mountKey(v.Source, v.Target)])
	if v.Bind != nil {
		for _, option := range []string{v.Bind.SELinux, v.Bind.Propagation} {
			if option != "" {
				options = append(options, option)
			}
		}
	}
	if len(options) > 0 {
		f["bind"] = fields{"propagation": strings.Join(options, ",")}
	}
	if v.Tmpfs != nil && v.Type == types.VolumeTypeTmpfs {
		tmpfs := fields{}
		if v.Tmpfs.Size > 0 {
			tmpfs["size"] = int64(v.Tmpfs.Size)
		}
		if v.Tmpfs.Mode > 0 {
			tmpfs["mode"] = int64(v.Tmpfs.Mode)
		}
		f["tmpfs"] = tmpfs
	}
	if v.Volume != nil && v.Volume.Subpath != "" {
		f["volume"] = fields{"subpath": v.Volume.Subpath}
	}
	return f
}

func secretForm(s types.ServiceSecretConfig) any {
	f := fields{"source": s.Source}
	if s.Target != "" && s.Target != "/run/secrets/"+s.Source { // where it goes by itself
		f["target"] = s.Target
	}
	for key, value := range map[string]string{"uid": s.UID, "gid": s.GID} {
		if value != "" {
			f[key] = value
		}
	}
	if s.Mode != nil {
		f["mode"] = "0" + strconv.FormatInt(int64(*s.Mode), 8)
	}
	if len(f) == 1 {
		return s.Source
	}
	return f
}

// networksForm leaves out the default network that the loader gave to a service
// without any: podman-compose may have the only network of a file instead. Names
// alone are a list, as podman-compose 1.0.3 needs it.
func (m *model) networksForm(s types.ServiceConfig, f fields) {
	delete(f, "networks")
	if m.alone(s) {
		return
	}
	names, config := []any{}, fields{}
	plain := true
	for _, name := range slices.Sorted(maps.Keys(s.Networks)) {
		names = append(names, name)
		n := s.Networks[name]
		config[name] = nil
		if n != nil {
			plain = false
			config[name] = n
		}
	}
	switch {
	case len(names) == 0:
	case plain:
		f["networks"] = names
	default:
		f["networks"] = config
	}
}

// alone tells of a service that is in the default network and no other.
func (m *model) alone(s types.ServiceConfig) bool {
	n, ok := s.Networks["default"]
	return ok && n == nil && len(s.Networks) == 1
}

// unnamed tells whether the default network is there only because the loader
// put it there.
func (m *model) unnamed(services types.Services) bool {
	for _, s := range services {
		if _, ok := s.Networks["default"]; ok && !m.alone(s) {
			return false
		}
	}
	return !m.written.network
}
