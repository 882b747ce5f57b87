package tools

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// The connection is taken out of the arguments before the tool sees them.
func TestRouted(t *testing.T) {
	for _, c := range []struct{ arguments, connection, rest string }{
		{`{"all": true}`, "", `{"all": true}`},
		{`{"all": true, "connection": "lab"}`, "lab", `{"all":true}`},
		{`{"connection": null}`, "", `{}`},
		{`{"connection": "*"}`, "*", `{}`},
		{`[]`, "", `[]`},
		{``, "", ``},
	} {
		connection, rest, f := routed(json.RawMessage(c.arguments))
		if f != nil || connection != c.connection || string(rest) != c.rest {
			t.Errorf("%s: %q, %s, %v", c.arguments, connection, rest, f)
		}
	}
	if _, _, f := routed(json.RawMessage(`{"connection": 5}`)); f == nil || f.Code != parse.InvalidParams {
		t.Errorf("a number is taken for a connection: %v", f)
	}
}

// All connections' containers are one list, cut as one, and what did not answer is named.
func TestPsOnAll(t *testing.T) {
	row := func(name string, created int64) parse.Container {
		return parse.Container{Name: name, CreatedUnix: created}
	}
	out, ok := psOnAll([]reply{
		{"lab", PsResult{Containers: []parse.Container{row("new", 9), row("old", 1)}, Total: 2, limit: 3}, nil},
		{"gone", nil, &parse.Failure{Code: parse.NotConnected, Message: "nobody is there"}},
		{"odd", nil, errors.New("what no tool gives")},
		{"web", PsResult{Containers: []parse.Container{row("mid", 5), row("older", 0)}, Total: 2, limit: 3}, nil},
	}).(PsResult)
	var got []string
	for _, c := range out.Containers {
		got = append(got, c.Connection+"/"+c.Name)
	}
	if shown := strings.Join(got, " "); !ok || shown != "lab/new web/mid lab/old" || out.Total != 4 || !out.Truncated {
		t.Errorf("%s, of %d, truncated %v", shown, out.Total, out.Truncated)
	}
	if len(out.Unreached) != 2 || out.Unreached[0].Connection != "gone" || out.Unreached[0].Error.Code != parse.NotConnected {
		t.Errorf("unreached: %+v", out.Unreached)
	}
}

// The schema that clients share is not changed for one that lists it with connections.
func TestWithConnection(t *testing.T) {
	plain := podmanPs.definition()
	before, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	with, err := json.Marshal(withConnection(plain, []string{"lab", "web"}, true).InputSchema)
	if err != nil || !strings.Contains(string(with), `"enum":["lab","web","*"]`) {
		t.Errorf("%s, %v", with, err)
	}
	after, err := json.Marshal(plain)
	if err != nil || string(after) != string(before) {
		t.Errorf("the tool itself has changed: %s", after)
	}
}

// TestCarried: what the operator allows holds on every connection, also what is added to Host later.
func TestCarried(t *testing.T) {
	own := []string{"Runner", "Units", "Offered", "Kept", "Middleware", "Log"} // of the connection, of this machine or of the server
	h := &Host{Runner: &exec.Runner{}}
	h.connections.names = []string{"lab", "web"}
	here := reflect.ValueOf(h).Elem()
	for i := range here.NumField() {
		if f := here.Type().Field(i); f.IsExported() && !slices.Contains(own, f.Name) {
			something(here.Field(i))
			if here.Field(i).IsZero() {
				t.Errorf("this test sets no %s", f.Name)
			}
		}
	}
	there, f := h.at(t.Context(), "lab")
	if f != nil {
		t.Fatal(f)
	}
	for i := range here.NumField() {
		f := here.Type().Field(i)
		if f.IsExported() && !slices.Contains(own, f.Name) && !reflect.DeepEqual(here.Field(i).Interface(), reflect.ValueOf(there).Elem().Field(i).Interface()) {
			t.Errorf("%s does not hold on another connection", f.Name)
		}
	}
}

// something makes a value that is not zero.
func something(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.String:
		v.SetString("something")
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		something(v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				something(v.Field(i))
			}
		}
	}
}
