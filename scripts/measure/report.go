package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// row is a line of the table. An empty cell is a figure that there is not.
type row struct {
	what      string
	ours      string // by a run of podman where it takes one
	unchanged string // where the answer cannot have changed
	raw       string
	ratio     string // paired, ours to raw
	cli, rest string // the other server
	goal      string
	readme    bool // it stands in the README too
}

func (r row) cells() []string {
	return []string{r.what, r.ours, r.unchanged, r.raw, r.ratio, r.cli, r.rest, r.goal}
}

// facts are what the figures were measured with.
type facts struct {
	podman, other, date, command string
	pairs                        int
}

type report struct {
	facts
	rows  []row
	goals goals
}

const layout = "%-46s %-20s %-10s %-11s %-16s %-11s %-11s %s\n"

func (r *report) begin(f facts, missing string) {
	r.facts = f
	fmt.Printf("podman %s, %s, medians of %d rounds in which each has its turn\n", f.podman, f.date, f.pairs)
	if missing != "" {
		fmt.Println(missing)
	}
	fmt.Println()
	r.print(r.heads())
}

func (r *report) heads() []string {
	other := strings.TrimSpace(rival + " " + r.other)
	return []string{"", "podman-mcp", "unchanged", "podman", "ratio", "other, CLI", "other, REST", "goal (other: " + other + ")"}
}

func (r *report) print(cells []string) {
	words := make([]any, len(cells))
	for i, c := range cells {
		words[i] = c
	}
	fmt.Print(strings.TrimRight(fmt.Sprintf(layout, words...), " \n") + "\n")
}

// add prints a row as soon as it is known: a run takes minutes.
func (r *report) add(line row) {
	r.rows = append(r.rows, line)
	r.print(line.cells())
}

// end prints how the goals fared.
func (r *report) end(took time.Duration) {
	fmt.Println()
	met := 0
	for _, g := range r.goals.list() {
		fmt.Printf("%-12s %s: %s%s\n", g.verdict(), g.what, g.want, g.because())
		if g.state == reached {
			met++
		}
	}
	fmt.Printf("\n%d of %d goals met, in %s\n", met, len(r.goals.list()), took.Round(time.Second))
}

// table is the README's, in Markdown.
func (r *report) table() string {
	var b strings.Builder
	heads := r.heads()
	heads[len(heads)-1] = "goal"
	write := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	write(heads)
	write(slices.Repeat([]string{"---"}, len(heads)))
	for _, row := range r.rows {
		if row.readme {
			write(row.cells())
		}
	}
	return b.String()
}
