package main

import (
	"cmp"
	"fmt"
	"strings"

	"podman-mcp/tools"
)

// terms is all that the flags let agents do and have, and how calls are watched.
func (g *Globals) terms(host *tools.Host) string {
	these := func(list []string, none string) string { return cmp.Or(strings.Join(list, ", "), none) }
	words := []string{
		host.Policy.String(),
		"folders: " + these(host.Roots, "none"),
		"images: " + these(host.Images.Images, "all"),
		"registries: " + these(host.Images.Registries, "all"),
	}
	if host.Scope.Own {
		words = append(words, "changes only what is of the owner "+host.Scope.Owner)
	} else {
		words = append(words, "may change every container")
	}
	if host.Confirm {
		words = append(words, "the user is asked before things are removed")
	} else {
		words = append(words, "removes without asking")
	}
	if g.Watch.Rate > 0 {
		words = append(words, fmt.Sprintf("%g calls a second", g.Watch.Rate))
	} else {
		words = append(words, "as many calls as come")
	}
	return strings.Join(append(words, "audit log: "+cmp.Or(g.Watch.AuditLog, "none")), "; ")
}
