package compose

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"podman-mcp/parse"
)

var (
	// What the YAML library's parser says, other than its scanner, counts lines from 0.
	fromZero   = parse.Lazily(`while parsing a|did not find expected`)
	lineSaid   = parse.Lazily(`\bline (\d+)\b`)
	fileSaid   = parse.Lazily(`(?:open|stat|read|env file|validating|parse) (?:\S*[/\\])?([^\s/\\:]+)`)
	cycleSaid  = parse.Lazily(`cycle detected: (\S+)`)
	unknownKey = parse.Lazily(`^(\S+) false schema$|^(.*?) ?additional properties '([^']+)' not allowed$`)
	pathSaid   = parse.Lazily(`\b(?:services|networks|volumes|configs|secrets|include)(?:\.[A-Za-z0-9_-]+|\[\d+\])*`)
	quoted     = parse.Lazily(`["'\x60]([^"'\x60]+)["'\x60]`)
	undefined  = parse.Lazily(`undefined (?:network|volume|secret|config|build secret) ([^\s:]+)`)
	noise      = parse.Lazily(`^(?:yaml: )+|: invalid compose project$`)
	linePrefix = parse.Lazily(`^(?:construct errors:\s*)?line (\d+)(?:,? column \d+)?: `)
)

// mistake says what is wrong with the file, and in which line where that can
// be told: the loader knows lines only of what is no YAML at all, so the place
// is looked up by the names in its message.
func (m *model) mistake(err error) *parse.Failure {
	reason := withoutQuotes(err)
	if len(reason) > maxLooked { // one mistake may be there ten thousand times
		reason = strings.ToValidUTF8(reason[:maxLooked], "")
	}
	reason = strings.Join(strings.Fields(reason), " ")
	for _, said := range []string{"validating ", "failed to parse "} {
		reason = strings.TrimPrefix(reason, said+m.file+": ")
	}
	reason = noise().ReplaceAllString(reason, "")
	if fromZero().MatchString(reason) && !strings.Contains(reason, "while scanning") {
		reason = lineSaid().ReplaceAllStringFunc(reason, func(said string) string {
			n, _ := strconv.Atoi(strings.TrimPrefix(said, "line "))
			return fmt.Sprintf("line %d", n+1)
		})
	}
	otherFile := strings.HasPrefix(reason, "validating ") || strings.Contains(reason, "failed to ")
	line := 0
	if said := lineSaid().FindStringSubmatch(reason); said != nil && !otherFile {
		line, _ = strconv.Atoi(said[1])
	} else {
		line = m.lineOf(reason)
	}
	for said := linePrefix().FindStringSubmatch(reason); said != nil; said = linePrefix().FindStringSubmatch(reason) {
		line, _ = strconv.Atoi(said[1]) // the last one is the closest
		reason = reason[len(said[0]):]
	}
	if said := unknownKey().FindStringSubmatch(reason); said != nil && safeKey().MatchString(said[1]+said[3]) {
		reason = strings.TrimPrefix(strings.TrimSpace(said[1]+said[2])+".", ".") + said[3]
		reason = "there is no key " + strings.TrimSuffix(reason, ".") + " in compose files"
	}
	place := m.file
	if line > 0 {
		place += fmt.Sprintf(":%d", line)
	}
	f := invalid("file", "%s: %s", place, withoutContent(reason))
	f.Hint = "Nothing was started. Correct " + filepath.Base(m.file) + " and call again."
	f.Err = err
	return f
}

// withoutContent leaves out what a message quotes of a file, which may be any
// of the host's, unless it looks like a key. Where a quotation ends cannot be
// told from its text: what does not fit goes up to the last mark of its kind.
func withoutContent(reason string) string {
	var b strings.Builder
	for i := 0; i < len(reason); {
		mark := reason[i]
		if !strings.ContainsRune("\"'`", rune(mark)) || mark == '\'' && i > 0 && isLetter(reason[i-1]) {
			b.WriteByte(mark)
			i++
			continue
		}
		rest := reason[i+1:]
		if end := strings.IndexByte(rest, mark); end >= 0 && safeKey().MatchString(rest[:end]) {
			b.WriteString(reason[i : i+end+2])
			i += end + 2
			continue
		}
		b.WriteString("…")
		last := strings.LastIndexByte(rest, mark)
		if last < 0 {
			break
		}
		i += last + 2
	}
	if short := b.String(); len(short) <= maxReason {
		return short
	}
	return strings.ToValidUTF8(b.String()[:maxReason], "") + "…"
}

const (
	maxLooked = 4 << 10 // bytes of a message that are looked at
	maxReason = 400     // and that are shown
)

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// at is the file, and the line of what path names where that can be told.
func (m *model) at(path string) string {
	if line := m.lineOf(path); line > 0 {
		return fmt.Sprintf("%s:%d", m.file, line)
	}
	return m.file
}

// lineOf finds what reason talks of, 0 where it cannot.
func (m *model) lineOf(reason string) int {
	var document yaml.Node
	if yaml.Unmarshal(m.content, &document) != nil || len(document.Content) == 0 {
		return 0
	}
	node := document.Content[0]
	line := 0
	if path := pathSaid().FindString(reason); path != "" {
		node, line = descend(node, strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".[]", r) }))
	}
	var words []string
	for _, match := range quoted().FindAllStringSubmatch(reason, -1) {
		words = append(words, match[1])
	}
	for _, pattern := range []*regexp.Regexp{undefined(), fileSaid(), cycleSaid()} {
		if match := pattern.FindStringSubmatch(reason); match != nil {
			words = append(words, match[1])
		}
	}
	// Each word is looked for inside of what the one before it names: the
	// service first, then what is wrong with it.
	for _, word := range words {
		if found, at := find(node, word); at > 0 {
			node, line = found, at
		}
	}
	return line
}

// descend follows path as far as it goes.
func descend(node *yaml.Node, path []string) (*yaml.Node, int) {
	line := 0
	for _, key := range path {
		next, at := child(node, key)
		if at == 0 {
			break
		}
		node, line = next, at
	}
	return node, line
}

func child(node *yaml.Node, key string) (*yaml.Node, int) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				return node.Content[i+1], node.Content[i].Line
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i < len(node.Content) {
			return node.Content[i], node.Content[i].Line
		}
	}
	return nil, 0
}

// find looks for a key or a value that is word, or a value that holds it.
func find(node *yaml.Node, word string) (*yaml.Node, int) {
	if found, at := child(node, word); at > 0 {
		return found, at
	}
	for i, next := range node.Content {
		if next.Kind == yaml.ScalarNode && strings.Contains(next.Value, word) && (node.Kind != yaml.MappingNode || i%2 == 1) {
			return next, next.Line
		}
		if found, at := find(next, word); at > 0 {
			return found, at
		}
	}
	return nil, 0
}
