package tools

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// TestSecretSource: only the operator's variables and plain files of allowed
// folders become secrets, and nothing runs before that is clear.
func TestSecretSource(t *testing.T) {
	t.Setenv("OPERATORS_OWN", "hunter2")
	t.Setenv("PASSED_ON", "hunter3")
	work := t.TempDir()
	value := filepath.Join(work, "value")
	if err := os.WriteFile(value, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		in   SecretCreateParams
		code parse.Code
		says string
	}{
		{"neither", SecretCreateParams{Name: "s"}, parse.InvalidParams, "one of the two"},
		{"both", SecretCreateParams{Name: "s", File: "x", Env: "PASSED_ON"}, parse.InvalidParams, "one of the two"},
		{"a variable that is not passed on", SecretCreateParams{Name: "s", Env: "OPERATORS_OWN"}, parse.PolicyDenied, "--env-pass; those allowed: PASSED_ON"},
		{"one that every podman sees", SecretCreateParams{Name: "s", Env: "PATH"}, parse.PolicyDenied, "--env-pass"},
		{"a part of one", SecretCreateParams{Name: "s", Env: "PASSED"}, parse.PolicyDenied, "--env-pass"},
		{"a variable that is", SecretCreateParams{Name: "s", Env: "PASSED_ON"}, parse.NotConnected, ""},
		{"no such file", SecretCreateParams{Name: "s", File: File(value + "2")}, parse.InvalidParams, "does not exist"},
		{"a folder", SecretCreateParams{Name: "s", File: File(filepath.Join(work, "."))}, parse.InvalidParams, "no plain file"},
		{"outside of the roots", SecretCreateParams{Name: "s", File: "/srv/shadow"}, parse.PolicyDenied, "--allow-root /srv/shadow"},
		{"a file", SecretCreateParams{Name: "s", File: File(value)}, parse.NotConnected, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			host := &Host{Runner: &exec.Runner{Podman: filepath.Join(work, "podman"), Pass: []string{"PASSED_ON"}}, Roots: Roots{work}}
			_, err := secretCreate(t.Context(), &Call{Host: host}, c.in)
			f := (&Call{Host: host}).failure(context.Background(), err, readTimeout)
			if f.Code != c.code || !strings.Contains(f.Message+" "+f.Hint, c.says) || strings.Contains(f.Error()+f.Details, "hunter") {
				t.Errorf("got %v, want %s and %q", f, c.code, c.says)
			}
		})
	}
}
