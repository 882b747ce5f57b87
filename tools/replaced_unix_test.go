//go:build unix

package tools

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// TestReplaced: podman's executable becomes something else between two calls of
// one session, and itself again.
func TestReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "podman")
	become := func(text string, mode os.FileMode) {
		t.Helper()
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	const good = "#!/bin/sh\necho '[]'\n"
	become(good, 0o700)
	session := connect(t, &Host{Runner: &exec.Runner{Podman: path}}, func(*mcp.ProgressNotificationParams) {})
	call := func(tool string, arguments map[string]any) performance {
		t.Helper()
		p := performance{tool: toolNamed(t, tool)}
		var err error
		if p.result, err = session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments}); err != nil {
			t.Fatal(err)
		}
		p.validate(t)
		return p
	}
	for _, test := range []struct {
		name    string
		replace func()
		code    parse.Code
	}{
		{"another program", func() { become("#!/bin/sh\necho hello\n", 0o700) }, parse.OutputInvalid},
		{"one that prints no text", func() { become("#!/bin/sh\nprintf '\\377\\376\\000\\001'\n", 0o700) }, parse.OutputInvalid},
		{"one that kills itself", func() { become("#!/bin/sh\nkill -SEGV $$\n", 0o700) }, parse.PodmanError},
		{"half a program", func() { become("\x7fELF\x02\x01\x01", 0o700) }, parse.NotConnected},
		{"no executable", func() { become(good, 0o600) }, parse.PermissionDenied},
		{"an interpreter that is missing", func() { become("#!/no/such/shell\n", 0o700) }, parse.NotConnected},
		{"a folder", func() { become(good, 0o700); _ = os.Remove(path); _ = os.Mkdir(path, 0o700) }, parse.PermissionDenied},
		{"nothing", func() { _ = os.RemoveAll(path) }, parse.NotConnected},
	} {
		test.replace()
		for tool, arguments := range map[string]map[string]any{
			"podman_ps":     {},
			"podman_images": {},
			"podman_run":    {"image": "localhost/web", "network": "none"},
			"podman_build":  {"containerfile": "FROM localhost/web\n"},
		} {
			got := call(tool, arguments)
			f := got.failure(t)
			switch {
			case f == nil:
				t.Errorf("%s: %s succeeds: %s", test.name, tool, got.text(t))
			case strings.Contains(f.Message, "has a defect"), f.Code != test.code:
				t.Errorf("%s: %s: got %s, want %s", test.name, tool, got.text(t), test.code)
			}
		}
		become(good, 0o700)
		if got := call("podman_ps", nil); got.result.IsError {
			t.Errorf("after %s: %s", test.name, got.text(t))
		}
	}
}
