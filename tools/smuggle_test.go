package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"podman-mcp/exec"
	"podman-mcp/fixtures"
	"podman-mcp/parse"
)

// smuggled are words that podman would read as its own, or that no name holds.
func smuggled() []string {
	return []string{"-a", "-af", "--help", "--all", "docker-archive:/etc/passwd", "oci:x", "{{.}}", "a\nb", "a\x00b", "a\x1b[31m",
		"a\xffb", "", " ", strings.Repeat("a", 40<<10)}
}

// freeText are the parameters that may hold anything, and where it may stand
// on podman's command line. What it refuses all the same is in TestTextThatCannotBe.
func freeText() map[string]string {
	return map[string]string{
		"podman_run.command[]":           "after the image: podman reads nothing there",
		"podman_run.entrypoint[]":        "in --entrypoint=, a JSON list",
		"podman_run.health.command[]":    "in --health-cmd=, a JSON list",
		"podman_exec.command[]":          "after the container: podman reads nothing there",
		"podman_exec.stdin":              "on podman's standard input",
		"podman_logs.grep":               "nowhere: the server itself reads it",
		"podman_wait.log":                "nowhere: the server itself reads it",
		"podman_cp.content":              "in an archive on podman's standard input",
		"podman_compose_logs.grep":       "nowhere: the server itself reads it",
		"podman_inspect.query":           "nowhere: the server itself reads it",
		"podman_pod_inspect.query":       "nowhere: the server itself reads it",
		"podman_pod_logs.grep":           "nowhere: the server itself reads it",
		"podman_build.containerfile":     "in a private file",
		"podman_commit.message":          "in --message=",
		"podman_commit.author":           "in --author=",
		"podman_compose_exec.command[]":  "as podman_exec has it",
		"podman_compose_exec.stdin":      "as podman_exec has it",
		"podman_kube_play.yaml":          "nowhere: the server itself reads it and hands on what it read",
		"podman_kube_down.yaml":          "nowhere: the server itself reads it and hands names on",
		"podman_quadlet_install.content": "in a file, of which only known keys are taken",
		"podman_kube_apply.yaml":         "in a file for the cluster: nothing of it runs here",
	}
}

// prefixed are the parameters of which only the value after "KEY=" is free.
func prefixed() map[string]string {
	return map[string]string{
		"podman_run.env[]":               "in a file, or after --env=KEY=",
		"podman_run.labels[]":            "after --label=KEY=",
		"podman_pod_create.labels[]":     "after --label=KEY=",
		"podman_secret_create.labels[]":  "after --label=KEY=",
		"podman_network_create.labels[]": "after --label=KEY=",
		"podman_build.build_args[]":      "after --build-arg=KEY=",
		"podman_exec.env[]":              "in a file, or after --env=KEY=",
		"podman_compose_exec.env[]":      "as podman_exec has it",
	}
}

// allowed are words that mean no more there than they say.
func allowed() map[string][]string {
	return map[string][]string{
		// A user and group: no image.
		"podman_run.user":          {"oci:x"},
		"podman_exec.user":         {"oci:x"},
		"podman_compose_exec.user": {"oci:x"},
		"podman_compose_exec.file": {" ", "a\xffb"},
		// A path that is relative to the server's folder may hold a colon or braces
		// but not begin with them; a blank is a file's name.
		"podman_compose_up.file":     {" ", "a\xffb"},
		"podman_compose_up.env_file": {" ", "a\xffb"},
		"podman_compose_down.file":   {" ", "a\xffb"},
		"podman_save.file":           {" ", "a\xffb"},
		// In --output=, a path that the server made absolute; a copy of it is imported.
		"podman_volume_export.file":      {" ", "a\xffb"},
		"podman_volume_import.file":      {" ", "a\xffb"},
		"podman_cp.to":                   {" ", "a\xffb"},
		"podman_compose_ps.file":         {" ", "a\xffb"},
		"podman_compose_logs.file":       {" ", "a\xffb"},
		"podman_compose_start.file":      {" ", "a\xffb"},
		"podman_compose_stop.file":       {" ", "a\xffb"},
		"podman_compose_restart.file":    {" ", "a\xffb"},
		"podman_compose_pull.file":       {" ", "a\xffb"},
		"podman_compose_pull.env_file":   {" ", "a\xffb"},
		"podman_compose_build.file":      {" ", "a\xffb"},
		"podman_compose_build.env_file":  {" ", "a\xffb"},
		"podman_compose_config.file":     {" ", "a\xffb"},
		"podman_compose_config.env_file": {" ", "a\xffb"},
		"podman_kube_generate.file":      {" ", "a\xffb"},
		// The server itself looks for the path, makes it absolute, and reads it or
		// hands it on: in --input=, --file= and --kubeconfig=, or after "--".
		"podman_cp.from":               {" ", "a\xffb"},
		"podman_load.file":             {" ", "a\xffb"},
		"podman_secret_create.file":    {" ", "a\xffb"},
		"podman_build.context":         {" ", "a\xffb"},
		"podman_build.file":            {" ", "a\xffb"},
		"podman_farm_build.context":    {" ", "a\xffb"},
		"podman_farm_build.file":       {" ", "a\xffb"},
		"podman_kube_play.file":        {" ", "a\xffb"},
		"podman_kube_down.file":        {" ", "a\xffb"},
		"podman_kube_apply.file":       {" ", "a\xffb"},
		"podman_kube_apply.kubeconfig": {" ", "a\xffb"},
		"podman_quadlet_install.file":  {" ", "a\xffb"},
	}
}

