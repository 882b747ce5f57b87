package kube

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v4"

	"podman-mcp/parse"
)

// Mask replaces the secrets in YAML that podman generated, and says how many
// there were. Text without one is returned as it is.
func Mask(text []byte) ([]byte, int, error) {
	if len(text) > 8*MaxBytes {
		return nil, 0, parse.OutputInvalidError("Kubernetes YAML of at most 8 MiB", nil, nil)
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	count := 0
	for part := range strings.SplitSeq(string(text), "\n---\n") {
		var document yaml.Node
		if err := yaml.Unmarshal([]byte(part), &document); err != nil {
			return nil, 0, parse.OutputInvalidError("Kubernetes YAML", text, err)
		}
		if len(document.Content) == 0 {
			continue
		}
		count += maskNode(document.Content[0], "")
		if err := encoder.Encode(&document); err != nil {
			return nil, 0, parse.OutputInvalidError("Kubernetes YAML", text, err)
		}
	}
	if count == 0 {
		return text, 0, nil
	}
	return out.Bytes(), count, encoder.Close()
}

// maskNode masks what is below a key and counts it.
func maskNode(n *yaml.Node, key string) int {
	count := 0
	switch n.Kind {
	case yaml.MappingNode:
		count += maskVariable(n)
		for i := 0; i+1 < len(n.Content); i += 2 {
			name, value := n.Content[i].Value, n.Content[i+1]
			if value.Kind == yaml.ScalarNode && (key == "labels" || key == "annotations" || key == "data" || key == "stringData") {
				count += replace(value, maskPair(name, value.Value))
				continue
			}
			count += maskNode(value, name)
		}
	case yaml.SequenceNode:
		plain := make([]string, len(n.Content))
		for i, item := range n.Content {
			plain[i] = item.Value
		}
		for i, shown := range parse.MaskArgs(plain) {
			if n.Content[i].Kind == yaml.ScalarNode {
				count += replace(n.Content[i], shown)
			} else {
				count += maskNode(n.Content[i], key)
			}
		}
	case yaml.ScalarNode:
		count += replace(n, parse.Mask(n.Value))
	}
	return count
}

// maskVariable masks the value of {name: …, value: …}.
func maskVariable(n *yaml.Node) int {
	var name string
	var value *yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch n.Content[i].Value {
		case "name":
			name = n.Content[i+1].Value
		case "value":
			value = n.Content[i+1]
		}
	}
	if value == nil || value.Kind != yaml.ScalarNode {
		return 0
	}
	return replace(value, maskPair(name, value.Value))
}

func maskPair(key, value string) string {
	return strings.TrimPrefix(parse.MaskEnv([]string{key + "=" + value})[0], key+"=")
}

func replace(n *yaml.Node, shown string) int {
	if n.Value == shown {
		return 0
	}
	n.Value, n.Tag, n.Style = shown, "!!str", yaml.DoubleQuotedStyle
	return 1
}
