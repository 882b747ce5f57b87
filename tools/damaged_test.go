package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/exec"
	"podman-mcp/fixtures"
	"podman-mcp/parse"
)

// TestDamaged plays recordings of tools that read with one process's output
// damaged: of each tool one for each command that it runs. Where that was JSON,
// the answer is the same as ever or a typed error; any other may be shorter, and
// never unclean.
func TestDamaged(t *testing.T) {
	played := map[string]bool{}
	for _, file := range slices.Backward(recordings(t)) { // the newest podman's first
		r, err := fixtures.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		if toolNamed(t, r.Call.Tool).Effect != Reads || !r.Ends() {
			continue
		}
		name, _ := filepath.Rel(recordingsFolder, file)
		for i, p := range r.Processes {
			key := fmt.Sprint(r.Call.Tool, p.Argv[:min(3, len(p.Argv))])
			if p.Stdout == "" || p.Exit != "" || played[key] {
				continue
			}
			played[key] = true
			t.Run(fmt.Sprintf("%s/%d", strings.TrimSuffix(name, ".txtar"), i+1), func(t *testing.T) {
				if !usesPath(r) {
					t.Parallel()
				}
				for how, output := range damages(p.Stdout) {
					damaged := *r
					damaged.Processes = slices.Clone(r.Processes)
					damaged.Processes[i].Stdout = output
					got := performDamaged(t, &damaged)
					got.validate(t)
					got.judge(t, how, r, isJSON(p.Stdout))
				}
			})
		}
	}
}

// damages are what may become of an output, by what it is called. None of them
// is cut where it would be whole.
func damages(output string) map[string]string {
	text := strings.TrimSpace(output)
	cut := func(n int) string {
		for n > 1 && strings.ContainsAny(text[n-1:n], " \n,}]") {
			n--
		}
		return text[:n]
	}
	middle := strings.Index(text, `: "`) // inside of a JSON string, where there is one
	if middle < 0 {
		middle = strings.Index(text, `:"`)
	}
	middle = max(middle+3, 1)
	middle = min(middle, len(text))
	return map[string]string{
		"cut after a byte":      text[:1],
		"cut after a quarter":   cut(max(len(text)/4, 1)),
		"cut in the middle":     cut(max(len(text)/2, 1)),
		"without its last byte": text[:len(text)-1],
		"after a warning":       `time="2026-01-01T00:00:00Z" level=warning msg="Found default-network, 2 {of them}"` + "\n" + output,
		"before a warning":      text + "\nWARN[0000] the cgroupv2 manager is set to systemd\n",
		"not UTF-8":             text[:middle] + "\xff\xfe" + text[middle:],
		"another language":      "<html><body>502 Bad Gateway</body></html>\n",
		"another shape":         "[[null,[{}],7]]\n",
		"a bare word":           "json\n",
	}
}

// isJSON tells whether text is one JSON value, or one a line.
func isJSON(text string) bool {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "[") && !strings.HasPrefix(text, "{") {
		return false
	}
	d := json.NewDecoder(strings.NewReader(text))
	for d.More() {
		var v any
		if d.Decode(&v) != nil {
			return false
		}
	}
	return true
}

// performDamaged makes r's call, whatever further command lines it leads to.
func performDamaged(t *testing.T, r *fixtures.Recording) performance {
	t.Helper()
	stage, err := fixtures.NewStage(t.TempDir(), r, fixtures.Update)
	if err != nil {
		t.Fatal(err)
	}
	host := &Host{Runner: &exec.Runner{Podman: stage.Program("podman"), Globals: r.Call.Globals, Pass: r.Call.Pass, Remote: len(r.Call.Globals) > 0},
		Units: filepath.Join(stage.Work(), "units")}
	if usesPath(r) {
		t.Setenv("PATH", stage.Bin()+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	p := performance{tool: toolNamed(t, r.Call.Tool), stage: stage}
	arguments := json.RawMessage(stage.Show(string(r.Call.Arguments)))
	p.result, err = p.tool.handler(t.Context(), host, newAsker(0))(context.WithoutCancel(t.Context()), &mcp.CallToolRequest{Params: &mcp.CallToolParamsRaw{Arguments: arguments}})
	if err != nil {
		t.Fatal(err)
	}
	if p.acts, err = stage.Acts(); err != nil {
		t.Fatal(err)
	}
	return p
}

// judge holds an answer to what damaged output may lead to.
func (p *performance) judge(t *testing.T, how string, r *fixtures.Recording, wasJSON bool) {
	t.Helper()
	text := p.text(t)
	asEver := p.rewritten(t, r).Result == r.Result
	if !utf8.ValidString(text) {
		t.Errorf("%s: it is not UTF-8: %q", how, text)
	}
	if p.result.IsError {
		var recorded struct{ Error *wireError }
		if err := json.Unmarshal([]byte(r.Result), &recorded); err != nil {
			t.Fatal(err)
		}
		switch f := p.failure(t); {
		case recorded.Error != nil && recorded.Error.Code == f.Code: // whose hint alone comes from this output
		case strings.Contains(f.Message, "has a defect"):
			t.Errorf("%s: it panics", how)
		case f.Code != parse.OutputInvalid && !slices.ContainsFunc(p.acts, func(a fixtures.Act) bool { return a.Problem != "" }):
			t.Errorf("%s: %s", how, text)
		}
		return
	}
	if wasJSON && !asEver {
		t.Errorf("%s: it is taken for\n%s", how, text)
	}
}
