package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"podman-mcp/exec"
	"podman-mcp/fixtures"
	"podman-mcp/parse"
)

func TestDecode(t *testing.T) {
	input := newParams(schemaFor[RunParams]())
	for _, test := range []struct{ arguments, code, message, hint string }{
		{`{}`, "INVALID_PARAMS", "image: is missing; takes an image", ""},
		{`[]`, "INVALID_PARAMS", "arguments: got []; takes an object", ""},
		{`{"image":null}`, "INVALID_PARAMS", "image: is missing", ""},
		{`{"image":"web","prots":[]}`, "INVALID_PARAMS", "prots: there is no such parameter", "Did you mean ports?"},
		{`{"image":"web","health":{"command":["a"],"retrys":1}}`, "INVALID_PARAMS", "retrys: there is no such field in health", "retries"},
		{`{"image":"web","health":{"command":[]}}`, "INVALID_PARAMS", "health.command: got []; takes a list", ""},
		{`{"image":"web","health":{"command":["a"],"retries":0}}`, "INVALID_PARAMS", "health.retries: got 0; takes a whole number from 1 to 100", ""},
		{`{"image":"web","health":"a"}`, "INVALID_PARAMS", `health: got "a"; takes an object with command`, ""},
		{`{"image":"web","name":"-af"}`, "INVALID_CONTAINER_NAME", `name: got "-af"; takes a name of letters`, ""},
		{`{"image":"web","ports":["80:80","x"]}`, "INVALID_PARAMS", `ports[1]: got "x"; takes HOST:CONTAINER`, ""},
		{`{"image":"web","ports":["70000:80"]}`, "INVALID_PARAMS", "ports", ""},
		{`{"image":"web","ports":"80:80"}`, "INVALID_PARAMS", `ports: got "80:80"; takes a list`, ""},
		{`{"image":"web","detach":"yes"}`, "INVALID_PARAMS", `detach: got "yes"; takes true or false`, ""},
		{`{"image":"web","cpus":0}`, "INVALID_PARAMS", "cpus: got 0; takes a number from 0.01 to 1024", ""},
		{`{"image":"web","max_bytes":1.5}`, "INVALID_PARAMS", "max_bytes: got 1.5; takes a whole number", ""},
		{`{"image":"web","pull":"sometimes"}`, "INVALID_PARAMS", `pull: got "sometimes"; takes one of missing, always, never, newer`, ""},
		{`{"image":"oci:x"}`, "INVALID_PARAMS", "image", ""},
	} {
		var in RunParams
		f := decode(input, json.RawMessage(test.arguments), &in)
		if f == nil || string(f.Code) != test.code || !strings.HasPrefix(f.Message, test.message) || !strings.Contains(f.Hint, test.hint) {
			t.Errorf("%s\n got %v\nwant %s: %s", test.arguments, f, test.code, test.message)
		}
	}
}

func TestDecodeDefaults(t *testing.T) {
	input := newParams(schemaFor[RunParams]())
	for _, arguments := range []string{`{"image":"web"}`, `{"image":"web","detach":null,"pull":null,"ports":null,"health":null,"cpus":null}`} {
		var in RunParams
		if f := decode(input, json.RawMessage(arguments), &in); f != nil {
			t.Fatal(f)
		}
		if !in.Detach || in.Pull != "missing" || in.MaxBytes != 10240 || in.Ports != nil || in.Rm || in.CPUs != 0 {
			t.Errorf("%s: %+v", arguments, in)
		}
	}
	var in RunParams
	if f := decode(input, json.RawMessage(`{"image":"web","detach":false,"health":{"command":["a"]}}`), &in); f != nil {
		t.Fatal(f)
	}
	if in.Detach {
		t.Error("detach false became its default")
	}
	for _, arguments := range []string{``, ` `, `null`, `{}`} {
		input := newParams(schemaFor[PsParams]())
		var in PsParams
		if f := decode(input, json.RawMessage(arguments), &in); f != nil || in.Limit != 50 {
			t.Errorf("%q: %v, %+v", arguments, f, in)
		}
	}
}

