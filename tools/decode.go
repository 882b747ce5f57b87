package tools

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"podman-mcp/parse"
)

// params is a schema with those of its leaves made ready to check a value.
type params struct {
	*jsonschema.Schema
	leaves map[*jsonschema.Schema]*jsonschema.Resolved
}

func newParams(s *jsonschema.Schema) params {
	p := params{s, map[*jsonschema.Schema]*jsonschema.Resolved{}}
	p.resolve(s)
	return p
}

func (p params) resolve(s *jsonschema.Schema) {
	switch {
	case s.Properties != nil:
		for _, field := range s.Properties {
			p.resolve(field)
		}
	case s.Items != nil:
		p.resolve(s.Items)
	default:
		resolved, err := s.Resolve(nil)
		if err != nil {
			panic(err) // a schema that cannot be: every test of the table sees it
		}
		p.leaves[s] = resolved
	}
}

// maxItems is the most that a list may hold: far above what a person means, and
// below what a command line can.
const maxItems = 1000

// decode reads a tool's arguments into in. The error names the parameter, what
// it got and what it takes. A null counts as not given, and so does an empty
// string where nothing is required: models send both. A parameter with a default
// that is not given gets it.
func decode(s params, arguments json.RawMessage, in any) *parse.Failure {
	given := map[string]json.RawMessage{}
	if len(bytes.TrimSpace(arguments)) > 0 {
		if err := json.Unmarshal(arguments, &given); err != nil {
			return invalid("arguments", "got %s; takes an object with the parameters %s", short(arguments), strings.Join(s.PropertyOrder, ", "))
		}
	}
	for name := range given {
		if _, ok := s.Properties[name]; !ok {
			return unknown(name, "", s.Schema)
		}
	}
	dropEmpty(s.Schema, given)
	for _, name := range s.PropertyOrder {
		p := s.Properties[name]
		value, ok := given[name]
		switch {
		case ok:
			if f := s.check(p, name, value); f != nil {
				return f
			}
		case slices.Contains(s.Required, name):
			return invalid(name, "is missing; takes %s", takes(p))
		case p.Default != nil:
			value = p.Default
		default:
			continue
		}
		if p.Type == "integer" {
			value = integral(value)
		}
		// One at a time, so that the error is known to be this one's.
		one, err := json.Marshal(map[string]json.RawMessage{name: value})
		if err == nil {
			err = json.Unmarshal(one, in)
		}
		if err != nil {
			return invalid(name, "%s; takes %s", strings.TrimPrefix(err.Error(), "json: "), takes(p))
		}
	}
	return nil
}

// integral writes a whole number without its fraction: JSON Schema takes 5.0 for
// an integer, and Go does not.
func integral(value json.RawMessage) json.RawMessage {
	var n float64
	if err := json.Unmarshal(value, &n); err != nil || n != math.Trunc(n) || math.Abs(n) > 1<<53 {
		return value
	}
	return strconv.AppendInt(nil, int64(n), 10)
}

// dropEmpty takes out of an object what counts as not given.
func dropEmpty(s *jsonschema.Schema, fields map[string]json.RawMessage) {
	for name, value := range fields {
		word := string(bytes.TrimSpace(value))
		if word == "null" || word == `""` && !slices.Contains(s.Required, name) {
			delete(fields, name)
			continue
		}
		var inner map[string]json.RawMessage
		if p := s.Properties[name]; p != nil && p.Properties != nil && json.Unmarshal(value, &inner) == nil {
			dropEmpty(p, inner)
			if smaller, err := json.Marshal(inner); err == nil {
				fields[name] = smaller
			}
		}
	}
}

// check descends to the value that the schema refuses.
func (p params) check(s *jsonschema.Schema, at string, raw json.RawMessage) *parse.Failure {
	switch s.Type {
	case "object":
		if s.Properties == nil {
			break
		}
		var fields map[string]json.RawMessage
		if json.Unmarshal(raw, &fields) != nil || fields == nil {
			return invalid(at, "got %s; takes %s", short(raw), takes(s))
		}
		for name, value := range fields {
			field, ok := s.Properties[name]
			if !ok {
				return unknown(name, at, s)
			}
			if f := p.check(field, at+"."+name, value); f != nil {
				return f
			}
		}
		for _, name := range s.Required {
			if _, ok := fields[name]; !ok {
				return invalid(at+"."+name, "is missing; takes %s", takes(s.Properties[name]))
			}
		}
		return nil
	case "array":
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) != nil || items == nil || s.MinItems != nil && len(items) < *s.MinItems {
			return invalid(at, "got %s; takes %s", short(raw), takes(s))
		}
		if len(items) > maxItems {
			return invalid(at, "got %d items; takes at most %d", len(items), maxItems)
		}
		for i, item := range items {
			if f := p.check(s.Items, fmt.Sprintf("%s[%d]", at, i), item); f != nil {
				return f
			}
		}
		return nil
	}
	var value any
	err := json.Unmarshal(raw, &value)
	if err == nil {
		err = p.leaves[s].Validate(value)
	}
	if err != nil {
		f := invalid(at, "got %s; takes %s", short(raw), takes(s))
		if k, ok := kindOf(s.Pattern); ok && k.code != "" {
			f.Code = k.code
		}
		return f
	}
	return nil
}

func invalid(name, format string, args ...any) *parse.Failure {
	return &parse.Failure{
		Code:    parse.InvalidParams,
		Message: name + ": " + fmt.Sprintf(format, args...),
		Hint:    "Nothing was run. Correct the parameter and call again.",
		Subject: name,
	}
}

func unknown(name, in string, s *jsonschema.Schema) *parse.Failure {
	place := "there is no such parameter"
	if in != "" {
		place = "there is no such field in " + in
	}
	f := invalid(cmp.Or(short([]byte(name)), `""`), "%s; there are %s", place, strings.Join(s.PropertyOrder, ", "))
	if near := Nearest(name, s.PropertyOrder); len(near) > 0 {
		f.Hint = "Nothing was run. Did you mean " + strings.Join(near, " or ") + "?"
	}
	return f
}

// short quotes a value for a message.
func short(raw []byte) string {
	s := parse.Mask(parse.Clean(string(raw)))
	if r := []rune(s); len(r) > 120 {
		s = string(r[:120]) + "…"
	}
	return s
}
