package parse

import (
	"strings"
	"unicode/utf8"
)

// Clean makes text of a container fit to be shown to a model or on a terminal. It removes ANSI escape
// sequences, control characters other than newline and tab, and characters that are invisible or turn the
// direction of text; \r\n becomes \n, invalid UTF-8 becomes U+FFFD. Text that needs nothing is returned as it is.
func Clean(s string) string {
	i := 0
	for i < len(s) && (s[i] >= 0x20 && s[i] < 0x7F || s[i] == '\n' || s[i] == '\t') {
		i++
	}
	if i == len(s) {
		return s
	}
	return cleanFrom(s, i)
}

// cleanFrom cleans s, of which the first n bytes are known to be clean.
func cleanFrom(s string, n int) string {
	changed := false
	var b strings.Builder
	for i := n; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		end := i + size
		switch {
		case r == utf8.RuneError && size == 1: // invalid
			r = utf8.RuneError
		case isEscape(r):
			r, end = drop, escapeEnd(s, r, end)
		case r == '\n' || r == '\t':
		case r < 0x20 || r >= 0x7F && r < 0xA0 || invisible(r):
			r = drop
		default:
			if changed {
				b.WriteString(s[i:end])
			}
			i = end
			continue
		}
		same := r != drop && end == i+utf8.RuneLen(r)
		if !same && !changed {
			changed = true
			b.Grow(len(s))
			b.WriteString(s[:i])
		}
		if changed && r != drop {
			b.WriteRune(r)
		}
		i = end
	}
	if !changed {
		return s
	}
	return b.String()
}

const drop rune = -1

// The introducers of ECMA-48 control sequences: ESC and, as one character each, DCS, SOS, CSI, OSC, PM and APC.
const (
	esc = 0x1B
	dcs = 0x90
	sos = 0x98
	csi = 0x9B
	st  = 0x9C
	osc = 0x9D
	pm  = 0x9E
	apc = 0x9F
)

func isEscape(r rune) bool {
	switch r {
	case esc, dcs, sos, csi, osc, pm, apc:
		return true
	}
	return false
}

// escapeEnd gives the index after the control sequence whose introducer r ends at at.
func escapeEnd(s string, r rune, at int) int {
	if r == esc {
		if at == len(s) {
			return at
		}
		switch c := s[at]; {
		case c == '[':
			r, at = csi, at+1
		case c == ']':
			r, at = osc, at+1
		case c == 'P' || c == 'X' || c == '^' || c == '_':
			r, at = dcs, at+1
		default: // ESC, intermediates, one final character
			for at < len(s) && s[at] >= 0x20 && s[at] <= 0x2F {
				at++
			}
			if at < len(s) && s[at] >= 0x30 && s[at] <= 0x7E {
				at++
			}
			return at
		}
	}
	if r == csi {
		for at < len(s) && s[at] >= 0x20 && s[at] <= 0x3F {
			at++
		}
		if at < len(s) && s[at] >= 0x40 && s[at] <= 0x7E {
			at++
		}
		return at
	}
	return stringEnd(s, at)
}

// maxControlString bounds what one OSC or DCS can hide: without its end only the introducer goes.
const maxControlString = 4096 // bytes

// stringEnd finds the end of an OSC, DCS, SOS, PM or APC string: BEL, ESC \ or ST, on the same line. A string
// that does not end would else swallow the rest of a log.
func stringEnd(s string, from int) int {
	limit := min(len(s), from+maxControlString)
	for i := from; i < limit; i++ {
		switch c := s[i]; {
		case c == '\a':
			return i + 1
		case c == esc && i+1 < len(s) && s[i+1] == '\\':
			return i + 2
		case c == 0xC2 && i+1 < len(s) && s[i+1] == st:
			return i + 2
		case c == '\n', c == esc:
			return from
		}
	}
	return from
}

// invisible tells of characters that show nothing or reorder what is around them, with which text can say
// another thing to a model than to a person: Unicode's format characters but those that stand before numbers and
// are seen, what it wants ignored where it cannot be shown, selectors of variants (also of emoji, in which any
// bytes can hide) and separators of lines. TestInvisible holds it against Unicode's tables; Unicode 15.
func invisible(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case r < 0x2000:
		return r == 0xAD || r == 0x34F || r == 0x61C || r == 0x115F || r == 0x1160 || r == 0x17B4 || r == 0x17B5 || r >= 0x180B && r <= 0x180F
	case r < 0x2070:
		return r >= 0x200B && r <= 0x200F || r >= 0x2028 && r <= 0x202E || r >= 0x2060
	case r < 0xFE00:
		return r == 0x3164
	case r <= 0xFFFF:
		return r <= 0xFE0F || r == 0xFEFF || r == 0xFFA0 || r >= 0xFFF0 && r <= 0xFFFB
	}
	return r >= 0x13430 && r <= 0x1343F || r >= 0x1BCA0 && r <= 0x1BCA3 || r >= 0x1D173 && r <= 0x1D17A || r >= 0xE0000 && r <= 0xE0FFF
}
