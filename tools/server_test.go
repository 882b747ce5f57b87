package tools

import (
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/exec"
)

// A start makes no schema; the first request about tools makes them all.
func TestSchemasWaitForTheFirstRequestAboutTools(t *testing.T) {
	for name, about := range map[string]func(*mcp.ClientSession) error{
		"tools/list": func(s *mcp.ClientSession) error {
			list, err := s.ListTools(t.Context(), nil)
			if err == nil && len(list.Tools) != 1 {
				t.Errorf("%d tools", len(list.Tools))
			}
			return err
		},
		"tools/call": func(s *mcp.ClientSession) error {
			_, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: podmanVersion.Name})
			return err
		},
	} {
		made := 0
		tool := podmanVersion
		tool.schemas = func() (input, output *jsonschema.Schema) {
			made++
			return podmanVersion.schemas()
		}
		server := Server(t.Context(), "test", &Host{Runner: &exec.Runner{Podman: oldPodman(t, "5.8.2")}}, []Tool{tool})
		here, there := mcp.NewInMemoryTransports()
		if _, err := server.Connect(t.Context(), there, nil); err != nil {
			t.Fatal(err)
		}
		session, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), here, nil)
		if err != nil {
			t.Fatal(err)
		}
		if made != 0 {
			t.Errorf("initialize made %d", made)
		}
		for range 2 {
			if err := about(session); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if made != 1 {
			t.Errorf("%s made it %d times", name, made)
		}
		_ = session.Close()
	}
}
