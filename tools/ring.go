package tools

import (
	"strings"
	"unicode/utf8"
)

// ring keeps the newest lines of a text, bounded in lines and in bytes.
type ring struct {
	maxLines, maxBytes int

	lines []string // from first on, the oldest first
	first int
	bytes int // of the kept lines with their ends
	total int // lines ever added
	cut   bool
}

func newRing(maxLines, maxBytes int) *ring { return &ring{maxLines: maxLines, maxBytes: maxBytes} }

func (r *ring) add(line string) {
	r.total++
	if r.maxLines == 0 {
		return
	}
	over := len(line) + 1 - r.maxBytes
	r.cut = over > 0 // a cut line fills the ring: the next one takes its place
	if r.cut {
		line = line[over:]
		for line != "" && !utf8.RuneStart(line[0]) {
			line = line[1:]
		}
	}
	r.lines = append(r.lines, line)
	r.bytes += len(line) + 1
	for len(r.lines)-r.first > r.maxLines || r.bytes > r.maxBytes {
		r.bytes -= len(r.lines[r.first]) + 1
		r.lines[r.first] = ""
		r.first++
	}
	if r.first > 1024 && r.first > len(r.lines)/2 {
		r.lines = append(r.lines[:0], r.lines[r.first:]...)
		r.first = 0
	}
}

// text returns the kept lines and how many they are.
func (r *ring) text() (string, int) {
	kept := r.lines[r.first:]
	return strings.Join(kept, "\n"), len(kept)
}
