package kube

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"podman-mcp/parse"
)

// What Kubernetes YAML may take. The folder it lies in may be anyone's.
const (
	MaxBytes     = 1 << 20
	maxDocuments = 100
	maxNodes     = 50_000 // aliases followed
	maxDepth     = 50
)

// decode reads every document as JSON's values: objects, lists, strings,
// numbers, booleans and null. A time stays the string that it is written as.
func decode(text []byte) ([]map[string]any, error) {
	if len(text) > MaxBytes {
		return nil, invalid("it is larger than 1 MiB")
	}
	var list []map[string]any
	d := decoder{}
	stream := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var document yaml.Node
		err := stream.Decode(&document)
		switch {
		case errors.Is(err, io.EOF) && len(list) == 0:
			return nil, invalid("it holds nothing")
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, invalid("%s", fault(err))
		case len(list) == maxDocuments:
			return nil, invalid("it holds more than %d documents", maxDocuments)
		case len(document.Content) == 0 || document.Content[0].Tag == "!!null":
			continue
		}
		value, err := d.value(document.Content[0], 0)
		if err != nil {
			return nil, err
		}
		body, ok := value.(map[string]any)
		if !ok {
			return nil, invalid("document %d is no object with kind and metadata", len(list)+1)
		}
		list = append(list, body)
	}
}

var lineSaid = parse.Lazily(`\bline (\d+)`)

// fault is what is wrong with text that is no YAML, without what it quotes: the
// file may be any of the host's.
func fault(err error) string {
	if line := lineSaid().FindStringSubmatch(err.Error()); line != nil {
		return "line " + line[1] + " is no YAML"
	}
	return "it is no YAML"
}

type decoder struct{ nodes int }

func (d *decoder) value(n *yaml.Node, depth int) (any, error) {
	if d.nodes++; d.nodes > maxNodes || depth > maxDepth {
		return nil, invalid("line %d: it holds too much", n.Line)
	}
	switch n.Kind {
	case yaml.AliasNode:
		return d.value(n.Alias, depth+1)
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			value, err := d.value(item, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case yaml.MappingNode:
		return d.object(n, depth)
	case yaml.ScalarNode:
		return scalar(n)
	}
	return nil, invalid("line %d is no YAML", n.Line)
}

func (d *decoder) object(n *yaml.Node, depth int) (any, error) {
	object := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			return nil, invalid("line %d: a key is no plain word", key.Line)
		}
		if _, twice := object[key.Value]; twice {
			return nil, invalid("line %d: the key %s stands there twice", key.Line, short(key.Value))
		}
		value, err := d.value(n.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		object[key.Value] = value
	}
	return object, nil
}

func scalar(n *yaml.Node) (any, error) {
	bad := func() error { return invalid("line %d: %s is no value of JSON", n.Line, short(n.Value)) }
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true"), nil
	case "!!int":
		number, err := strconv.ParseInt(n.Value, 0, 64)
		if err != nil {
			return nil, bad()
		}
		return number, nil
	case "!!float":
		number, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || number != number || number > 1e300 || number < -1e300 {
			return nil, bad()
		}
		return number, nil
	case "!!str", "!!timestamp":
		if strings.ContainsRune(n.Value, 0) {
			return nil, bad()
		}
		return n.Value, nil
	}
	return nil, bad()
}