func TestRunPossible(t *testing.T) {
	for _, test := range []struct {
		in   RunParams
		name string
	}{
		{RunParams{Replace: true}, "replace"},
		{RunParams{Rm: true, Restart: "always"}, "restart"},
		{RunParams{Pod: "p", Ports: []Port{"80"}}, "ports"},
		{RunParams{Pod: "p", Network: "n"}, "network"},
		{RunParams{Network: "host", Ports: []Port{"80"}}, "ports"},
		{RunParams{Network: "none", Ports: []Port{"80"}}, "ports"},
		{RunParams{Name: "n", Replace: true, Rm: true, Restart: "no", Network: "none"}, ""},
	} {
		err := test.in.possible()
		f, _ := err.(*parse.Failure)
		if test.name == "" && err != nil || test.name != "" && (f == nil || f.Subject != test.name) {
			t.Errorf("%+v: %v, want a word about %q", test.in, err, test.name)
		}
	}
}

// TestHealthCommand: podman takes a JSON list of two or more as it is, but
// gives a list of one to a shell.
func TestHealthCommand(t *testing.T) {
	for _, test := range []struct {
		command []string
		want    string
	}{
		{[]string{"/image", "health"}, `["/image","health"]`},
		{[]string{"/check"}, "CMD /check"},
		{[]string{"CMD", "/check"}, "CMD /check"},
		{[]string{"CMD", "/check", "a b"}, `["/check","a b"]`},
		{[]string{"CMD-SHELL", "a && b"}, `["CMD-SHELL","a && b"]`},
		{[]string{"a && b"}, `["CMD-SHELL","a && b"]`},
		{[]string{"NONE"}, ""},
		{[]string{"none"}, ""},
		{[]string{"CMD"}, ""},
		{[]string{"CMD-SHELL"}, ""},
		{[]string{""}, ""},
	} {
		got, err := HealthSpec{Command: test.command}.test()
		if got != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%q: %q, %v, want %q", test.command, got, err, test.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"web", "web2", "worker", "database", "shop_web_1", "x"}
	for _, test := range []struct {
		name string
		want string
	}{
		{"wbe", "web"}, {"web1", "web web2"}, {"WEB", "web web2"}, {"workr", "worker"}, {"data", "database"}, {"shop", "shop_web_1"},
		{"nothing-like-it", ""}, {"databse", "database"},
	} {
		got := Nearest(test.name, names)
		for _, want := range strings.Fields(test.want) {
			if !slices.Contains(got, want) {
				t.Errorf("%q: %q lacks %q", test.name, got, want)
			}
		}
		if test.want == "" && len(got) > 0 || len(got) > 3 {
			t.Errorf("%q: %q", test.name, got)
		}
	}
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"kitten", "sitting", 3}, {"web", "wbe", 2}} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("distance %q %q: %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestRing(t *testing.T) {
	for _, test := range []struct {
		lines, bytes int
		add          []string
		want         string
		kept         int
		cut          bool
	}{
		{3, 100, nil, "", 0, false},
		{3, 100, []string{"a", "b", "c", "d"}, "b\nc\nd", 3, false},
		{100, 4, []string{"a", "b", "c"}, "b\nc", 2, false},
		{100, 4, []string{"abcdef"}, "def", 1, true},
		{100, 4, []string{"abcdef", "g"}, "g", 1, false},
		{100, 5, []string{"x", "ééé"}, "éé", 1, true},
		{0, 100, []string{"a"}, "", 0, false},
		{2, 100, []string{"", ""}, "\n", 2, false},
	} {
		r := newRing(test.lines, test.bytes)
		for _, line := range test.add {
			r.add(line)
		}
		got, kept := r.text()
		if got != test.want || kept != test.kept || r.cut != test.cut || r.total != len(test.add) {
			t.Errorf("%q in %d lines of %d bytes: %q, %d kept, cut %v, total %d", test.add, test.lines, test.bytes, got, kept, r.cut, r.total)
		}
	}
}

