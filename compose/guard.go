package compose

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"podman-mcp/parse"
)

// What a compose file and all that it names may take. The folder it lies in may
// be anyone's.
const (
	maxFiles     = 100
	maxBytes     = 16 << 20 // of all files together, and of their variables put in
	maxDepth     = 10       // of include and extends
	maxDocuments = 10       // in one file
	maxServices  = 200
	maxScale     = 100     // containers of a service
	maxPorts     = 1000    // of a service
	maxMistakes  = 100     // that are left to the loader, which collects them all
	maxNodes     = 200_000 // that are walked, aliases followed
)

// guard walks a compose file before the loader does, and the files that it
// names: the loader opens whatever is named, reads it to its end, and puts
// ranges and variables in without a bound. What it takes for granted is that a
// mistake that costs nothing is the loader's to tell.
type guard struct {
	m        *model
	seen     map[string]bool // files by path and working folder
	files    map[string]int  // bytes of each
	total    int             // bytes of the files and of what their variables grow to
	services int
	nodes    int
	mistakes int // in variables
	expander expander
}

// scope is a file that is being walked: a list of folders from which its
// relative paths may count, and the variables it is read with.
type scope struct {
	file  string
	dirs  []string
	vars  map[string]string
	depth int
}

func (m *model) guard() error {
	g := &guard{m: m, seen: map[string]bool{}, files: map[string]int{m.file: len(m.content)}, total: len(m.content)}
	return g.walk(scope{file: m.file, dirs: []string{m.dir}, vars: m.vars}, m.content)
}

func (s scope) refuse(node *yaml.Node, format string, args ...any) error {
	return invalid("file", "%s: %s", s.place(node), fmt.Sprintf(format, args...))
}

func (s scope) place(node *yaml.Node) string {
	if node != nil && node.Line > 0 {
		return s.file + ":" + strconv.Itoa(node.Line)
	}
	return s.file
}

func (g *guard) walk(s scope, content []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	for n := 0; ; n++ {
		var document yaml.Node
		if err := decoder.Decode(&document); err != nil || len(document.Content) == 0 {
			return nil // the end, or for the loader to tell
		}
		if n == maxDocuments {
			return s.refuse(&document, "it holds more than %d documents", maxDocuments)
		}
		top := resolved(document.Content[0])
		if top.Kind != yaml.MappingNode {
			return nil
		}
		if !composed(top) {
			return invalid("file", "%s is not a compose file", s.file)
		}
		if err := g.top(s, top); err != nil {
			return err
		}
	}
}

// safeKey is what may be shown of a file that may be anything.
var safeKey = parse.Lazily(`^[A-Za-z0-9_.-]{1,40}$`)

// composed tells whether a file may be meant as a compose file: it has a key of
// such a file, or none that looks like anything but a key.
func composed(top *yaml.Node) bool {
	fit := true
	for i := 0; i < len(top.Content); i += 2 {
		switch key := top.Content[i].Value; key {
		case "services", "include", "networks", "volumes":
			return true
		default:
			fit = fit && safeKey().MatchString(key)
		}
	}
	return fit
}

func (g *guard) top(s scope, top *yaml.Node) error {
	pairs, err := g.pairs(s, top, 0)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		switch p.key.Value {
		case "services", "jobs":
			err = g.allServices(s, p.value)
		case "networks", "volumes", "secrets", "configs":
			if node := resolved(p.value); p.key.Value == "networks" && slices.ContainsFunc(node.Content, func(n *yaml.Node) bool { return n.Value == "default" }) {
				g.m.written.network = true
			}
			err = g.words(s, p.key.Value, "", p.value, false)
		default: // the loader puts variables in there too
			err = g.words(s, shown(p.key.Value), "", p.value, true)
		}
		if err != nil {
			return err
		}
	}
	for _, p := range pairs {
		if p.key.Value == "include" {
			if err := g.includes(s, p.value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *guard) allServices(s scope, node *yaml.Node) error {
	services, err := g.pairs(s, node, 0)
	if err != nil {
		return err
	}
	if g.services += len(services); g.services > maxServices {
		return s.refuse(node, "it has more than %d services", maxServices)
	}
	for _, service := range services {
		if strings.HasPrefix(service.key.Value, "-") {
			return s.refuse(service.key, "the service %s begins with a dash", shown(service.key.Value))
		}
		g.m.written.service(service.key.Value, &yaml.Node{})
		if err := g.service(s, service.key.Value, service.value); err != nil {
			return err
		}
	}
	return nil
}

func (g *guard) service(s scope, service string, node *yaml.Node) error {
	name := "services." + shown(service)
	if err := g.words(s, name, "", node, false); err != nil {
		return err
	}
	pairs, err := g.pairs(s, node, 0)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		switch p.key.Value {
		case "ports":
			err = g.ports(s, name, p.value)
		case "build":
			g.m.written.service(service, p.value)
		case "volumes":
			err = g.each(s, p.value, "", func(text string, _ *yaml.Node) error {
				g.m.written.mount(text, s.dirs)
				return nil
			})
		case "env_file", "label_file":
			err = g.each(s, p.value, "path", func(path string, at *yaml.Node) error { return g.variables(s, at, path) })
		case "extends":
			err = g.extends(s, p.value)
		case "privileged": // the loader takes "false" for false, and podman-compose for true
			if node := resolved(p.value); node.ShortTag() != "!!bool" {
				err = s.refuse(node, "%s.privileged takes true or false, without quotes", name)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// each calls do for a string, or those of a list, or what they have under key.
func (g *guard) each(s scope, node *yaml.Node, key string, do func(string, *yaml.Node) error) error {
	node = resolved(node)
	list := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		list = node.Content
	}
	for _, item := range list {
		item = resolved(item)
		if item.Kind == yaml.MappingNode {
			pairs, err := g.pairs(s, item, 0)
			if err != nil {
				return err
			}
			for _, p := range pairs {
				if p.key.Value == key {
					if err := g.each(s, p.value, "", do); err != nil {
						return err
					}
				}
			}
			continue
		}
		if item.Kind != yaml.ScalarNode {
			continue
		}
		path, err := g.text(s, item)
		if err == nil {
			err = g.oneWay(s, item, path)
		}
		if err == nil && path != "" {
			err = do(path, item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
