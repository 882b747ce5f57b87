package main

import "slices"

// nearest returns the up to two names that are most like name, if any is.
func nearest(name string, names []string) []string {
	near := slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		return distance(name, n) > max(2, len(name)/3)
	})
	slices.SortStableFunc(near, func(a, b string) int { return distance(name, a) - distance(name, b) })
	return near[:min(2, len(near))]
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
