package tools

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/fixtures"
	"podman-mcp/parse"
)

var recordedCode = regexp.MustCompile(`"code": "([A-Z_]+)"`)

// TestEveryCode fails for a code that no recording shows.
func TestEveryCode(t *testing.T) {
	seen := map[parse.Code]string{}
	for _, file := range recordings(t) {
		r, err := fixtures.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range recordedCode.FindAllStringSubmatch(r.Result, -1) {
			seen[parse.Code(m[1])] = file
		}
	}
	for _, code := range parse.Codes() {
		if code == parse.RateLimited {
			continue // comes before any tool: see serve's TestLimit
		}
		if seen[code] == "" {
			t.Errorf("%s is seen in no recording", code)
		}
	}
}

// TestEveryTool fails for a tool without a good and a bad recording of each version.
func TestEveryTool(t *testing.T) {
	noProcess := map[string]bool{"podman_compose_config": true} // reads a file only
	has := map[string]bool{}
	versions := map[string]bool{}
	for _, file := range recordings(t) {
		r, err := fixtures.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		kind := "good"
		if strings.Contains(r.Result, `"error": {`) && strings.Contains(r.Result, `"code": "`) {
			kind = "bad"
		}
		version := fixtures.Version(file)
		versions[version] = true
		if len(r.Processes) > 0 || kind == "bad" || noProcess[r.Call.Tool] {
			has[version+" "+r.Call.Tool+" "+kind] = true
		}
		base := strings.TrimPrefix(r.Call.Tool, "podman_")
		base = strings.ReplaceAll(base, "_", "-")
		if name := strings.TrimSuffix(filepath.Base(file), ".txtar"); name != base && !strings.HasPrefix(name, base+"-") {
			t.Errorf("%s holds a call of %s", file, r.Call.Tool)
		}
		if !strings.HasSuffix(r.Story, ".") {
			t.Errorf("%s: the story is no sentence: %q", file, r.Story)
		}
	}
	for version := range versions {
		for _, tool := range All() {
			for _, kind := range []string{"good", "bad"} {
				key := version + " " + tool.Name + " " + kind
				switch lacks := lacking()[key]; {
				case !has[key] && lacks == "":
					t.Errorf("no recording: %s", key)
				case has[key] && lacks != "":
					t.Errorf("there is a recording after all: %s", key)
				}
			}
		}
	}
}

// lacking are the recordings that there cannot be.
func lacking() map[string]string {
	return map[string]string{
		"4.3.1 podman_kube_apply good": "it has no such command",
		"4.3.1 podman_farm_build good": "it has no such command",
	}
}

// TestFlags looks every flag of the recordings up in that podman's own --help,
// but for what podman refused because it is too old.
func TestFlags(t *testing.T) {
	known := knownFlags(t)
	for _, file := range recordings(t) {
		r, err := fixtures.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range r.Processes {
			if p.Argv[0] != "podman" {
				continue
			}
			verb, flags := split(p.Argv[1:])
			if strings.HasPrefix(verb, "compose ") {
				continue // what podman 4.3 lacks, and hands on whatever its flags elsewhere
			}
			list, ok := known[fixtures.Version(file)][verb]
			if !ok && (strings.Contains(p.Stderr, "unknown flag: --") || strings.Contains(p.Stderr, "unrecognized command")) {
				continue
			}
			if !ok {
				t.Errorf("%s: process %d: podman %s has no subcommand %q in fixtures/flags.json", file, i+1, fixtures.Version(file), verb)
				continue
			}
			for _, flag := range flags {
				if strings.Contains(p.Stderr, "unknown flag: --"+flag+"\n") {
					continue
				}
				if list[flag] == "" && known[fixtures.Version(file)][""][flag] == "" {
					t.Errorf("%s: process %d: podman %s %s has no flag --%s", file, i+1, fixtures.Version(file), verb, flag)
				}
			}
		}
	}
}

// split gives the subcommand of a command line and the names of its flags.
// Ours give every value with "=" and end the flags with "--".
func split(words []string) (verb string, flags []string) {
	var verbs []string
	for _, word := range words {
		name, isFlag := strings.CutPrefix(word, "--")
		switch {
		case word == "--":
			return strings.Join(verbs, " "), flags
		case isFlag:
			name, _, _ = strings.Cut(name, "=")
			flags = append(flags, name)
		default:
			verbs = append(verbs, word)
		}
	}
	return strings.Join(verbs, " "), flags
}

