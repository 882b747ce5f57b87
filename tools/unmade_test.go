package tools

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/fixtures"
	"podman-mcp/parse"
)

// TestUnmade: a call that is cancelled while podman makes something takes that
// away again, and nothing else.
func TestUnmade(t *testing.T) {
	for name, test := range map[string]struct {
		tool      Tool
		arguments string
		undo      []string
	}{
		"volume":  {podmanVolumeCreate, `{"name":"data"}`, []string{"podman", "volume", "rm", "--", "data"}},
		"network": {podmanNetworkCreate, `{"name":"back"}`, []string{"podman", "network", "rm", "--", "back"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &fixtures.Recording{Call: fixtures.Call{Tool: test.tool.Name}, Processes: []fixtures.Process{{Argv: []string{"podman"}}, {Argv: []string{"podman"}}}}
			stage, err := fixtures.NewStage(t.TempDir(), r, fixtures.Update)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			c := &Call{Host: &Host{Runner: &exec.Runner{Podman: stage.Program("podman")}}}
			_, err = test.tool.run(ctx, c, json.RawMessage(test.arguments))
			var f *parse.Failure
			if !errors.As(err, &f) || f.Code != parse.Cancelled {
				t.Errorf("got %v, want %s", err, parse.Cancelled)
			}
			acts, err := stage.Acts()
			if err != nil || len(acts) != 2 || !slices.Equal(acts[1].Argv, test.undo) {
				t.Errorf("ran %+v, %v", acts, err)
			}
		})
	}
}
