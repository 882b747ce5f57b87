package compose

import (
	"errors"
	"os"
	"strings"

	"go.yaml.in/yaml/v4"

	"podman-mcp/parse"
)

// copyPrefix begins the name of a copy that withVariables writes.
const copyPrefix = ".podman-mcp-"

// withVariables writes a copy of the file in which every variable is replaced
// by its value, for a provider that cannot be told of an env_file. It stands
// beside the file, because relative paths count from there, only its owner can
// read it, and done removes it. Containers made from it carry its name in their
// labels; [Down] then takes the file that is in its folder.
func (m *model) withVariables() (path string, done func(), err error) {
	var document yaml.Node
	if err := yaml.Unmarshal(m.content, &document); err != nil {
		return "", nil, m.mistake(err)
	}
	m.expander = expander{}
	if err := m.replace(&document); err != nil {
		return "", nil, m.mistake(err)
	}
	content, err := yaml.Marshal(&document)
	if err != nil {
		return "", nil, m.mistake(err)
	}
	f, err := os.CreateTemp(m.dir, copyPrefix+"*.yaml") // mode 0600
	if err != nil {
		failure := unreadable("env_file", m.dir, err)
		failure.Message = "env_file: this podman-compose needs a copy of the compose file, which could not be written: " + parse.Clean(err.Error())
		failure.Hint = "Put the variables into .env in the compose file's folder, or install podman-compose 1.1 or newer."
		return "", nil, failure
	}
	done = func() { _ = os.Remove(f.Name()) }
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err != nil {
		done()
		return "", nil, err
	}
	return f.Name(), done, nil
}

// replace puts values into scalars. What was a string with a variable stays a
// string, as it is where the provider does it: 8080 for ${PORT} must not become
// a number.
func (m *model) replace(node *yaml.Node) error {
	for i, next := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			continue // a key
		}
		if err := m.replace(next); err != nil {
			return err
		}
	}
	if node.Kind != yaml.ScalarNode || !strings.Contains(node.Value, "$") {
		return nil
	}
	value, err := m.substitute(node.Value, func(key string) (string, bool) {
		value, ok := m.vars[key]
		return value, ok
	})
	if err != nil {
		return err
	}
	node.Value = strings.ReplaceAll(value, "$", "$$")
	node.Tag, node.Style = "!!str", yaml.DoubleQuotedStyle
	return nil
}