// TestNoPodman: the executable is not there, so no recording can tell of it.
func TestNoPodman(t *testing.T) {
	for name, podman := range map[string]string{"name": "podman-mcp-no-such-program", "path": filepath.Join(t.TempDir(), "podman")} {
		t.Run(name, func(t *testing.T) {
			for _, tool := range All() {
				if tool.Toolset == Compose || tool.Name == "podman_quadlet_rm" {
					continue // asks for its provider first, or looks for the file
				}
				f := fails(t, tool, &exec.Runner{Podman: podman}, example(t, tool))
				if f.Code != parse.NotConnected || !strings.Contains(f.Hint, "--podman") {
					t.Errorf("%s: got %v, want %s with a hint at --podman", tool.Name, f, parse.NotConnected)
				}
			}
		})
	}
}

// TestNoPermission: the executable may not be run by this user.
func TestNoPermission(t *testing.T) {
	file := filepath.Join(t.TempDir(), "podman")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if f := fails(t, podmanPs, &exec.Runner{Podman: file}, `{}`); f.Code != parse.PermissionDenied {
		t.Errorf("got %v, want %s", f, parse.PermissionDenied)
	}
}

// TestShutdown: the server ends while a call runs.
func TestShutdown(t *testing.T) {
	r := &fixtures.Recording{Call: fixtures.Call{Tool: "podman_ps"}, Processes: []fixtures.Process{{
		Argv: []string{"podman", "ps", "--pod", "--format=json"}, Exit: "running"}}}
	stage, err := fixtures.NewStage(t.TempDir(), r, fixtures.Play)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancelCause(t.Context())
	go func() {
		eventually(func() bool { return stage.Started() == 1 })
		end(ErrShutdown)
	}()
	if f := fails(t, podmanPs, &exec.Runner{Podman: stage.Program("podman")}, `{}`, ctx); f.Code != parse.Cancelled || !strings.Contains(f.Message, "shutting down") {
		t.Errorf("got %v, want %s and the reason", f, parse.Cancelled)
	}
}

// fails calls the tool and returns its failure, or an empty one.
func fails(t *testing.T, tool Tool, runner *exec.Runner, arguments string, ctx ...context.Context) *parse.Failure {
	t.Helper()
	c := &Call{Host: &Host{Runner: runner}, Progress: func(context.Context, string, float64, float64) {}}
	_, err := tool.run(append(ctx, t.Context())[0], c, json.RawMessage(arguments))
	f, ok := err.(*parse.Failure)
	if !ok {
		t.Errorf("%s %s: got %v, want a failure", tool.Name, arguments, err)
		return &parse.Failure{}
	}
	return f
}

// examples are for tools that require one of several parameters.
func examples() map[string]string {
	return map[string]string{
		"podman_machine_set":     `{"cpus": 2}`,
		"podman_build":           `{"containerfile": "FROM scratch"}`,
		"podman_load":            `{"file": "codes_test.go"}`,
		"podman_kube_play":       `{"yaml": "kind: Pod\nmetadata: {name: shop}\nspec: {containers: [{name: web, image: web}]}"}`,
		"podman_quadlet_install": `{"content": "[Container]\nImage=web\nContainerName=web", "name": "web.container"}`,
		"podman_farm_build":      `{"context": "../fixtures/image", "tag": "registry.example.com/web:1"}`,
		"podman_kube_apply":      `{"names": ["web"], "kubeconfig": "codes_test.go"}`,
		"podman_kube_down":       `{"yaml": "kind: Pod\nmetadata: {name: shop}"}`,
	}
}

// example makes arguments of what the tool requires.
func example(t *testing.T, tool Tool) string {
	t.Helper()
	if some := examples()[tool.Name]; some != "" {
		return some
	}
	input, _ := tool.Schemas()
	record := map[string]any{}
	for _, name := range input.Required {
		switch p := input.Properties[name]; {
		case p.Type == "array":
			record[name] = []string{"web"}
		case strings.HasPrefix(p.Pattern, "^/"):
			record[name] = "/web"
		case name == "destination": // which names a registry
			record[name] = "registry.example/web"
		default:
			record[name] = "web"
		}
	}
	if tool.Name == "podman_secret_create" {
		record["file"] = "codes_test.go" // of two ways to give a value one is needed
	}
	if tool.Name == "podman_update" {
		record["cpus"] = 1 // it requires one of several
	}
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
