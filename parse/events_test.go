package parse

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEventsGolden reads every kind of event that was recorded and compares with testdata/events.golden. Read
// each changed line before you run it with -update.
func TestEventsGolden(t *testing.T) {
	var b strings.Builder
	for _, dir := range versions(t, "testdata") {
		stream, err := os.ReadFile(filepath.Join(dir, "events-stream.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		stream = append(stream, readRecording(t, filepath.Join(dir, "events-health.txtar")).stdout...)
		seen := map[string]bool{}
		for line := range bytes.Lines(stream) {
			e, err := Events(line)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			kind := e.Type + " " + e.Action + e.Attributes["health_status"]
			if seen[kind] {
				continue
			}
			seen[kind] = true
			text, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(filepath.Base(dir) + " " + string(text) + "\n")
		}
	}
	compareGolden(t, "testdata/events.golden", b.String())
}

func TestEvents(t *testing.T) {
	for _, line := range []string{"", "null", "[]", "{}", "json", `{"Type":"container"}`, `{"Status":"start"}`, `{"Type":`, "time=\"x\" level=warning"} {
		if e, err := Events([]byte(line)); err == nil {
			t.Errorf("%q is read as %+v", line, e)
		}
	}
	e, err := Events([]byte(`{"ID":"0123456789abcdef","Image":"x\u001b[31m","Name":"web","Status":"died","Time":"2026-11-22T14:53:07.376313775+01:00","Type":"container","PodID":"fedcba9876543210",
		"Attributes":{"com.docker.compose.project":"shop","com.docker.compose.service":"db","API_TOKEN":"hunter2"}}`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(e)
	const want = `{"time":"2026-11-22T13:53:07.376Z","type":"container","action":"died","id":"0123456789ab","name":"web","image":"x",` +
		`"pod":"fedcba987654","exit_code":0,"attributes":{"compose_project":"shop","compose_service":"db"}}`
	if err != nil || string(text) != want {
		t.Errorf("got\n%s, want\n%s", text, want)
	}
	e, err = Events([]byte(`{"Name":"x","Status":"pull-error","Type":"image","Error":"Get https://ann:hunter2@registry/v2: PASSWORD=hunter2"}`))
	if err != nil || strings.Contains(e.Attributes["error"], "hunter2") || e.Attributes["error"] == "" {
		t.Errorf("%+v, %v", e, err)
	}
}

// FuzzLive feeds the readers of what is watched: none panics, each gives a value that is JSON, or a *Failure.
func FuzzLive(f *testing.F) {
	seeds(f, "testdata/podman-*/[ei][vn]*.txtar", func(r recording) { f.Add([]byte(r.stdout)) })
	seeds(f, "testdata/podman-*/stats*.txtar", func(r recording) { f.Add([]byte(r.stdout)) })
	f.Add([]byte(`{"ContainerID":"a","MemUsage":1e999,"CPU":1e308,"CPUNano":1e999,"Network":[{"RxBytes":-1}]}`))
	f.Add([]byte(`[{"id":"a","cpu_percent":"NaN%","mem_usage":"1e9B / 9EB"}]`))
	f.Fuzz(func(t *testing.T, out []byte) {
		check := func(v any, err error) {
			if err != nil {
				fail, ok := err.(*Failure)
				if !ok {
					t.Fatalf("%T is no failure", err)
				}
				checkFailure(t, fail)
				return
			}
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if plain := strings.ReplaceAll(string(text), `\\`, ""); strings.Contains(plain, `\u001b`) || strings.Contains(plain, `\u0000`) {
				t.Fatalf("not clean: %s", text)
			}
		}
		event, err := Events(out)
		check(event, err)
		list, err := Stats(out)
		check(list, err)
		info, err := Info(out)
		check(info, err)
	})
}
