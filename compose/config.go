package compose

import (
	"context"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// FileOptions say what of a file is meant.
type FileOptions struct {
	File     string // a file or a folder; "" for the server's folder
	Project  string // "" for the file's own name
	Services []string
	Profiles []string
	EnvFile  string // instead of .env in the file's folder
	Allow    Allow
	Permits  Permits // see UpOptions
}

func (o FileOptions) load(ctx context.Context, r *exec.Runner) (*model, error) {
	return load(ctx, r, request{file: o.File, name: o.Project, envFile: o.EnvFile, services: o.Services, profiles: o.Profiles,
		allow: o.Allow, permits: o.Permits, asWritten: true})
}

// Config is a file as it is understood.
type Config struct {
	Project  string
	File     string
	Services []string // that would run
	YAML     string   // with secrets masked
	Note     string
}

// Resolve reads a file with its variables put in, its relative paths made
// absolute, and what extends and include name taken in. Nothing runs. What
// env_file and label_file of a service name is not taken in, for that may be
// any file: the names of the files stand there.
func Resolve(ctx context.Context, r *exec.Runner, o FileOptions) (Config, error) {
	m, err := o.load(ctx, r)
	if err != nil {
		return Config{}, err
	}
	text, err := m.project.MarshalYAML()
	if err != nil {
		return Config{}, m.mistake(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return Config{}, m.mistake(err)
	}
	maskNode(&document, false, m.masker())
	var out strings.Builder
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return Config{}, m.mistake(err)
	}
	return Config{m.name, m.file, slices.Sorted(maps.Keys(m.project.Services)), parse.Clean(out.String()), strings.Join(m.notes(), " ")}, nil
}

// masker puts *** for the values of secret variables wherever they went.
func (m *model) masker() *strings.Replacer {
	values := m.secrets()
	for key, value := range m.vars {
		if value = strings.TrimSpace(value); parse.SecretKey(key) && len(value) > 3 {
			values = append(values, value)
		}
	}
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) }) // the longest that fits
	var pairs []string
	for _, value := range values {
		pairs = append(pairs, value, "***")
	}
	return strings.NewReplacer(pairs...)
}

// maskNode masks what a key says is secret, also in parts of a file that no
// provider reads, and what looks like a secret elsewhere.
func maskNode(node *yaml.Node, secret bool, masker *strings.Replacer) {
	switch node.Kind {
	case yaml.ScalarNode:
		masked := parse.Mask(masker.Replace(node.Value))
		if secret && node.Value != "" && node.Tag != "!!null" && node.Tag != "!!bool" {
			masked = "***"
		}
		if masked != node.Value {
			node.SetString(masked)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			maskNode(value, parse.SecretKey(key.Value) && value.Kind != yaml.MappingNode, masker)
		}
	case yaml.SequenceNode:
		var words []string
		for _, item := range node.Content {
			maskNode(item, secret, masker)
			words = append(words, item.Value)
		}
		for i, word := range parse.MaskArgs(words) { // --password x
			if item := node.Content[i]; item.Kind == yaml.ScalarNode && word != item.Value {
				item.SetString(word)
			}
		}
	default:
		for _, next := range node.Content {
			maskNode(next, secret, masker)
		}
	}
}
