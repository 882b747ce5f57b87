package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"podman-mcp/tools"
)

// reference is the tool reference in Markdown: a table of all tools, and each
// tool's parameters, by toolset. The same table gives the same bytes.
func reference(list []tools.Tool) string {
	var b strings.Builder
	b.WriteString("| Tool | Toolset | Effect | What it does |\n| --- | --- | --- | --- |\n")
	for _, t := range list {
		set := string(t.Toolset)
		if t.Default {
			set += ", default"
		}
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s | %s | %s |\n", t.Name, t.Name, set, effect(t), cell(firstSentence(t.About)))
	}
	var sets []tools.Toolset
	for _, t := range list {
		if !slices.Contains(sets, t.Toolset) {
			sets = append(sets, t.Toolset)
		}
	}
	for _, set := range sets {
		fmt.Fprintf(&b, "\n## Toolset `%s`\n", set)
		for _, t := range list {
			if t.Toolset == set {
				parameters(&b, t)
			}
		}
	}
	return b.String()
}

func parameters(b *strings.Builder, t tools.Tool) {
	fmt.Fprintf(b, "\n### `%s`\n\n%s\n", t.Name, escape(t.About))
	input, _ := t.Schemas()
	if len(input.Properties) == 0 {
		b.WriteString("\nIt takes no parameters.\n")
		return
	}
	b.WriteString("\n| Parameter | Takes | Default | Description |\n| --- | --- | --- | --- |\n")
	rows(b, "", input)
}

// rows writes a schema's parameters, and below an object its fields.
func rows(b *strings.Builder, in string, s *jsonschema.Schema) {
	for _, name := range s.PropertyOrder {
		p := s.Properties[name]
		standard := ""
		switch {
		case p.Default != nil:
			standard = "`" + string(p.Default) + "`"
		case slices.Contains(s.Required, name):
			standard = "**required**"
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s | %s |\n", in, name, takes(p), standard, cell(p.Description))
		if p.Type == "object" {
			rows(b, in+name+".", p)
		}
	}
}

// takes is a parameter's type in few words; its description says the rest.
func takes(s *jsonschema.Schema) string {
	switch {
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			words[i] = fmt.Sprintf("`%v`", v)
		}
		return strings.Join(words, ", ")
	case s.Type == "array" && s.Items != nil:
		return "list of " + takes(s.Items) + "s"
	case s.Minimum != nil && s.Maximum != nil:
		return fmt.Sprintf("%s, %v to %v", s.Type, *s.Minimum, *s.Maximum)
	case s.Minimum != nil:
		return fmt.Sprintf("%s, at least %v", s.Type, *s.Minimum)
	}
	return s.Type
}

// cell is text for a table's cell.
func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(escape(s), "\n", " "), "|", `\|`)
}

// escape keeps Markdown from reading marks in plain text.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "<", "&lt;", "`", "\\`").Replace(s)
}