// TestSmuggling gives every string parameter of every tool, wherever a name, an
// image, a filter, a path or an option is meant, words that it must refuse
// before any process runs.
func TestSmuggling(t *testing.T) {
	seen := map[string]bool{}
	for _, tool := range All() {
		input, _ := tool.Schemas()
		for _, at := range stringsIn(input, "") {
			name := tool.Name + "." + strings.TrimPrefix(at, ".")
			seen[name] = true
			if freeText()[name] != "" {
				continue
			}
			t.Run(name, func(t *testing.T) {
				for _, word := range smuggled() {
					if word == "" && !strings.HasSuffix(at, "[]") && !slices.Contains(input.Required, strings.TrimPrefix(at, ".")) {
						continue // counts as not given
					}
					f := refused(t, tool, arguments(t, tool, at, word))
					switch may := slices.Contains(allowed()[name], word); {
					case !may && !ofTheWord(f, at):
						t.Errorf("%.60q is let through: %.300v", word, f)
					case may && ofTheWord(f, at):
						t.Errorf("%.60q is refused, and stands among those allowed: %.300v", word, f)
					}
				}
			})
		}
	}
	for _, list := range []map[string]string{freeText(), prefixed()} {
		for name := range list {
			if !seen[name] {
				t.Errorf("there is no parameter %s", name)
			}
		}
	}
}

// stringsIn lists the places of strings in a schema: .filters.name, .env[].
func stringsIn(s *jsonschema.Schema, at string) []string {
	var list []string
	switch s.Type {
	case "string":
		return []string{at}
	case "array":
		return stringsIn(s.Items, at+"[]")
	}
	for _, name := range s.PropertyOrder {
		list = append(list, stringsIn(s.Properties[name], at+"."+name)...)
	}
	return list
}

// arguments are an example call with word at a place. Invalid UTF-8 stays as it is.
func arguments(t *testing.T, tool Tool, at, word string) json.RawMessage {
	t.Helper()
	record := map[string]any{}
	if err := json.Unmarshal([]byte(example(t, tool)), &record); err != nil {
		t.Fatal(err)
	}
	inner := record
	path := strings.Split(strings.TrimPrefix(at, "."), ".")
	for _, name := range path[:len(path)-1] {
		next := map[string]any{}
		if name == "health" {
			next["command"] = []string{"true"}
		}
		inner[name] = next
		inner = next
	}
	var value any = "WORD"
	name, isList := strings.CutSuffix(path[len(path)-1], "[]")
	if isList {
		value = []string{"WORD"}
	}
	inner[name] = value
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal(strings.ReplaceAll(word, "\xff", "INVALID"))
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(strings.Replace(string(text), `"WORD"`, strings.ReplaceAll(string(quoted), "INVALID", "\xff"), 1))
}

// tried calls the tool where no process may run, and gives the code of its failure.
func tried(t *testing.T, tool Tool, arguments json.RawMessage) parse.Code {
	t.Helper()
	return refused(t, tool, arguments).Code
}

// refused is tried with the whole failure.
func refused(t *testing.T, tool Tool, arguments json.RawMessage) *parse.Failure {
	t.Helper()
	runner := &exec.Runner{Podman: "/nonexistent/podman"}
	c := &Call{Host: &Host{Runner: runner}, Progress: func(context.Context, string, float64, float64) {}}
	_, err := tool.run(t.Context(), c, arguments)
	if f, ok := err.(*parse.Failure); ok {
		return f
	}
	return &parse.Failure{Code: parse.Code(fmt.Sprint("no failure: ", err))}
}

