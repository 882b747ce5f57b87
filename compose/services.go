package compose

import (
	"maps"
	"slices"
	"strings"
)

// choose leaves the services that were asked for and what they depend on.
func (m *model) choose(services, profiles []string) error {
	all := m.project.AllServices()
	names := slices.Sorted(maps.Keys(all))
	known := map[string]bool{}
	for _, name := range names {
		for _, profile := range all[name].Profiles {
			known[profile] = true
		}
	}
	for _, profile := range profiles {
		if !known[profile] && profile != "*" {
			return invalid("profiles", "no service of %s has the profile %s; there are: %s", m.file, profile, list(slices.Sorted(maps.Keys(known))))
		}
	}
	for _, service := range services {
		if _, ok := all[service]; !ok {
			return invalid("services", "%s has no service %s; there are: %s", m.file, service, list(names))
		}
	}
	chosen, err := m.project.WithServicesEnabled(services...)
	if err == nil {
		chosen, err = chosen.WithSelectedServices(services)
	}
	if err != nil {
		return m.mistake(err)
	}
	m.project, m.profiles = chosen, slices.Compact(slices.Sorted(slices.Values(chosen.Profiles)))
	if len(m.wanted()) == 0 {
		return invalid("file", "%s starts no service: it has %s, of the profiles %s", m.file, list(names), list(slices.Sorted(maps.Keys(known))))
	}
	return nil
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// wanted are the names of the services that are to run.
func (m *model) wanted() []string {
	var names []string
	for name, service := range m.project.Services {
		if service.GetScale() > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// everyService are the names of all services of the file, also those that are not to run.
func (m *model) everyService() []string {
	return slices.Sorted(maps.Keys(m.project.AllServices()))
}

// left tells whether the file has services that are not wanted.
func (m *model) left() bool { return len(m.wanted()) < len(m.project.AllServices()) }
