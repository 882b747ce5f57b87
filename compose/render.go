package compose

import (
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// render is the one file that a provider is given: what was read and judged of
// the user's file and of all that it names, so that nothing of these is read
// again. keep puts a file that a service names into the private folder and
// returns its path there.
func (m *model) render(p Provider, keep func(content []byte) (string, error)) ([]byte, error) {
	all := m.whole.AllServices()
	services := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range m.inOrder(all) {
		s := all[name]
		f, err := fieldsOf(s)
		if err != nil {
			return nil, err
		}
		delete(f, "extends")
		if err := m.files(p, s, f, keep); err != nil {
			return nil, err
		}
		if p.marks() {
			if err := m.podmanForms(s, f, p.old()); err != nil {
				return nil, err
			}
		} else {
			hostPaths(s, f)
		}
		if err := put(services, name, f); err != nil {
			return nil, err
		}
	}
	top := &yaml.Node{Kind: yaml.MappingNode}
	top.Content = append(top.Content, word("services"), services)
	for _, part := range []struct {
		name string
		of   any
	}{{"networks", m.whole.Networks}, {"volumes", m.whole.Volumes}, {"secrets", m.whole.Secrets}, {"configs", m.whole.Configs}, {"models", m.whole.Models}} {
		f, err := fieldsOf(part.of)
		if err != nil {
			return nil, err
		}
		if p.marks() && part.name == "networks" && m.unnamed(all) {
			delete(f, "default")
		}
		for name, one := range f { // a secret of a file has no name for podman-compose
			if one, ok := one.(fields); ok && p.marks() && part.name == "secrets" && one["name"] == m.name+"_"+name {
				delete(one, "name")
			}
		}
		if len(f) == 0 {
			continue
		}
		if err := put(top, part.name, f); err != nil {
			return nil, err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(m.whole.Extensions)) {
		if strings.HasPrefix(key, "x-podman") { // which podman-compose reads
			if err := put(top, key, m.whole.Extensions[key]); err != nil {
				return nil, err
			}
		}
	}
	return yaml.Marshal(top)
}

// inOrder are the names of services as the files have them.
func (m *model) inOrder(all types.Services) []string {
	var names []string
	for _, name := range m.written.services {
		if _, ok := all[name]; ok {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// files has the service name copies of the files that were read, which podman
// takes word by word. Docker-compose reads variables in them, so it gets what
// they came to.
func (m *model) files(p Provider, s types.ServiceConfig, f fields, keep func([]byte) (string, error)) error {
	delete(f, "env_file")
	delete(f, "label_file")
	copies := func(paths []string) (list []any, err error) {
		for _, path := range paths {
			content, ok := m.written.files[path]
			if !ok {
				continue // it need not be there
			}
			kept, err := keep(content)
			if err != nil {
				return nil, err
			}
			list = append(list, kept)
		}
		return list, nil
	}
	var paths []string
	for _, file := range s.EnvFiles {
		paths = append(paths, file.Path)
	}
	if resolved, ok := m.project.Services[s.Name]; ok && !p.marks() {
		paths = nil
		if len(resolved.Environment) > 0 {
			f["environment"] = resolved.Environment
		}
	}
	list, err := copies(paths)
	if err != nil {
		return err
	}
	set(f, "env_file", list)
	if list, err = copies(s.LabelFiles); err != nil {
		return err
	}
	set(f, "label_file", list)
	if s.Entrypoint != nil && len(s.Entrypoint) == 0 {
		f["entrypoint"] = []any{}
	}
	return nil
}

// hostPaths says whether folders that are not there are made, which the long
// form of older docker-composes takes for no.
func hostPaths(s types.ServiceConfig, f fields) {
	list, _ := f["volumes"].([]any)
	for i, v := range s.Volumes {
		if item, ok := list[i].(fields); ok && v.Bind != nil && v.Type == types.VolumeTypeBind {
			bind, _ := item["bind"].(fields)
			if bind == nil {
				bind = fields{}
			}
			bind["create_host_path"], item["bind"] = bool(v.Bind.CreateHostPath), bind
		}
	}
}

// fieldsOf is a part of the model as it would be written.
func fieldsOf(part any) (f fields, err error) {
	text, err := yaml.Marshal(part)
	if err == nil {
		err = yaml.Unmarshal(text, &f)
	}
	return f, err
}

func put(node *yaml.Node, key string, value any) error {
	var n yaml.Node
	if err := n.Encode(value); err != nil {
		return err
	}
	quote(&n)
	node.Content = append(node.Content, word(key), &n)
	return nil
}

// quote writes every text in quotes, for readers of YAML 1.1, and so that a '$'
// begins no variable.
func quote(node *yaml.Node) {
	for i, next := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			*next = *word(next.Value) // variables are put into values only
			continue
		}
		quote(next)
	}
	if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!str" {
		*node = *word(strings.ReplaceAll(node.Value, "$", "$$"))
	}
}

func word(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: yaml.DoubleQuotedStyle}
}
