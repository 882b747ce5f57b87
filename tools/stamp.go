package tools

import (
	"bytes"
	"time"
)

// stamp is the length of the time that podman logs --timestamps writes before a
// line, with the blank behind it; 0 where there is none.
// It is RFC 3339 such as 2026-11-22T13:53:03.600582048Z or …+01:00.
func stamp(line []byte) int {
	const seconds = len("2026-11-22T13:53:03")
	if len(line) < seconds+1 || line[4] != '-' || line[7] != '-' || line[10] != 'T' || line[13] != ':' || line[16] != ':' {
		return 0
	}
	at := seconds
	if line[at] == '.' {
		for at++; at < len(line) && line[at] >= '0' && line[at] <= '9'; at++ {
		}
	}
	switch {
	case at < len(line) && line[at] == 'Z':
		at++
	case at+6 <= len(line) && (line[at] == '+' || line[at] == '-') && line[at+3] == ':':
		at += 6
	default:
		return 0
	}
	if at < len(line) && line[at] == ' ' {
		return at + 1
	}
	return 0
}

// stamped reads the time before a line.
func stamped(line []byte) (time.Time, bool) {
	n := stamp(line)
	if n == 0 {
		return time.Time{}, false
	}
	when, err := time.Parse(time.RFC3339Nano, string(line[:n-1]))
	return when, err == nil
}

// onePiece takes the further times out of a line. A container may print a line
// piece by piece, and podman writes the time before each of them. These differ
// from times that the container itself prints: they are of the same form as the
// one before, not earlier, and not of the future.
func onePiece(line []byte) []byte {
	length := stamp(line)
	if length == 0 {
		return line
	}
	var whole []byte
	before := line[:length]
	done, from := 0, length+1
	for from < len(line) {
		i := bytes.Index(line[from:], line[:5])
		if i < 0 {
			break
		}
		i += from
		if stamp(line[i:]) != length || bytes.Compare(line[i:i+length], before) < 0 || !past(line[i:]) {
			from = i + 1
			continue
		}
		whole = append(whole, line[done:i]...)
		before = line[i : i+length]
		done, from = i+length, i+length+1
	}
	if done == 0 {
		return line
	}
	return append(whole, line[done:]...)
}

// past tells whether the time before a line has come. Podman's machine may have
// another clock.
func past(line []byte) bool {
	when, ok := stamped(line)
	return ok && when.Before(time.Now().Add(time.Minute))
}
