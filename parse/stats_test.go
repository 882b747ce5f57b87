package parse

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestStatsGolden reads what podman tells of its containers and its machine and compares with
// testdata/stats.golden. Read each changed line before you run it with -update.
func TestStatsGolden(t *testing.T) {
	var b strings.Builder
	for _, dir := range versions(t, "testdata") {
		for _, file := range []string{"stats-one", "stats-tmpljson", "stats-exited", "info"} {
			out := []byte(readRecording(t, filepath.Join(dir, file+".txtar")).stdout)
			var v any
			var err error
			if v, err = Stats(out); file == "info" {
				v, err = Info(out)
			}
			if err != nil {
				t.Fatalf("%s of %s: %v", file, dir, err)
			}
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(filepath.Base(dir) + "/" + file + " " + string(text) + "\n")
		}
	}
	compareGolden(t, "testdata/stats.golden", b.String())
	list, err := Stats([]byte(readRecording(t, "testdata/podman-4.3.1/stats.txtar").stdout))
	if err != nil || len(list) < 10 {
		t.Errorf("%d containers, %v", len(list), err)
	}
}

func TestStats(t *testing.T) {
	for _, out := range []string{"json", "{", `[1]`, `{"ContainerID":"a"}`, `{"ContainerID":"a","MemUsage":"1"}`, `[{"id":"a","cpu_percent":"x"}]`, `{"MemUsage":1}`,
		`[{"id":"a","cpu_percent":"1%","mem_percent":"1%","mem_usage":"1XB / 1B","net_io":"--","block_io":"--"}]`} {
		if list, err := Stats([]byte(out)); err == nil {
			t.Errorf("%s is read as %+v", out, list)
		}
	}
	if list, err := Stats(nil); err != nil || list == nil || len(list) > 0 {
		t.Errorf("of nothing: %v, %v", list, err)
	}
	// 4.4 to 4.9 sum the network up.
	list, err := Stats([]byte(`{"ContainerID":"0123456789abcdef","Name":"a","MemUsage":5,"NetInput":7,"NetOutput":8,"PIDs":1}`))
	if err != nil || list[0].NetworkInBytes != 7 || list[0].NetworkOutBytes != 8 || !list[0].Running || list[0].ID != "0123456789ab" {
		t.Errorf("%+v, %v", list, err)
	}
	for text, want := range map[string]int64{"0B": 0, "866B": 866, "16.39kB": 16390, "2.003MB": 2003000, "25.28GB": 25280000000, "1TB": 1e12, "99EB": 1<<63 - 1} {
		if got, ok := humanSize(text); !ok || got != want {
			t.Errorf("%s is %d, want %d", text, got, want)
		}
	}
}
