package tools

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Selection says which tools a server offers. What is left out is neither
// listed nor can it be called.
type Selection struct {
	Toolsets []string // names of toolsets, "default" or "all"; none means default, or none at all beside Tools
	Tools    []string // single tools beside them, with or without podman_
	Without  []string // tools that are left out whatever names them
	ReadOnly bool     // only what changes nothing
}

// Toolsets lists the toolsets' names, as --toolsets takes them.
func Toolsets() []string {
	names := []string{"default", "all"}
	for _, t := range All() {
		if !slices.Contains(names, string(t.Toolset)) {
			names = append(names, string(t.Toolset))
		}
	}
	return names
}

// Of picks the selected of list, in its order. The error names a word that is
// no toolset or tool, and what it may have meant.
func (s Selection) Of(list []Tool) ([]Tool, error) {
	sets := s.Toolsets
	if len(sets) == 0 && len(s.Tools) == 0 {
		sets = []string{"default"}
	}
	for _, set := range sets {
		if names := Toolsets(); !slices.Contains(names, set) {
			return nil, fmt.Errorf("there is no toolset %q; there are %s", set, strings.Join(names, ", "))
		}
	}
	added, err := toolNames(s.Tools, list)
	if err != nil {
		return nil, err
	}
	without, err := toolNames(s.Without, list)
	if err != nil {
		return nil, err
	}
	var chosen []Tool
	for _, t := range list {
		in := slices.Contains(sets, "all") || slices.Contains(sets, string(t.Toolset)) || t.Default && slices.Contains(sets, "default")
		if (in || slices.Contains(added, t.Name)) && !slices.Contains(without, t.Name) && (!s.ReadOnly || t.Effect == Reads) {
			chosen = append(chosen, t)
		}
	}
	if len(chosen) == 0 {
		why := "those that were chosen are left out again"
		if s.ReadOnly {
			why = "none of those that were chosen only reads"
		}
		return nil, errors.New("no tool is left: " + why)
	}
	return chosen, nil
}

// toolNames completes and checks names of tools.
func toolNames(words []string, list []Tool) ([]string, error) {
	var all, found []string
	for _, t := range list {
		all = append(all, t.Name)
	}
	for _, word := range words {
		name := "podman_" + strings.TrimPrefix(word, "podman_")
		if !slices.Contains(all, name) {
			hint := "podman-mcp tools lists those there are"
			if near := Nearest(name, all); len(near) > 0 {
				hint = "did you mean " + strings.Join(near, " or ") + "?"
			}
			return nil, fmt.Errorf("there is no tool %q; %s", word, hint)
		}
		found = append(found, name)
	}
	return found, nil
}