// ofTheWord tells whether a failure is the refusal of the word at a place, such
// as .env[]. What is no word for the parameter says what the parameter takes;
// a failure without that is one of a call that took the word, and then missed a
// file of that name or another parameter.
func ofTheWord(f *parse.Failure, at string) bool {
	at = strings.TrimSuffix(strings.TrimPrefix(at, "."), "[]")
	return (f.Code == parse.InvalidParams || f.Code == parse.InvalidContainerName) && strings.Contains(f.Message, "; takes ") &&
		(f.Subject == at || strings.HasPrefix(f.Subject, at+"[") || strings.HasPrefix(at, f.Subject+"."))
}

// TestFreeText: what is free text is no word of podman's, wherever it stands.
func TestFreeText(t *testing.T) {
	for _, word := range []string{"-a", "--help", "--privileged", "--", "docker-archive:/etc/passwd", "{{.}}", "a\nb", "a\x1b[31m", "a,b", " ", ""} {
		in := RunParams{Image: "web", Name: "n", Command: []string{word}, Entrypoint: []string{word}, Env: []Env{Env("KEY=" + word)},
			Labels: []Label{Label("key=" + word)}, Pull: "missing", Health: HealthSpec{Command: []string{"test", word}}}
		argv, err := in.argv("id", "owner")
		if err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		words, err := argv.Args()
		if err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		line, err := knownFlags(t)["5.8.2"].read(words)
		if err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		if !slices.Equal(line.operands, []string{"web", word}) {
			t.Errorf("%q: operands %q", word, line.operands)
		}
		for name := range line.flags {
			if !slices.Contains([]string{"name", "label", "http-proxy", "env", "env-file", "entrypoint", "pull",
				"health-cmd", "health-interval"}, name) {
				t.Errorf("%q became the flag --%s", word, name)
			}
		}
	}
}

// TestExecFreeText is TestFreeText for a command in a container.
func TestExecFreeText(t *testing.T) {
	for _, word := range []string{"-a", "--help", "--privileged", "--", "docker-archive:/etc/passwd", "{{.}}", "a\nb", "a\x1b[31m", " ", ""} {
		in := ExecParams{"web", CommandParams{Command: []string{"cat", word}, Env: []Env{Env("KEY=" + word)}, Stdin: word}}
		words, err := in.argv().Args()
		if err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		line, err := knownFlags(t)["5.8.2"].read(words)
		if err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		if !slices.Equal(line.operands, []string{"web", "cat", word}) {
			t.Errorf("%q: operands %q", word, line.operands)
		}
		for name := range line.flags {
			if !slices.Contains([]string{"env", "env-file", "interactive"}, name) {
				t.Errorf("%q became the flag --%s", word, name)
			}
		}
	}
	for _, in := range []string{`"command":["a\u0000b"]`, `"command":[""]`, `"command":["a"],"env":["KEY=a\u0000b"]`} {
		if code := tried(t, podmanExec, json.RawMessage(`{"container":"web",`+in+`}`)); code != parse.InvalidParams {
			t.Errorf("%s gives %s", in, code)
		}
	}
}

// TestTextThatCannotBe: the kernel takes no NUL in a word, and none of 128 KiB.
func TestTextThatCannotBe(t *testing.T) {
	for name, word := range map[string]string{".command[]": "a\x00b", ".entrypoint[]": strings.Repeat("a", 140<<10),
		".health.command[]": strings.Repeat("a", 140<<10), ".env[]": "KEY=a\x00b", ".labels[]": "key=a\x00b"} {
		if code := tried(t, podmanRun, arguments(t, podmanRun, name, word)); code != parse.InvalidParams {
			t.Errorf("%s: %.20q gives %s", name, word, code)
		}
	}
}

// TestSmugglingByClient sends such words through the SDK, where the transport
// reads them first.
func TestSmugglingByClient(t *testing.T) {
	for _, word := range []string{"-af", "--help", "{{.}}", "a\nb", "a\x00b", ""} {
		argument, err := json.Marshal(map[string]any{"containers": []string{word}})
		if err != nil {
			t.Fatal(err)
		}
		r := &fixtures.Recording{Call: fixtures.Call{Tool: "podman_stop", Arguments: argument}}
		p := perform(t, r, fixtures.Play)
		if f := p.failure(t); f == nil || f.Code != parse.InvalidContainerName {
			t.Errorf("%q: %+v", word, f)
		}
	}
}
