package compose

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"go.yaml.in/yaml/v4"

	"podman-mcp/parse"
)

func (g *guard) extends(s scope, node *yaml.Node) error {
	if resolved(node).Kind != yaml.MappingNode {
		return nil
	}
	return g.each(s, node, "file", func(path string, at *yaml.Node) error {
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
				if _, err := os.Stat(filepath.Join(dir, ".env")); err != nil {
					continue
				}
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
			{"project_directory", func(path string, at *yaml.Node) error { return g.absolute(s, at, path) }},
			{"path", func(path string, at *yaml.Node) error { return g.absolute(s, at, path) }},
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
	return g.found(s, at, path, func(path string, content []byte) error {
		g.m.written.files[path] = content
		return g.counted(s, at, path, content)
	})
}

// env checks a file of variables, and what they grow to.
func (g *guard) env(s scope, at *yaml.Node, path string, do func([]byte)) error {
	return g.found(s, at, path, func(path string, content []byte) error {
		if err := g.counted(s, at, path, content); err != nil {
			return err
		}
		do(content)
		return nil
	})
}

// counted refuses too much. The loader reads a file anew wherever it is named.
func (g *guard) counted(s scope, at *yaml.Node, path string, content []byte) error {
	size, err := grown("file", path, content, s.vars)
	if err != nil {
		return err
	}
	if g.total += size + len(content); g.total > maxBytes {
		return s.refuse(at, "the files that it names hold more than %d MiB", maxBytes>>20)
	}
	return nil
}

// found reads what path is in any of the folders from which it may count, where
// the call may read it. What is not there, and folders, are for the loader to
// tell; but whether an absolute path is there is told of what may be read alone.
func (g *guard) found(s scope, at *yaml.Node, path string, do func(string, []byte) error) error {
	if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(path, "~") {
		path = within(home, strings.TrimLeft(path[1:], "/"))
	}
	if err := g.absolute(s, at, path); err != nil {
		return err
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
		if err := g.m.reads.check(s.place(at), whole); err != nil {
			return err
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

// absolute judges a path that can mean one place alone.
func (g *guard) absolute(s scope, at *yaml.Node, path string) error {
	if !filepath.IsAbs(path) {
		return nil
	}
	return g.m.reads.check(s.place(at), path)
}

func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}
