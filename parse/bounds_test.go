package parse

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestNoFlood: what somebody wrote into an image, a volume or a network floods no model.
func TestNoFlood(t *testing.T) {
	labels := map[string]string{"a": strings.Repeat("x", 1<<20), strings.Repeat("k", 1<<20): "v"}
	var env, words []string
	for i := range 2000 {
		labels[fmt.Sprintf("label%04d", i)] = strings.Repeat("y", 300)
		env = append(env, fmt.Sprintf("KEY%d=%s", i, strings.Repeat("z", 3000)))
		words = append(words, strings.Repeat("w", 3000))
	}
	config := map[string]any{"Labels": labels, "Env": env, "Cmd": words, "Entrypoint": words}
	record := func(fields map[string]any) []byte {
		text, err := json.Marshal([]map[string]any{fields})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	one := record(map[string]any{"Id": strings.Repeat("1", 64), "Name": "n", "name": "n", "Config": config, "Args": words, "Labels": labels,
		"labels": labels, "Options": labels, "Spec": map[string]any{"Name": "n", "Labels": labels}, "ID": "1"})
	for name, read := range map[string]func([]byte) (any, error){
		"container": func(b []byte) (any, error) { d, err := InspectContainer(b); return d.Shown(), err },
		"image":     func(b []byte) (any, error) { return InspectImage(b) },
		"volume":    func(b []byte) (any, error) { return InspectVolume(b) },
		"network":   func(b []byte) (any, error) { return InspectNetwork(b) },
		"pod":       func(b []byte) (any, error) { return InspectPod(b) },
		"volumes":   func(b []byte) (any, error) { return Volumes(b) },
		"networks":  func(b []byte) (any, error) { return Networks(b) },
		"pods":      func(b []byte) (any, error) { return Pods(b) },
		"secrets":   func(b []byte) (any, error) { return StoredSecrets(b) },
	} {
		got, err := read(one)
		text, _ := json.Marshal(got)
		if err != nil || len(text) > 180<<10 || !strings.Contains(string(text), `"label0001":"yyy`) || !strings.Contains(string(text), `"…":"1952 more"`) {
			t.Errorf("%s: %d bytes, %v: %.200s", name, len(text), err, text)
		}
	}
	if _, err := Full(one); err == nil || err.(*Failure).Code != InvalidParams || !strings.Contains(err.(*Failure).Hint, "Config") {
		t.Errorf("the whole of %d bytes is given: %v", len(one), err)
	}
	if got, err := Query(one, "Config.Labels.label0001"); err != nil || len(got) != 302 {
		t.Errorf("a part of it is not given: %s, %v", got, err)
	}
}
