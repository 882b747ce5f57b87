package compose

import (
	"errors"
	"strings"

	"github.com/compose-spec/compose-go/v2/template"

	"podman-mcp/parse"
)

const (
	maxGrown = 1 << 20 // bytes of what has variables, once they are put in
	maxBrace = 20      // variables inside of one another
	maxLines = 10_000  // of a file of variables
)

var errGrown = errors.New("with the values of its variables it is larger than 1 MiB")

// expander puts values in for variables, and stops where that makes too much.
type expander struct{ size int }

func (e *expander) expand(text string, mapping template.Mapping) (string, error) {
	if !strings.Contains(text, "$") {
		return text, nil
	}
	depth := 0
	for i := range len(text) {
		switch {
		case text[i] == '}':
			depth = max(depth-1, 0)
		case text[i] == '{' && i > 0 && text[i-1] == '$':
			depth++
		}
		if depth > maxBrace {
			return "", errors.New("variables stand inside of one another more than 20 deep")
		}
	}
	if e.size += len(text); e.size > maxGrown {
		return "", errGrown
	}
	out, err := template.SubstituteWithOptions(text, func(key string) (string, bool) {
		value, ok := mapping(key)
		if e.size += len(value); e.size > maxGrown {
			return "", true // and what comes is an error
		}
		return value, ok
	}, template.WithoutLogging)
	if e.size > maxGrown {
		return "", errGrown
	}
	return out, err
}

var referred = parse.Lazily(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`)

// grown is how large the values of a file of variables can become, which is
// told without making them: V1=$V0$V0 may go on for forty lines.
func grown(parameter, path string, content []byte, vars map[string]string) (int, error) {
	if n := strings.Count(string(content), "\n"); n > maxLines {
		return 0, invalid(parameter, "%s has more than %d lines", path, maxLines)
	}
	const space = "\t\v\f\r \u0085\u00a0"
	sizes := map[string]int{}
	sum := 0
	rest := strings.TrimPrefix(string(content), "\ufeff")
	for {
		rest = strings.TrimSpace(rest)
		if rest == "" {
			return sum, nil
		}
		if rest[0] == '#' {
			_, rest, _ = strings.Cut(rest, "\n")
			continue
		}
		end := strings.IndexAny(rest, "=:\n")
		if end < 0 {
			return sum, nil
		}
		key, sign := strings.TrimSpace(rest[:end]), rest[end]
		if after, ok := strings.CutPrefix(key, "export"); ok {
			key = strings.TrimSpace(after)
		}
		if rest = rest[end+1:]; sign == '\n' {
			sizes[key] = max(sizes[key], len(vars[key]))
			continue
		}
		rest = strings.TrimLeft(rest, space)
		var value string
		if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
			end := 1
			for end < len(rest) && rest[end] != rest[0] {
				if rest[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(rest) {
				return sum, nil // for the reader to tell
			}
			value, rest = rest[1:end], rest[end+1:]
		} else {
			value, rest, _ = strings.Cut(rest, "\n")
		}
		size := len(value)
		for _, match := range referred().FindAllStringSubmatch(value, -1) {
			size += max(sizes[match[1]], len(vars[match[1]]))
			if size > maxGrown {
				break
			}
		}
		sizes[key] = max(sizes[key], size)
		if sum += size; sum > maxGrown {
			line := strings.Count(string(content[:len(content)-len(rest)]), "\n")
			return 0, invalid(parameter, "%s:%d: with the values of its variables it is larger than 1 MiB", path, max(line, 1))
		}
	}
}
