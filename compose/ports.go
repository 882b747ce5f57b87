package compose

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

const publicPorts = "public-ports"

// shutPorts gives every port without an address 127.0.0.1, as podman_run does: a
// provider would open it to every machine there is. The file stays as it is; what
// is returned was read anew from the text that the provider is to get.
func (m *model) shutPorts(ctx context.Context, r *exec.Runner, q request) (*model, error) {
	open := m.openPorts()
	if m.permits.has(publicPorts) || len(open) == 0 {
		return m, nil
	}
	m.expander = expander{}
	content, err := rewritten(m.content, m.shutIn)
	if err != nil {
		return nil, m.mistake(err)
	}
	q.content = content
	next, err := load(ctx, r, q)
	if err != nil {
		return nil, err
	}
	next.shut = open
	return next, nil
}

// openPorts are the ports of the services which have no address, each SERVICE PORT.
func (m *model) openPorts() (list []string) {
	services := m.project.AllServices()
	for _, name := range m.everyService() {
		for _, p := range services[name].Ports {
			if p.HostIP == "" {
				port := fmt.Sprint(p.Target)
				if p.Published != "" {
					port = p.Published + ":" + port
				}
				list = append(list, shown(name)+" "+parse.Clean(port))
			}
		}
	}
	return slices.Compact(list)
}

// ports judges the ports of a service. Its parts become one word of podman's,
// which reads a comma as the begin of another port.
func (m *model) ports(s types.ServiceConfig, path string) error {
	for i, p := range s.Ports {
		at := fmt.Sprintf("%s.ports[%d]", path, i)
		if !published().MatchString(p.Published) || !slices.Contains([]string{"", "tcp", "udp", "sctp"}, p.Protocol) {
			return invalid("file", "%s: got %s/%s; takes a port or a range on the host, and tcp, udp or sctp", at, p.Published, p.Protocol)
		}
		ip, err := netip.ParseAddr(p.HostIP) // the loader has seen to it that it is one, or empty
		if m.permits.has(publicPorts) || err == nil && ip.IsLoopback() {
			continue
		}
		why := "has no address, which opens it to other machines, and comes from where it cannot be given one"
		if p.HostIP != "" {
			why = "opens the port to other machines"
		}
		return &parse.Failure{Code: parse.PolicyDenied, Subject: at,
			Message: fmt.Sprintf("%s: %s:%d %s", at, p.HostIP+":"+p.Published, p.Target, why),
			Hint:    "Nothing was started. Write 127.0.0.1:HOST:CONTAINER, or have the operator allow it with --allow " + publicPorts + "."}
	}
	return nil
}

var published = parse.Lazily(`^(\d{1,5}(-\d{1,5})?)?$`)

// shutIn gives the ports of a document 127.0.0.1. What it cannot, such as an
// item that an alias elsewhere stands for too, it leaves, and ports refuses it.
func (m *model) shutIn(node *yaml.Node) error {
	for i, next := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 1 && node.Content[i-1].Value == "ports" {
			if list := resolved(next); list.Kind == yaml.SequenceNode {
				for j, item := range list.Content {
					list.Content[j] = m.shutItem(item)
				}
			}
		}
		if err := m.shutIn(next); err != nil {
			return err
		}
	}
	return nil
}

// withoutAddress is a port as the short form has it: HOST:CONTAINER or CONTAINER.
var withoutAddress = parse.Lazily(`^(?:([0-9-]*):)?([0-9-]+(?:/[a-z]+)?)$`)

func (m *model) shutItem(item *yaml.Node) *yaml.Node {
	const address = "127.0.0.1"
	switch actual := resolved(item); actual.Kind {
	case yaml.ScalarNode:
		value, err := m.substitute(actual.Value, func(key string) (string, bool) {
			value, ok := m.vars[key]
			return value, ok
		})
		parts := withoutAddress().FindStringSubmatch(value)
		if err != nil || parts == nil || item.Anchor != "" {
			return item
		}
		return word(address + ":" + parts[1] + ":" + parts[2])
	case yaml.MappingNode:
		for i := 0; i+1 < len(actual.Content); i += 2 {
			if actual.Content[i].Value == "host_ip" {
				return item
			}
		}
		actual.Content = append(actual.Content, word("host_ip"), word(address))
	}
	return item
}

// rewritten is YAML with what change makes of each of its documents.
func rewritten(content []byte, change func(*yaml.Node) error) ([]byte, error) {
	var out bytes.Buffer
	decoder, encoder := yaml.NewDecoder(bytes.NewReader(content)), yaml.NewEncoder(&out)
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return out.Bytes(), encoder.Close()
		}
		if err == nil {
			err = change(&document)
		}
		if err == nil {
			unfold(&document)
		}
		if err == nil {
			err = encoder.Encode(&document)
		}
		if err != nil {
			return nil, err
		}
	}
}

// unfold writes folded texts in quotes: the library would fold them otherwise
// than it has read them.
func unfold(node *yaml.Node) {
	if node.Kind == yaml.ScalarNode && node.Style&yaml.FoldedStyle != 0 {
		node.Style = yaml.DoubleQuotedStyle
	}
	for _, next := range node.Content {
		unfold(next)
	}
}
