package tools

import (
	"slices"
	"strings"
)

// Nearest returns the up to three names that are most like name: those that
// hold it or are held in it, and those a few typing errors away.
func Nearest(name string, names []string) []string {
	type scored struct {
		name  string
		score int
	}
	var near []scored
	if name == "" {
		return nil
	}
	most := min(max(2, len(name)/3), max(1, len(name)-1)) // two errors make any word of two letters
	for _, n := range names {
		score := distance(strings.ToLower(name), strings.ToLower(n))
		if strings.Contains(n, name) || strings.Contains(name, n) {
			score = min(score, 1)
		}
		if score <= most {
			near = append(near, scored{n, score})
		}
	}
	slices.SortStableFunc(near, func(a, b scored) int { return a.score - b.score })
	var out []string
	for _, n := range near[:min(3, len(near))] {
		out = append(out, n.name)
	}
	return out
}

// distance counts the insertions, removals and replacements between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
