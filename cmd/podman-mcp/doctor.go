package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// examination is how long doctor asks; a podman that hangs is then ended,
// which takes two seconds more.
const examination = 12 * time.Second

type doctorCmd struct {
	JSON bool `help:"Print the checks as JSON." env:"-"`
}

// Help is the longer text of doctor --help.
func (doctorCmd) Help() string {
	return `Looks at podman, its storage, service, network, runtime and compose provider, and changes nothing. Below what is wrong stands the command that mends it. The exit status is 1 when a check fails; a warning is something that only some calls need.

    podman-mcp doctor
    podman-mcp doctor --socket-path /run/user/1000/podman/podman.sock`
}

// Run examines podman and prints what it found.
func (c *doctorCmd) Run(ctx context.Context, g *Globals, s *streams) error {
	ctx, cancel := context.WithTimeout(ctx, examination)
	defer cancel()
	return c.print(s, examine(gather(ctx, g, g.host(s))))
}

func (c *doctorCmd) print(s *streams, findings []finding) error {
	failed, warned := 0, 0
	for _, f := range findings {
		switch f.Status {
		case fails:
			failed++
		case warns:
			warned++
		}
	}
	var b strings.Builder
	if c.JSON {
		b.WriteString(encode(struct {
			OK     bool      `json:"ok"`
			Checks []finding `json:"checks"`
		}{failed == 0, findings}))
	} else {
		for _, f := range findings {
			fmt.Fprintf(&b, "%-4s  %-11s  %s\n", f.Status, f.Check, f.Detail)
			if f.Fix != "" {
				fmt.Fprintf(&b, "      fix: %s\n", f.Fix)
			}
		}
		switch {
		case failed > 0:
			fmt.Fprintf(&b, "\n%d of %d checks failed.\n", failed, len(findings))
		case warned > 0:
			b.WriteString("\nPodman works; mind the warnings.\n")
		default:
			b.WriteString("\nAll is well.\n")
		}
	}
	if _, err := fmt.Fprint(s.out, b.String()); err != nil {
		return err
	}
	if failed > 0 {
		return exited(1)
	}
	return nil
}
