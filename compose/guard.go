package compose

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
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
	place := s.file
	if node != nil && node.Line > 0 {
		place += ":" + strconv.Itoa(node.Line)
	}
	return invalid("file", "%s: %s", place, fmt.Sprintf(format, args...))
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
var safeKey = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

// composed tells whether a file may be meant as a compose file: it has a key of
// such a file, or none that looks like anything but a key.
func composed(top *yaml.Node) bool {
	fit := true
	for i := 0; i < len(top.Content); i += 2 {
		switch key := top.Content[i].Value; key {
		case "services", "include", "networks", "volumes":
			return true
		default:
			fit = fit && safeKey.MatchString(key)
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
		if err := g.service(s, "services."+shown(service.key.Value), service.value); err != nil {
			return err
		}
	}
	return nil
}

func (g *guard) service(s scope, name string, node *yaml.Node) error {
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
		case "env_file", "label_file":
			err = g.each(s, p.value, "path", func(path string, at *yaml.Node) error { return g.variables(s, at, path) })
		case "extends":
			err = g.extends(s, p.value)
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
		if err == nil && path != "" {
			err = do(path, item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *guard) extends(s scope, node *yaml.Node) error {
	if resolved(node).Kind != yaml.MappingNode {
		return nil
	}
	return g.each(s, node, "file", func(path string, at *yaml.Node) error {
		g.m.extends = true
		return g.compose(s, at, path, s.vars)
	})
}

// compose walks a compose file that s names.
func (g *guard) compose(s scope, at *yaml.Node, path string, vars map[string]string, dirs ...string) error {
	if s.depth == maxDepth {
		return s.refuse(at, "include and extends go deeper than %d files", maxDepth)
	}
	return g.found(s, at, path, func(path string, content []byte) error {
		next := scope{file: path, vars: vars, depth: s.depth + 1}
		for _, dir := range slices.Concat(dirs, []string{filepath.Dir(path)}, s.dirs) {
			if !slices.Contains(next.dirs, dir) {
				next.dirs = append(next.dirs, dir)
			}
		}
		if key := strings.Join(append(next.dirs, path), "\x00"); !g.seen[key] {
			g.seen[key] = true
			return g.walk(next, content)
		}
		return nil
	})
}

// includes walks what include names. Each has a folder and variables of its own.
func (g *guard) includes(s scope, node *yaml.Node) error {
	node = resolved(node)
	if node.Kind != yaml.SequenceNode {
		return nil
	}
	if len(node.Content) > maxFiles {
		return s.refuse(node, "include names more than %d files", maxFiles)
	}
	for _, item := range node.Content {
		item = resolved(item)
		vars, dirs := maps.Clone(s.vars), []string(nil)
		add := func(content []byte) {
			own, err := dotenv.ParseWithLookup(bytes.NewReader(content), func(key string) (string, bool) {
				value, ok := s.vars[key]
				return value, ok
			})
			if err == nil { // else for the loader to tell
				maps.Copy(vars, own)
			}
		}
		folder := func(path string, at *yaml.Node) error {
			for _, dir := range s.dirs {
				dir = within(dir, path)
				dirs = append(dirs, dir)
				if err := g.env(s, at, filepath.Join(dir, ".env"), add); err != nil {
					return err
				}
			}
			return nil
		}
		steps := []struct {
			key string
			do  func(string, *yaml.Node) error
		}{
			{"project_directory", folder},
			{"path", func(path string, at *yaml.Node) error { return folder(filepath.Dir(path), at) }},
			{"env_file", func(path string, at *yaml.Node) error {
				if path == os.DevNull {
					return nil // which the loader leaves out
				}
				return g.env(s, at, path, add)
			}},
			{"path", func(path string, at *yaml.Node) error { return g.compose(s, at, path, vars, dirs...) }},
		}
		for _, step := range steps {
			if item.Kind != yaml.MappingNode && step.key != "path" {
				continue
			}
			if err := g.each(s, item, step.key, step.do); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *guard) variables(s scope, at *yaml.Node, path string) error {
	return g.env(s, at, path, func([]byte) {})
}

// env checks a file of variables, and what they grow to.
func (g *guard) env(s scope, at *yaml.Node, path string, do func([]byte)) error {
	return g.found(s, at, path, func(path string, content []byte) error {
		size, err := grown("file", path, content, s.vars)
		if err != nil {
			return err
		}
		// The loader reads it anew wherever it is named.
		if g.total += size + len(content); g.total > maxBytes {
			return s.refuse(at, "the files that it names hold more than %d MiB", maxBytes>>20)
		}
		do(content)
		return nil
	})
}

// found reads what path is in any of the folders from which it may count. What
// is not there, and folders, are for the loader to tell.
func (g *guard) found(s scope, at *yaml.Node, path string, do func(string, []byte) error) error {
	if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(path, "~") {
		path = within(home, strings.TrimLeft(path[1:], "/"))
	}
	done := map[string]bool{}
	for _, dir := range s.dirs {
		whole := within(dir, path)
		if done[whole] {
			continue
		}
		done[whole] = true
		info, err := os.Stat(whole)
		if err != nil || info.IsDir() {
			continue
		}
		content, err := read("file", whole)
		if err != nil {
			var f *parse.Failure
			if errors.Is(err, fs.ErrPermission) || !errors.As(err, &f) {
				continue
			}
			return s.refuse(at, "%s", strings.TrimPrefix(f.Message, "file: "))
		}
		if _, ok := g.files[whole]; !ok {
			g.files[whole] = len(content)
			g.total += len(content)
		}
		if len(g.files) > maxFiles || g.total > maxBytes {
			return s.refuse(at, "it names more than %d files or %d MiB", maxFiles, maxBytes>>20)
		}
		if err := do(whole, content); err != nil {
			return err
		}
	}
	return nil
}

func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

var portRange = regexp.MustCompile(`(\d+)\s*-\s*(\d+)`)

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
		for _, match := range portRange.FindAllStringSubmatch(text, -1) {
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
	negative   = regexp.MustCompile(`^-\d+(\.\d+)?$`)
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
		if !free && strings.HasPrefix(strings.TrimSpace(text), "-") && !negative.MatchString(text) {
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
	if safeKey.MatchString(key) {
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
