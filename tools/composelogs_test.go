package tools

import (
	"strings"
	"testing"
)

// A follower's first lines are those of the past, and are not told again, also
// where podman tells whole seconds only. What comes after them is new.
func TestOldLines(t *testing.T) {
	lines := func(printed string) (list []string) {
		for text := range strings.FieldsSeq(printed) { // such as 3c: c in the third second
			list = append(list, at+text[:1]+".000000000Z "+text[1:])
		}
		return list
	}
	for name, c := range map[string]struct{ past, followed, fresh string }{
		"one a second":            {"1a 2b 3c", "1a 2b 3c 4d 5e", "d e"},
		"several a second":        {"2b 2c", "1a 2b 2c 2d 3e", "d e"},
		"the same one twice":      {"2b 2b", "1a 2b 2b 2b 3e", "b e"},
		"the last one was picked": {"1a", "1a 2b 3c", "b c"},
		"nothing before":          {"", "1a 2b", "a b"},
		"the last one was cut":    {"1a 2…", "1a 2long 3c", "c"},
		"the clock is set back":   {"3c", "3c 1d 2e", "d e"},
	} {
		t.Run(name, func(t *testing.T) {
			log := &memberLog{ring: newRing(100, 1000)}
			for _, line := range lines(c.past) {
				when, _ := stamped([]byte(line))
				log.add(PodLogsParams{Tail: 100}, when, line[stamp([]byte(line)):])
			}
			m := &member{}
			m.from(log)
			var fresh []string
			for _, line := range lines(c.followed) {
				if !m.old([]byte(line)) {
					fresh = append(fresh, line[stamp([]byte(line)):])
				}
			}
			if got := strings.Join(fresh, " "); got != c.fresh {
				t.Errorf("got %s, want %s", got, c.fresh)
			}
		})
	}
}
