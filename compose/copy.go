package compose

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"podman-mcp/parse"
)

// copyPrefix begins the name of a copy, which ends in a dot and the file's own.
const copyPrefix = ".podman-mcp-"

// copied writes a copy of the file for the provider to read: with ports that
// were shut, or, for a provider that cannot be told of an env_file, with every
// variable replaced by its value. It stands beside the file, because relative
// paths count from there, only its owner can read it, and done removes it.
// Containers made from it carry its name in their labels; see original.
func (m *model) copied(p Provider, variables bool) (path string, done func(), err error) {
	content := m.content
	if variables {
		m.expander = expander{}
		if content, err = rewritten(content, m.replace); err != nil {
			return "", nil, m.mistake(err)
		}
	}
	if err := m.alike(p, content); err != nil {
		return "", nil, err
	}
	m.sweep()
	// One name where it is free, or no build of the folder would find its layers again.
	f, err := os.OpenFile(filepath.Join(m.dir, copyPrefix+"copy."+filepath.Base(m.file)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		f, err = os.CreateTemp(m.dir, copyPrefix+"*."+filepath.Base(m.file)) // mode 0600
	}
	if err != nil {
		failure := unreadable("file", m.dir, err)
		failure.Message = "file: a copy of the compose file is needed beside it, which could not be written: " + parse.Clean(err.Error())
		failure.Hint = "For its ports, write 127.0.0.1:HOST:CONTAINER into the file. For env_file, put the variables into .env in the compose file's folder, or install podman-compose 1.1 or newer."
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

// forgotten is the age of a copy whose server was killed: no call takes so long.
const forgotten = 24 * time.Hour

// sweep removes copies that were left beside the file.
func (m *model) sweep() {
	entries, _ := os.ReadDir(m.dir) // what cannot be read is told where it matters
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), copyPrefix) || !strings.HasSuffix(e.Name(), "."+filepath.Base(m.file)) {
			continue
		}
		if about, err := e.Info(); err == nil && about.Mode().IsRegular() && time.Since(about.ModTime()) > forgotten {
			_ = os.Remove(filepath.Join(m.dir, e.Name()))
		}
	}
}

// original is the path of the file that a copy was made of, or file itself.
func original(file string) string {
	dir, base := filepath.Split(file)
	if rest, ok := strings.CutPrefix(base, copyPrefix); ok {
		if _, name, ok := strings.Cut(rest, "."); ok {
			return filepath.Join(dir, name)
		}
	}
	return file
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