// TestRingMemory: a log of any length leaves no more than the ring behind.
func TestRingMemory(t *testing.T) {
	r := newRing(10, 1<<10)
	for i := range 100_000 {
		r.add(fmt.Sprint("line ", i))
	}
	if cap(r.lines) > 8<<10 {
		t.Errorf("%d places for 10 lines", cap(r.lines))
	}
	text, kept := r.text()
	if kept != 10 || !strings.HasSuffix(text, "line 99999") {
		t.Errorf("%d kept: %q", kept, text)
	}
}

// TestLineProgress: the first line goes at once, a flood in a few messages,
// and nothing is lost or out of order.
func TestLineProgress(t *testing.T) {
	var mu sync.Mutex
	var sent []string
	c := &Call{Progress: func(_ context.Context, message string, done, _ float64) {
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, message)
	}}
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(sent)
	}
	p := newLineProgress(t.Context(), c)
	p.line("0")
	if count() != 1 {
		t.Error("the first line does not go at once")
	}
	var want strings.Builder
	want.WriteString("0")
	for i := range 20_000 {
		line := fmt.Sprint("line ", i)
		p.line(line)
		want.WriteString("\n" + line)
	}
	p.line("last")
	want.WriteString("\nlast")
	p.end()
	p.end()
	mu.Lock()
	got := strings.Join(sent, "\n")
	mu.Unlock()
	if got != want.String() {
		t.Errorf("%d bytes of %d, or out of order", len(got), want.Len())
	}
	if count() > 100 {
		t.Errorf("%d messages for a flood", count())
	}
	p.line("later")
	last := func() string {
		mu.Lock()
		defer mu.Unlock()
		return sent[len(sent)-1]
	}
	if !eventually(func() bool { return last() == "later" }) {
		t.Error("a line that stands alone is not sent")
	}
	before := count()
	time.Sleep(2 * progressEvery)
	if count() != before {
		t.Error("sent again")
	}
}

func TestContainsWord(t *testing.T) {
	for _, test := range []struct {
		line, name string
		want       bool
	}{
		{`Error: container "web" is paused`, "web", true},
		{`Error: container web2 is paused`, "web", false},
		{`Error: web-1: gone`, "web", false},
		{`Error: web: gone`, "web", true},
		{`Error: x/web.1`, "web.1", true},
		{`Error: myweb`, "web", false},
		{``, "web", false},
	} {
		if got := containsWord(test.line, test.name); got != test.want {
			t.Errorf("%q in %q: %v", test.name, test.line, got)
		}
	}
}

func TestFind(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	list := []parse.Container{{Name: "web", FullID: id}, {Name: "0123", FullID: strings.Repeat("f", 64)}, {Name: "0123456789ab", FullID: strings.Repeat("e", 64)}}
	for name, want := range map[string]string{"web": "web", "0123": "0123", id: "web", id[:20]: "web", id[:12]: "0123456789ab", "0": "", "ffff": "", "ffffffffffff": "0123", "": "", "we": ""} {
		row, ok := find(list, name)
		if row.Name != want || ok != (want != "") {
			t.Errorf("%q: %q, want %q", name, row.Name, want)
		}
	}
}

// TestReport: what podman said of one container is not taken for another's.
func TestReport(t *testing.T) {
	row := func(name, state string) parse.Container {
		return parse.Container{Name: name, FullID: fmt.Sprintf("%064x", name), State: state}
	}
	before := []parse.Container{row("web", "running"), row("web2", "paused"), row("once", "running")}
	after := []parse.Container{row("web", "exited"), row("web2", "paused")}
	stderr := "time=… level=warning msg=\"web2 is slow\"\nError: container " + before[1].FullID + " is running or paused, refusing to clean up: container state improper"
	stopped := func(c parse.Container) bool { return c.State != "running" && c.State != "paused" }
	out, err := errand{done: stopped}.report([]Container{"web", "web2", "once"}, before, after, parse.Classify(stderr, 125), strings.Split(stderr, "\n"))
	if got, want := outcomes(out), "web true exited, web2 false paused NOT_RUNNING, once true gone"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	f, ok := err.(*parse.Failure)
	if !ok || f.Code != parse.NotRunning || !strings.HasPrefix(f.Message, "1 of 3 containers failed") {
		t.Errorf("%v", err)
	}
}

