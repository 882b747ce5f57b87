package compose

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"podman-mcp/parse"
)

var portRange = parse.Lazily(`(\d+)\s*-\s*(\d+)`)

// ports counts them: the loader makes one of each in a range.
func (g *guard) ports(s scope, name string, node *yaml.Node) error {
	sum := 0
	var count func(*yaml.Node) error
	count = func(node *yaml.Node) error {
		node = resolved(node)
		if node.Kind != yaml.ScalarNode {
			for _, next := range node.Content {
				if err := count(next); err != nil {
					return err
				}
			}
			return nil
		}
		text, err := g.text(s, node)
		if err != nil {
			return err
		}
		most := 1
		for _, match := range portRange().FindAllStringSubmatch(text, -1) {
			first, err1 := strconv.Atoi(match[1])
			last, err2 := strconv.Atoi(match[2])
			if err1 != nil || err2 != nil {
				return s.refuse(node, "%s.ports has a range of numbers that are no ports", name)
			}
			most = max(most, last-first+1)
		}
		if sum += most; most > maxPorts || sum > 10*maxPorts {
			return s.refuse(node, "%s.ports has more than %d ports", name, maxPorts)
		}
		return nil
	}
	for _, item := range resolved(node).Content {
		before := sum
		if err := count(item); err != nil {
			return err
		}
		if resolved(item).Kind == yaml.MappingNode { // whose fields are of one port
			sum = before + max(1, sum-before-len(resolved(item).Content)+1)
		}
		if sum > maxPorts {
			return s.refuse(item, "%s.ports has more than %d ports", name, maxPorts)
		}
	}
	return nil
}

// What may begin with a dash, since it never stands as a word of its own on
// podman's command line before the image: by its place in a service, or as the
// value of a key there.
var (
	freeWords  = []string{"command", "entrypoint", "healthcheck.test", "post_start", "pre_stop", "develop", "provider"}
	freeValues = []string{"environment", "labels", "annotations", "sysctls", "storage_opt", "build.args", "build.labels", "deploy.labels", "logging.options"}
	topValues  = []string{"labels", "driver_opts", "content", "environment", "options"} // of networks, volumes, secrets and configs
	negative   = parse.Lazily(`^-\d+(\.\d+)?$`)
)

// words refuses what would reach podman as an option: podman-compose puts most
// of a service on its command line as it stands in the file.
// What is free may begin with a dash; its size counts all the same.
func (g *guard) words(s scope, name, path string, node *yaml.Node, free bool) error {
	node = resolved(node)
	if g.nodes++; g.nodes > maxNodes || len(path) > maxFile>>8 {
		return s.refuse(node, "it has more than %d values, with what its aliases stand for", maxNodes)
	}
	switch node.Kind {
	case yaml.ScalarNode:
		text, err := g.text(s, node)
		if err != nil {
			return err
		}
		if !free {
			if err := g.oneWay(s, node, text); err != nil {
				return err
			}
		}
		if !free && strings.HasPrefix(strings.TrimSpace(text), "-") && !negative().MatchString(text) {
			return s.refuse(node, "%s begins with a dash, as an option of podman's would", join(name, path))
		}
	case yaml.SequenceNode:
		for _, item := range node.Content {
			if err := g.words(s, name, path, item, free); err != nil {
				return err
			}
		}
	case yaml.MappingNode:
		pairs, err := g.pairs(s, node, 0)
		if err != nil {
			return err
		}
		for _, p := range pairs {
			if !free && strings.HasPrefix(p.key.Value, "-") {
				return s.refuse(p.key, "%s has a key that begins with a dash, as an option of podman's would", join(name, path))
			}
			next := join(path, shown(p.key.Value))
			ours := strings.HasPrefix(name, "services.")
			may := free || path == "" && strings.HasPrefix(next, "x-")
			if ours {
				may = may || slices.Contains(freeWords, next) || resolved(p.value).Kind == yaml.ScalarNode && slices.Contains(freeValues, path)
			} else if _, key, ok := strings.Cut(next, "."); ok {
				first, _, deeper := strings.Cut(key, ".")
				may = may || slices.Contains(topValues, first) && (deeper || resolved(p.value).Kind == yaml.ScalarNode)
			}
			if err := g.words(s, name, next, p.value, may); err != nil {
				return err
			}
		}
	}
	return nil
}

func join(a, b string) string { return strings.Trim(a+"."+b, ".") }

// shown is a key where it looks like one.
func shown(key string) string {
	if safeKey().MatchString(key) {
		return key
	}
	return "…"
}

// text is a scalar with its variables put in.
func (g *guard) text(s scope, node *yaml.Node) (string, error) {
	text, err := g.expander.expand(node.Value, func(key string) (string, bool) {
		value, ok := s.vars[key]
		return value, ok
	})
	if errors.Is(err, errGrown) {
		return "", s.refuse(node, "%v", err)
	}
	if err != nil {
		if g.mistakes++; g.mistakes > maxMistakes {
			return "", s.refuse(node, "more than %d values have variables that cannot be put in: invalid interpolation format, or one that must be set is not", maxMistakes)
		}
		return node.Value, nil // for the loader to tell
	}
	return text, nil
}

type pair struct{ key, value *yaml.Node }

// pairs are those of a mapping, with those that it merges in.
func (g *guard) pairs(s scope, node *yaml.Node, depth int) ([]pair, error) {
	node = resolved(node)
	if node.Kind != yaml.MappingNode {
		return nil, nil
	}
	var list []pair
	for i := 0; i+1 < len(node.Content); i += 2 {
		if g.nodes++; g.nodes > maxNodes || depth > maxDepth {
			return nil, s.refuse(node, "it has more than %d values, with what its aliases stand for", maxNodes)
		}
		key, value := node.Content[i], resolved(node.Content[i+1])
		key = resolved(key)
		if key.Value != "<<" {
			list = append(list, pair{key, value})
			continue
		}
		merged := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			merged = value.Content
		}
		for _, next := range merged {
			more, err := g.pairs(s, next, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
	}
	return list, nil
}

func resolved(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode && node.Alias != nil {
		node = node.Alias
	}
	return node
}
