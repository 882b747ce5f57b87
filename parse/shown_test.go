package parse

import "testing"

func TestHumanSize(t *testing.T) {
	for text, want := range map[string]int64{"0B": 0, "866B": 866, "16.39kB": 16390, "2.003MB": 2003000, "25.28GB": 25280000000, "1TB": 1e12, "99EB": 1<<63 - 1} {
		if got, ok := humanSize(text); !ok || got != want {
			t.Errorf("%s is %d, want %d", text, got, want)
		}
	}
	for _, text := range []string{"", "B", "1XB", "1", "-1B", "1.2.3B"} {
		if got, ok := humanSize(text); ok {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}
