package parse

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestStatsGolden reads what podman tells of its containers and its machine and compares with
// testdata/stats.golden. Read each changed line before you run it with -update.
func TestStatsGolden(t *testing.T) {
	var b strings.Builder
	for _, dir := range versions(t, "testdata") {
		for _, file := range []string{"stats-numbers", "info"} {
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
}

func TestStats(t *testing.T) {
	for _, out := range []string{"json", "{", `[1]`, `{"ContainerID":"a"}`, `{"ContainerID":"a","MemUsage":"1"}`, `{"MemUsage":1}`,
		// What 4.3 prints for {{json .}}.
		`[{"id":"e81bc5aef723","name":"web","cpu_percent":"0.04%","mem_usage":"1.368MB / 25.28GB","pids":"6"}]`} {
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
}

// TestStatSince takes two measures a second apart.
func TestStatSince(t *testing.T) {
	measure := func(busy, at int64) Stat {
		list, err := Stats(fmt.Appendf(nil, `{"ContainerID":"0123456789abcdef","MemUsage":5,"CPUNano":%d,"SystemNano":%d}`, busy, at))
		if err != nil {
			t.Fatal(err)
		}
		return list[0]
	}
	first := measure(1e9, 100e9)
	if percent, ok := measure(1.5e9, 101e9).Since(first); !ok || percent != 50 {
		t.Errorf("half a second in one: %v, %v", percent, ok)
	}
	for name, later := range map[string]Stat{"at the same moment": first, "started anew": measure(1e8, 101e9), "stopped": measure(0, 0)} {
		if percent, ok := later.Since(first); ok {
			t.Errorf("%s: %v", name, percent)
		}
	}
	if percent, ok := first.Since(measure(0, 0)); ok {
		t.Errorf("of what did not run: %v", percent)
	}
}
