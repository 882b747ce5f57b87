//go:build unix

package tools

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// slowPodman notes what it is asked, and makes nothing before the file go is there.
const slowPodman = `#!/bin/sh
cd "${0%/*}"
echo "$*" >>asked
case $* in *" create "*) touch began; until [ -e go ]; do sleep 0.01; done ;; esac
`

// TestUnmade: a call that is cancelled while podman makes something takes that
// away again, and nothing else.
func TestUnmade(t *testing.T) {
	for name, test := range map[string]struct {
		tool            Tool
		arguments, undo string
	}{
		"volume":  {podmanVolumeCreate, `{"name":"data"}`, "volume rm -- data"},
		"network": {podmanNetworkCreate, `{"name":"back"}`, "network rm -- back"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			podman := filepath.Join(dir, "podman")
			if err := os.WriteFile(podman, []byte(slowPodman), 0o700); err != nil {
				t.Fatal(err)
			}
			there := func() bool { _, err := os.Stat(filepath.Join(dir, "began")); return err == nil }
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				eventually(there)
				cancel()
				_ = os.WriteFile(filepath.Join(dir, "go"), nil, 0o600) // without it the test waits for its end
			}()
			c := &Call{Host: &Host{Runner: &exec.Runner{Podman: podman}}}
			_, err := test.tool.run(ctx, c, json.RawMessage(test.arguments))
			var f *parse.Failure
			if !errors.As(err, &f) || f.Code != parse.Cancelled {
				t.Errorf("got %v, want %s", err, parse.Cancelled)
			}
			asked, err := os.ReadFile(filepath.Join(dir, "asked"))
			if lines := strings.Split(strings.TrimSpace(string(asked)), "\n"); err != nil || len(lines) != 2 || lines[1] != test.undo {
				t.Errorf("podman was asked %q, %v", lines, err)
			}
		})
	}
}
