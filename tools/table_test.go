package tools

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/jsonschema-go/jsonschema"

	"podman-mcp/fixtures"
)

// parameters are those that the tools were asked for, by their exact names.
func parameters() map[string]string {
	all := map[string]string{}
	for _, some := range []map[string]string{containerParameters(), imageParameters(), composeParameters(), podParameters(), volumeParameters(),
		networkParameters(), secretParameters(), systemParameters(), machineParameters(), kubeParameters()} {
		maps.Copy(all, some)
	}
	return all
}

func TestTable(t *testing.T) {
	wanted := parameters()
	for _, tool := range All() {
		t.Run(tool.Name, func(t *testing.T) {
			d := tool.definition()
			input, output := tool.Schemas()
			if d.Title == "" || d.Annotations.Title != "" { // once is enough
				t.Errorf("titles %q and %q", d.Title, d.Annotations.Title)
			}
			if n := utf8.RuneCountInString(d.Description); n < 1 || n > 400 {
				t.Errorf("a description of %d characters, want 1 to 400", n)
			}
			a := d.Annotations
			if a.DestructiveHint == nil || a.OpenWorldHint == nil {
				t.Fatal("a hint is left to its default, which is true")
			}
			if a.ReadOnlyHint != (tool.Effect == Reads) || *a.DestructiveHint != (tool.Effect == Removes || tool.Destructive) || a.ReadOnlyHint && !a.IdempotentHint {
				t.Errorf("effect %v does not fit the annotations %+v", tool.Effect, a)
			}
			if tool.timeout() <= 0 || tool.Toolset == "" {
				t.Errorf("timeout %v, toolset %q", tool.timeout(), tool.Toolset)
			}
			if output == nil || output.Type != "object" {
				t.Error("no output schema of an object")
			}
			names, want := slices.Sorted(slices.Values(input.PropertyOrder)), strings.Fields(wanted[tool.Name])
			slices.Sort(want)
			if !slices.Equal(names, want) {
				t.Errorf("parameters\n  %v, want\n  %v", names, want)
			}
			sound(t, "parameters", input, true)
			sound(t, "result", output, false)
		})
		delete(wanted, tool.Name)
	}
	for name := range wanted {
		t.Errorf("there is no tool %s", name)
	}
}

// sound holds a schema to what strict clients take and models need.
func sound(t *testing.T, at string, s *jsonschema.Schema, input bool) {
	t.Helper()
	switch {
	case len(s.Types) > 0:
		t.Errorf("%s: several types %v", at, s.Types)
	case s.Type == "" && input:
		t.Errorf("%s: no type", at)
	}
	if s.Type == "object" && s.Properties != nil && input && (s.AdditionalProperties == nil || s.AdditionalProperties.Not == nil) {
		t.Errorf("%s: takes further properties", at)
	}
	if s.Default != nil {
		var value any
		resolved, err := s.Resolve(nil)
		if err == nil {
			err = json.Unmarshal(s.Default, &value)
		}
		if err == nil {
			err = resolved.Validate(value)
		}
		if err != nil {
			t.Errorf("%s: default %s: %v", at, s.Default, err)
		}
	}
	for name, p := range s.Properties {
		if input && p.Description == "" && !obvious(name, p) {
			t.Errorf("%s.%s: no description", at, name)
		}
		if utf8.RuneCountInString(p.Description) > 160 {
			t.Errorf("%s.%s: a description of more than 160 characters", at, name)
		}
		sound(t, at+"."+name, p, input)
	}
	if s.Items != nil {
		sound(t, at+"[]", s.Items, input)
	}
	for _, name := range s.Required {
		if s.Properties[name] == nil || s.Properties[name].Default != nil {
			t.Errorf("%s: requires %s, which is not there or has a default", at, name)
		}
	}
}

// obvious are the names that say it all, beside those with an enum.
func obvious(name string, s *jsonschema.Schema) bool {
	return len(s.Enum) > 0 || slices.Contains([]string{"workdir", "network", "timestamps", "interval", "retries", "start_period", "health",
		"detach", "build", "wait"}, name)
}

// TestSchemas compares each tool, as clients see it, with its snapshot.
func TestSchemas(t *testing.T) {
	for _, tool := range All() {
		t.Run(tool.Name, func(t *testing.T) {
			now, err := json.MarshalIndent(tool.definition(), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "schema", tool.Name+".json")
			if *update {
				if err := os.WriteFile(file, append(now, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			snapshot, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := fixtures.Diff(string(snapshot), string(now)+"\n"); diff != "" {
				t.Errorf("clients see another tool; go test ./tools -run Schemas -update takes it as it is now\n%s", diff)
			}
		})
	}
}