func outcomes(r EachResult) string {
	var list []string
	for _, one := range r.Containers {
		s := fmt.Sprint(one.Container, " ", one.OK, " ", one.State)
		if one.Error != nil {
			s += " " + string(one.Error.Code)
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}

// TestReportRemoved: podman rm ends with 0 for some that it did not remove, so
// what is still there failed, whatever podman said.
func TestReportRemoved(t *testing.T) {
	web, db := parse.Container{Name: "web", FullID: strings.Repeat("1", 64), State: "exited"}, parse.Container{Name: "db", FullID: strings.Repeat("2", 64), State: "exited"}
	out, err := errand{removes: true}.report([]Container{"web", "db"}, []parse.Container{web, db}, []parse.Container{db}, nil, nil)
	if got, want := outcomes(out), "web true removed, db false exited PODMAN_ERROR"; got != want || err == nil {
		t.Errorf("got %s and %v, want %s", got, err, want)
	}
}

// TestSampled: from the second sample on the processor's share is that of the
// time since the one before, and what stopped or began meanwhile has none.
func TestSampled(t *testing.T) {
	measure := func(rows string) []parse.Stat {
		list, err := parse.Stats([]byte(rows))
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	const row = `{"ContainerID":"%s","CPU":%d,"CPUNano":%.0f,"SystemNano":%.0f,"MemUsage":%d}` + "\n"
	list := sampled(nil, measure(fmt.Sprintf(row, "a", 80, 8e9, 100e9, 5)+fmt.Sprintf(row, "b", 1, 1e9, 100e9, 6)+fmt.Sprintf(row, "c", 1, 1e9, 100e9, 7)))
	list = sampled(list, measure(fmt.Sprintf(row, "a", 80, 8e9, 101e9, 8)+fmt.Sprintf(row, "b", 1, 2e9, 101e9, 9)+fmt.Sprintf(row, "d", 3, 1e9, 101e9, 7)))
	var got []string
	for _, u := range list {
		got = append(got, fmt.Sprint(u.ID, " ", u.CPUPercent, " ", u.Samples))
	}
	if want := "b 100 [{100 9}], d 3 [], a 0 [{0 8}]"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

func TestClosed(t *testing.T) {
	for _, test := range []struct{ output, note, want string }{
		{"a\nb", "", "a\nb"}, {"a\nb", "cut", "a\nb\n[cut]"}, {"", "no lines", "[no lines]"}, {"", "", ""}, {"\n", "cut", "\n[cut]"},
	} {
		if got := closed(test.output, test.note); got != test.want {
			t.Errorf("%q, %q: %q, want %q", test.output, test.note, got, test.want)
		}
	}
}

// TestPanic: a defect in a tool is an error of that call and of no other.
func TestPanic(t *testing.T) {
	tool := act(Tool{Name: "podman_ps", Title: "x"}, func(context.Context, *Call, PsParams) (PsResult, error) { panic("boom") })
	p := performance{tool: tool, stage: &fixtures.Stage{Dir: t.TempDir()}}
	p.result = p.cancelled(t, &Host{Runner: &exec.Runner{}}, json.RawMessage(`{}`), 1, "")
	if f := p.failure(t); f == nil || f.Code != parse.PodmanError || strings.Contains(p.text(t), "boom") {
		t.Errorf("%+v", f)
	}
}

// A whole number may be written with a fraction of nothing, as some models do.
func TestIntegral(t *testing.T) {
	for given, want := range map[string]string{"5": "5", "5.0": "5", "5e1": "50", "-0.0": "0", "5.5": "5.5", `"5"`: `"5"`, "1e300": "1e300"} {
		if got := integral(json.RawMessage(given)); string(got) != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
	var in PsParams
	schema, _ := podmanPs.schemas()
	if f := decode(newParams(schema), json.RawMessage(`{"limit": 5.0}`), &in); f != nil || in.Limit != 5 {
		t.Errorf("limit 5.0: %d, %v", in.Limit, f)
	}
}
