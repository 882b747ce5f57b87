package tools

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/parse"
)

// No secret of a call's arguments is written down, wherever it stands.
func TestMaskArguments(t *testing.T) {
	const token = "ghp_0123456789abcdefghijABCDEFGHIJ"
	for arguments, want := range map[string]string{
		`{"env":["COLOUR=canary","PASSWORD=canary"],"image":"web"}`: `{"env":["COLOUR=***","PASSWORD=***"],"image":"web"}`,
		`{"env":["canary"]}`:                          `{"env":["***"]}`,
		`{"env":{"A":"canary"}}`:                      `{"env":"***"}`,
		`{"env":"A=canary"}`:                          `{"env":"***"}`,
		`{"env":"HOME_KEY"}`:                          `{"env":"HOME_KEY"}`,
		`{"build_args":"A"}`:                          `{"build_args":"***"}`,
		`{"build_args":["A=canary"]}`:                 `{"build_args":["A=***"]}`,
		`{"labels":["team=shop","api.token=canary"]}`: `{"labels":["team=shop","api.token=***"]}`,
		`{"command":["mysql","--password=canary","--password","canary","-e","select"]}`:    `{"command":["mysql","--password=***","--password","***","-e","select"]}`,
		`{"command":["curl","https://me:canary@example.com"]}`:                             `{"command":["curl","https://me:***@example.com"]}`,
		`{"health":{"command":["sh","-c","TOKEN=canary check"]}}`:                          `{"health":{"command":["sh","-c","TOKEN=***"]}}`,
		`{"containerfile":"FROM x\nENV DB_PASSWORD=canary\n"}`:                             `{"containerfile":"left out: 30 bytes"}`,
		`{"stdin":"` + token + `"}`:                                                        `{"stdin":"left out: 34 bytes"}`,
		`{"yaml":"kind: Secret\nmetadata:\n  name: x\nstringData:\n  password: canary\n"}`: `{"yaml":"left out: 64 bytes"}`,
		`{"YAML":"canary","Env":["A=canary"],"content":["canary"]}`:                        `{"Env":["A=***"],"YAML":"left out: 6 bytes","content":"***"}`,
		`{"yaml":"a: [canary"}`:                                                            `{"yaml":"left out: 10 bytes"}`,
		`{"password":"canary","api_key":7}`:                                                `{"api_key":"***","password":"***"}`,
		`{"limit":12345678901234567890,"all":true,"x":null}`:                               `{"all":true,"limit":12345678901234567890,"x":null}`,
		`["canary"]`: `"left out: 10 bytes"`,
		``:           `{}`,
	} {
		got, err := compact(MaskArguments(json.RawMessage(arguments)))
		if err != nil || string(got) != want {
			t.Errorf("%s\n is written as %s\n        want %s, %v", arguments, got, want, err)
		}
	}
}

// Texts and lists are cut, a secret at the cut too, and the whole is bounded.
func TestMaskArgumentsBounds(t *testing.T) {
	long := strings.Repeat("é", maxKeptText/2-3) + " TOKEN=canarycanary " + strings.Repeat("x", 1<<20)
	text, err := json.Marshal(map[string]any{"content": long, "containers": make([]string, 1000)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := compact(MaskArguments(text))
	if err != nil || len(got) > 4<<10 || strings.Contains(string(got), "cana") || !strings.Contains(string(got), "950 more") {
		t.Errorf("%d bytes: %.100s, %v", len(got), got, err)
	}
	fields := map[string]string{}
	for i := range 40 {
		fields[fmt.Sprint(i)] = strings.Repeat("y", 2000)
	}
	if text, err = json.Marshal(fields); err != nil {
		t.Fatal(err)
	}
	if got, err := compact(MaskArguments(text)); err != nil || !strings.HasPrefix(string(got), `"left out: `) {
		t.Errorf("%.100s, %v", got, err)
	}
}

// How a call ended is read from what the tools give.
func TestVerdict(t *testing.T) {
	okay := func(out any) *mcp.CallToolResult {
		r, err := okResult(out)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	three, output := 3, "x"
	for _, c := range []struct {
		result *mcp.CallToolResult
		want   string
	}{
		{okay(PruneResult{}), `{"Code":"","Refused":false,"ExitCode":null}`},
		{okay(ExecResult{ExitCode: &three, Output: &output}), `{"Code":"","Refused":false,"ExitCode":3}`},
		{errorResult(nil, &parse.Failure{Code: parse.ImageNotFound, ExitCode: 125}), `{"Code":"IMAGE_NOT_FOUND","Refused":false,"ExitCode":125}`},
		{errorResult(nil, &parse.Failure{Code: parse.PermissionDenied}), `{"Code":"PERMISSION_DENIED","Refused":false,"ExitCode":null}`},
		{errorResult(nil, &parse.Failure{Code: parse.PolicyDenied}), `{"Code":"POLICY_DENIED","Refused":true,"ExitCode":null}`},
		{errorResult(nil, &parse.Failure{Code: parse.PolicyDenied}), `{"Code":"POLICY_DENIED","Refused":true,"ExitCode":null}`},
	} {
		if got, err := compact(VerdictOf(c.result)); err != nil || string(got) != c.want {
			t.Errorf("got %s, want %s, %v", got, c.want, err)
		}
	}
}
