package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	list := []float64{9, 1, 5, 3}
	if m := median(list); m != 4 || list[0] != 9 {
		t.Errorf("%v of %v", m, list)
	}
	if m := paired([]float64{2, 30, 8}, []float64{1, 10, 2}, ratio); m != 3 {
		t.Errorf("the median ratio is %v, which pairs have", m)
	}
}

// Each has its turn in every round, and none of them always comes first.
func TestTurns(t *testing.T) {
	var order strings.Builder
	contend := func(name string) contender {
		return func() (float64, error) { order.WriteString(name); return float64(order.Len()), nil }
	}
	times, err := turns(3, contend("a"), nil, contend("b"))
	if err != nil || len(times) != 3 || len(times[0]) != 3 || times[1] != nil || len(times[2]) != 3 {
		t.Errorf("%v, %v", times, err)
	}
	if got := order.String(); got != "ab"+"ba"+"ba"+"ab" {
		t.Error(got)
	}
}

func TestSummed(t *testing.T) {
	const text = `goos: linux
pkg: podman-mcp/parse
,benchmarks,,
,sec/op,CI
Containers-2,0.00126,2%
geomean,0.00126,

,B/s,CI
Containers-2,3.0e+08,2%

,B/op,CI
Containers-2,704929,0%

,allocs/op,CI
Containers-2,1513,0%
`
	figures, err := summed(text)
	if err != nil || figures["Containers"] != (figure{0.00126, 704929, 1513}) {
		t.Errorf("%+v, %v", figures, err)
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(path, []byte("before\n"+beginMark+"old\n"+endMark+"after\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := report{facts: facts{podman: "4.3.1", other: "0.0.15", date: "2026-11-25", command: "scripts/bench -write", pairs: 41}}
	r.rows = []row{{what: "podman_ps, 200 containers", ours: "1.00 ms", goal: r.goals.set(goalStart, true, "9 ms"), readme: true}, {what: "more", ours: "2"}}
	if err := r.write(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	for _, want := range []string{"before\n" + beginMark, "podman 4.3.1", "0.0.15", "2026-11-25", "`scripts/bench -write`", "1 of 15 goals met",
		"| podman_ps, 200 containers | 1.00 ms |  |  |  |  |  | at most 10 ms: met |\n" + endMark + "after\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "old") || strings.Contains(got, "more") {
		t.Error(got)
	}

	if err := os.WriteFile(path, []byte("no marks\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.write(path); err == nil {
		t.Error("it wrote a file that has no marks")
	}
}

// README.md has the marks, or a run of ten minutes ends in vain.
func TestReadmeHasTheMarks(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), beginMark) != 1 || strings.Count(string(text), endMark) != 1 {
		t.Error("README.md must have each mark of scripts/bench once")
	}
}
