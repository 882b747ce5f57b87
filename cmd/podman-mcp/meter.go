package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// meter shows a call's progress on a terminal: a bar where the total is known,
// as with a pull, and lines otherwise. A nil meter shows nothing.
type meter struct {
	out io.Writer

	mu    sync.Mutex
	bar   bool // one stands on the current line
	last  string
	lines int
}

const (
	barWidth  = 24
	eraseLine = "\r\x1b[K"
)

func (m *meter) show(message string, done, total float64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if total > 0 {
		part := min(max(done/total, 0), 1)
		full := int(part * barWidth)
		// Narrower than any terminal, so that it never wraps.
		m.print("%s[%s%s] %3.0f%% %s of %s", eraseLine, strings.Repeat("=", full), strings.Repeat(" ", barWidth-full),
			part*100, size(done), size(total))
		m.bar = true
		return
	}
	if message == "" || m.bar && message == m.last {
		return
	}
	m.erase()
	m.print("%s\n", message)
	m.last = message
	m.lines += 1 + strings.Count(message, "\n")
}

// shown is how many lines were printed.
func (m *meter) shown() int {
	if m == nil {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lines
}

// end takes a bar away.
func (m *meter) end() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.erase()
}

func (m *meter) erase() {
	if m.bar {
		m.print(eraseLine)
		m.bar = false
	}
}

// print ignores errors: a terminal that is gone has nobody to tell.
func (m *meter) print(format string, args ...any) { _, _ = fmt.Fprintf(m.out, format, args...) }

// size is a number of bytes for a person.
func size(n float64) string {
	for _, unit := range []string{"B", "kB", "MB"} {
		if n < 1000 {
			return fmt.Sprintf("%.3g %s", n, unit)
		}
		n /= 1000
	}
	return fmt.Sprintf("%.1f GB", n)
}
