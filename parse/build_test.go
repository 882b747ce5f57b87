package parse

import (
	"strings"
	"testing"
)

func TestBuildProgress(t *testing.T) {
	id := strings.Repeat("ab", 32)
	for _, test := range []struct {
		name, output, steps string
		done, total         int
		id                  string
	}{
		{"one stage", "STEP 1/2: FROM scratch\nSTEP 2/2: COPY a b\nCOMMIT x\n--> abc\n" + id, "STEP 1/2: FROM scratch, STEP 2/2: COPY a b", 2, 2, id},
		{"two stages", "[1/2] STEP 1/2: FROM a AS b\n[1/2] STEP 2/2: RUN x\n[2/2] STEP 1/1: FROM b\n" + id,
			"[1/2] STEP 1/2: FROM a AS b, [1/2] STEP 2/2: RUN x, [2/2] STEP 1/1: FROM b", 3, 3, id},
		{"a stage is left out", "[2/3] STEP 1/1: FROM a\n[3/3] STEP 1/2: FROM b\n", "[2/3] STEP 1/1: FROM a, [3/3] STEP 1/2: FROM b", 2, 3, ""},
		{"a step that imitates others", "STEP 1/3: FROM a\nSTEP 3/3: RUN y\nSTEP 2/9: x\nSTEP 1/3: FROM a\nSTEP 4/3: z\n" + id + "\nSTEP 2/3: RUN x\n",
			"STEP 1/3: FROM a, STEP 2/3: RUN x", 2, 3, ""},
		{"a secret", "STEP 1/1: RUN curl -H 'Authorization: Bearer abcdefghijkl' x\n", "STEP 1/1: RUN curl -H 'Authorization: Bearer ***' x", 1, 1, ""},
		{"nothing", "Error: x\n", "", 0, 0, ""},
	} {
		var p BuildProgress
		var steps []string
		for line := range strings.Lines(test.output) {
			if p.Line(strings.TrimSuffix(line, "\n")) {
				steps = append(steps, p.Step())
			}
		}
		if got := strings.Join(steps, ", "); got != test.steps || p.Done() != test.done || p.Total() != test.total || p.ID() != test.id {
			t.Errorf("%s: %q, %d of %d, %q", test.name, got, p.Done(), p.Total(), p.ID())
		}
	}
}

func TestLoaded(t *testing.T) {
	list, err := Loaded([]byte("Loaded image: localhost/a:1\nLoaded image: sha256:abc\n"))
	if err != nil || strings.Join(list, " ") != "localhost/a:1 sha256:abc" {
		t.Error(list, err)
	}
	if _, err := Loaded([]byte("something else\n")); err == nil {
		t.Error("no error")
	}
}
