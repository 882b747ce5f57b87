package tools

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// schemaFor infers T's schema. Beside the SDK's tags, json for the name and
// jsonschema for the description, a field may carry
//
//	default:"50" minimum:"1" maximum:"100" enum:"a b c" minItems:"1" brief:"true"
//
// of which a default is also what a missing parameter gets, and brief leaves
// out what an object holds: every word of a schema costs every session tokens.
func schemaFor[T any]() *jsonschema.Schema {
	s, err := jsonschema.For[T](&jsonschema.ForOptions{TypeSchemas: kindSchemas()})
	if err != nil {
		panic(err) // a type that has no schema: every test of the table sees it
	}
	refine(s, reflect.TypeFor[T]())
	return s
}

// refine reads our own tags and takes null out of the types: a strict client
// does not know ["null","array"], and our lists are never null.
func refine(s *jsonschema.Schema, t reflect.Type) {
	if len(s.Types) == 2 && s.Types[0] == "null" {
		s.Type, s.Types = s.Types[1], nil
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Slice:
		if s.Items != nil {
			refine(s.Items, t.Elem())
		}
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if p := s.Properties[name]; p != nil {
				refine(p, f.Type)
				tagged(p, f)
			}
		}
	}
}

// open makes a schema of a result: objects may hold more than it says, for a
// client that knows one version's fields reads another's too, and at the top
// nothing is required, for an error is a result that holds "error" instead, and
// the TypeScript SDK before 2 holds errors against the schema as well.
func open(s *jsonschema.Schema) *jsonschema.Schema {
	s.Required = nil
	return loose(s)
}

func loose(s *jsonschema.Schema) *jsonschema.Schema {
	if s.Properties != nil || s.Type == "object" && s.AdditionalProperties != nil && s.AdditionalProperties.Not != nil {
		s.AdditionalProperties = nil
	}
	for _, p := range s.Properties {
		loose(p)
	}
	if s.Items != nil {
		loose(s.Items)
	}
	return s
}

func tagged(s *jsonschema.Schema, f reflect.StructField) {
	if f.Tag.Get("brief") != "" {
		*s = jsonschema.Schema{Type: s.Type, Description: s.Description}
	}
	if v, ok := f.Tag.Lookup("default"); ok {
		if s.Type == "string" {
			v = strconv.Quote(v)
		}
		s.Default = json.RawMessage(v)
	}
	if v, ok := f.Tag.Lookup("enum"); ok {
		for _, word := range strings.Fields(v) {
			s.Enum = append(s.Enum, word)
		}
	}
	number := func(tag string) *float64 {
		v, ok := f.Tag.Lookup(tag)
		if !ok {
			return nil
		}
		n, err := strconv.ParseFloat(v, 64)
		if err != nil {
			panic(fmt.Sprintf("%s: tag %s: %v", f.Name, tag, err))
		}
		return &n
	}
	s.Minimum, s.Maximum = number("minimum"), number("maximum")
	if n := number("minItems"); n != nil {
		count := int(*n)
		s.MinItems = &count
	}
}

// takes says in words what the schema allows.
func takes(s *jsonschema.Schema) string {
	switch {
	case len(s.Enum) > 0:
		var list []string
		for _, v := range s.Enum {
			list = append(list, fmt.Sprint(v))
		}
		return "one of " + strings.Join(list, ", ")
	case s.Pattern != "":
		if k, ok := kindOf(s.Pattern); ok {
			return k.takes
		}
		return "a string that matches " + s.Pattern
	case s.Type == "array" && s.Items != nil:
		list := "a list, each item " + takes(s.Items)
		if s.MinItems != nil {
			list += fmt.Sprintf(", at least %d", *s.MinItems)
		}
		return list
	case s.Type == "object":
		names := slices.Clone(s.PropertyOrder)
		return "an object with " + strings.Join(names, ", ")
	case s.Type == "boolean":
		return "true or false"
	case s.Type == "integer", s.Type == "number":
		what := map[string]string{"integer": "a whole number", "number": "a number"}[s.Type]
		switch {
		case s.Minimum != nil && s.Maximum != nil:
			return fmt.Sprintf("%s from %v to %v", what, *s.Minimum, *s.Maximum)
		case s.Minimum != nil:
			return fmt.Sprintf("%s of at least %v", what, *s.Minimum)
		}
		return what
	}
	return "a " + s.Type
}
