package parse

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestSecretNames(t *testing.T) {
	for version, out := range stdout(t, "secret-ls-tmpljson") {
		if list, err := SecretNames(out); err != nil || !slices.Equal(list, []string{"h2-sec"}) {
			t.Errorf("%s: %v, %v", version, list, err)
		}
	}
	for version, out := range stdout(t, "secret-ls-empty") {
		if list, err := SecretNames(out); err != nil || list == nil || len(list) != 0 {
			t.Errorf("%s, of none: %v, %v", version, list, err)
		}
	}
	for version, out := range stdout(t, "secret-ls") { // the word json
		if list, err := SecretNames(out); err == nil {
			t.Errorf("%s: %v", version, list)
		}
	}
}

// TestStoredSecrets: neither a value, which podman would show if asked, nor a
// driver's options are told.
func TestStoredSecrets(t *testing.T) {
	list, err := StoredSecrets([]byte(`[{"ID":"0b9328e856088cb3b76b61224","CreatedAt":"2026-01-01T00:00:00.1Z","UpdatedAt":"2026-01-02T00:00:00Z","SecretData":"hunter2",
		"Spec":{"Name":"db","Driver":{"Name":"shell","Options":{"lookup":"echo hunter2"}},"Labels":{"a":"b","token":"hunter2"}}}]`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"id":"0b9328e85608","name":"db","driver":"shell","created":"2026-01-01T00:00:00Z","updated":"2026-01-02T00:00:00Z","labels":{"a":"b","token":"***"}}]`
	if string(text) != want || strings.Contains(string(text), "hunter2") {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	for _, out := range []string{"json", "[{}]", `[{"Spec":{}}]`} {
		if list, err := StoredSecrets([]byte(out)); err == nil {
			t.Errorf("%s is read as %+v", out, list)
		}
	}
}
