package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	osexec "os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/exec"
	"podman-mcp/fixtures"
	"podman-mcp/parse"
)

var update = flag.Bool("update", false, "rewrite the recordings' command lines and results, and the schemas, as they are now")

func TestMain(m *testing.M) {
	fixtures.StandIn()
	flag.Parse()
	// A call waits more than it works. For fuzzing the flag counts workers.
	if flag.Lookup("test.fuzz").Value.String() == "" {
		if err := flag.Set("test.parallel", "8"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// TestReplay plays every recording to a real MCP client.
func TestReplay(t *testing.T) {
	for _, file := range recordings(t) {
		name, _ := filepath.Rel(recordingsFolder, file)
		t.Run(strings.TrimSuffix(name, ".txtar"), func(t *testing.T) {
			r, err := fixtures.Read(file)
			if err != nil {
				t.Fatal(err)
			}
			if !usesPath(r) && r.Call.Timeout == "" { // those beside it would take of its time
				t.Parallel()
			}
			mode := fixtures.Play
			if *update {
				mode = fixtures.Update
			}
			got := perform(t, r, mode)
			got.validate(t)
			now := got.rewritten(t, r)
			if *update {
				if err := os.WriteFile(file, now.Format(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := fixtures.Diff(string(r.Format()), string(now.Format())); diff != "" {
				t.Errorf("the call goes otherwise than recorded; go test ./tools -run Replay -update takes it as it is now\n%s", diff)
			}
		})
	}
}

const recordingsFolder = "../fixtures/recordings"

func recordings(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(recordingsFolder, "*", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	return files
}

// performance is what a call of a recording was seen to do.
type performance struct {
	tool     Tool
	stage    *fixtures.Stage
	result   *mcp.CallToolResult
	acts     []fixtures.Act
	progress string // all messages, a line each
}

// perform makes r's call on a stage of its own.
func perform(t *testing.T, r *fixtures.Recording, mode fixtures.Mode) performance {
	t.Helper()
	stage, err := fixtures.NewStage(t.TempDir(), r, mode)
	if err != nil {
		t.Fatal(err)
	}
	if mode == fixtures.Record {
		prepare(t, r.Setup, stage.Work())
	}
	p := performance{tool: toolNamed(t, r.Call.Tool), stage: stage}
	host := &Host{Policy: Policy{Allowed: []string{PublicPorts}}, // as what was recorded opened them
		Runner: &exec.Runner{Podman: stage.Program("podman"), Globals: r.Call.Globals, Pass: r.Call.Pass,
			Remote: len(r.Call.Globals) > 0}, Confirm: r.Call.Confirm, Units: filepath.Join(stage.Work(), "units")}
	host.holes.builder = r.Podman // a server asks once, when it starts
	switch {
	case mode == fixtures.Play && r.Ends():
		host.Moment = time.Minute // what ends is waited for, however loaded the machine
	case mode == fixtures.Play:
		host.Moment = 3 * time.Second // for what does not end to begin, on such a machine
	}
	host.Patience = time.Minute
	if r.Call.Timeout != "" {
		if host.Timeout, err = time.ParseDuration(r.Call.Timeout); err != nil {
			t.Fatal(err)
		}
	}
	if usesPath(r) {
		before := os.Getenv("PATH")
		path := stage.Bin()
		if len(r.Call.Without) == 0 {
			path += string(os.PathListSeparator) + before
		}
		if err := os.Setenv("PATH", path); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.Setenv("PATH", before) }()
	}
	arguments := json.RawMessage(stage.Show(string(r.Call.Arguments)))
	if r.Call.Cancel > 0 {
		p.result = p.cancelled(t, host, arguments, r.Call.Cancel, mode)
	} else {
		p.result, p.progress = p.call(t, host, arguments, r)
	}
	if p.acts, err = stage.Acts(); err != nil {
		t.Fatal(err)
	}
	for _, a := range p.acts {
		if a.Problem != "" {
			t.Error(a.Problem)
		}
	}
	if len(p.acts) < len(r.Processes) && mode != fixtures.Record {
		t.Errorf("the recording has %d processes, this call ran %d", len(r.Processes), len(p.acts))
	}
	return p
}

// usesPath tells whether the call looks in PATH, which all tests share: a
// compose provider is found there.
func usesPath(r *fixtures.Recording) bool { return strings.Contains(r.Call.Tool, "_compose_") }

// prepare makes what a call needs, with the real podman.
func prepare(t *testing.T, setup, folder string) {
	t.Helper()
	cmd := osexec.Command("sh", "-euc", setup)
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("setup: %v\n%s", err, out)
	}
}

func toolNamed(t *testing.T, name string) Tool {
	t.Helper()
	all := All()
	i := slices.IndexFunc(all, func(tool Tool) bool { return tool.Name == name })
	if i < 0 {
		t.Fatalf("there is no tool %q", name)
	}
	return all[i]
}

// call is a call by an MCP client. Progress may come after the result, so it is
// waited for until it is what the recording wants.
func (p *performance) call(t *testing.T, host *Host, arguments json.RawMessage, r *fixtures.Recording) (*mcp.CallToolResult, string) {
	t.Helper()
	var told notes
	session := connect(t, host, told.add)
	params := &mcp.CallToolParams{Name: p.tool.Name, Arguments: arguments}
	params.SetProgressToken("progress")
	result, err := session.CallTool(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case drawn(r) || strings.HasSuffix(r.Call.Tool, "_pull"):
		// How often podman tells on a terminal how far it is depends on the time it takes.
		if drawn(r) && !result.IsError && !eventually(func() bool { return told.text() != "" }) {
			t.Error("no progress")
		}
		told.check(t)
		return result, ""
	case r.Progress == "" || *update:
		time.Sleep(30 * time.Millisecond) // what should not come may yet
	default:
		eventually(func() bool { return told.text() == r.Progress })
	}
	told.check(t)
	return result, told.text()
}

// drawn tells whether podman drew its progress on a terminal.
func drawn(r *fixtures.Recording) bool {
	return slices.ContainsFunc(r.Processes, func(p fixtures.Process) bool { return p.Terminal != "" })
}

// eventually waits up to two seconds for ok.
func eventually(ok func() bool) bool {
	for range 100 {
		if ok() {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}

// connect connects a client to a server over memory.
func connect(t *testing.T, host *Host, progress func(*mcp.ProgressNotificationParams)) *mcp.ClientSession {
	t.Helper()
	return connectTo(t, host, All(), progress)
}

// connectTo is connect where only some of the tools are listed.
func connectTo(t *testing.T, host *Host, list []Tool, progress func(*mcp.ProgressNotificationParams)) *mcp.ClientSession {
	t.Helper()
	here, there := mcp.NewInMemoryTransports()
	server, err := Server(t.Context(), "test", host, list).Connect(t.Context(), there, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, req *mcp.ProgressNotificationClientRequest) { progress(req.Params) },
	})
	session, err := client.Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(session.Close(), server.Wait()); err != nil {
			t.Error(err)
		}
	})
	return session
}

// cancelled is a call that its caller gives up while process n runs. A client
// hears nothing of such a call any more, so this asks the handler itself.
func (p *performance) cancelled(t *testing.T, host *Host, arguments json.RawMessage, n int, mode fixtures.Mode) *mcp.CallToolResult {
	t.Helper()
	wait := 50 * time.Millisecond // until what it prints is printed
	if mode == fixtures.Record {
		wait = 2 * time.Second // and podman has started its container
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			if p.stage.Started() >= n {
				time.Sleep(wait)
				cancel()
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	result, err := p.tool.handler(t.Context(), host, newAsker(0))(ctx, &mcp.CallToolRequest{Params: &mcp.CallToolParamsRaw{Arguments: arguments}})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// notes collects progress notifications.
type notes struct {
	mu   sync.Mutex
	list []*mcp.ProgressNotificationParams
}

func (n *notes) add(p *mcp.ProgressNotificationParams) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, p)
}

func (n *notes) text() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var b strings.Builder
	for _, p := range n.list {
		b.WriteString(p.Message + "\n")
	}
	return b.String()
}

// check holds what every client may rely on.
func (n *notes) check(t *testing.T) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	last := -1.0
	for _, p := range n.list {
		if p.Progress < last {
			t.Errorf("progress falls from %v to %v", last, p.Progress)
		}
		if p.Total != 0 && p.Progress > p.Total {
			t.Errorf("progress %v of %v", p.Progress, p.Total)
		}
		last = p.Progress
	}
}

// structured is the structured result, its fields in the order of their names.
func (p *performance) structured(t *testing.T) []byte {
	t.Helper()
	record, err := compact(p.result.StructuredContent)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(record, &value); err != nil {
		t.Fatal(err)
	}
	if record, err = compact(value); err != nil {
		t.Fatal(err)
	}
	return record
}

func (p *performance) text(t *testing.T) string {
	t.Helper()
	if len(p.result.Content) != 1 {
		t.Fatalf("%d pieces of content, want 1", len(p.result.Content))
	}
	text, ok := p.result.Content[0].(*mcp.TextContent)
	if !ok {
		t.Fatalf("content is %T, want text", p.result.Content[0])
	}
	return text.Text
}

// failure is the error of a result, nil where it is none.
func (p *performance) failure(t *testing.T) *wireError {
	t.Helper()
	var record struct{ Error *wireError }
	if err := json.Unmarshal(p.structured(t), &record); err != nil {
		t.Fatal(err)
	}
	return record.Error
}

// validate holds a result to what the tool promises.
func (p *performance) validate(t *testing.T) {
	t.Helper()
	text := p.text(t)
	if clean := parse.Clean(text); clean != text {
		t.Errorf("the text is not clean: %q", text)
	}
	if p.result.IsError {
		f := p.failure(t)
		switch {
		case f == nil:
			t.Fatal("an error without a structured error")
		case !slices.Contains(parse.Codes(), f.Code):
			t.Errorf("there is no code %q", f.Code)
		case !strings.HasPrefix(text, string(f.Code)+": "+f.Message):
			t.Errorf("the text does not begin with code and message: %q", text)
		case f.Message == "" || strings.HasSuffix(f.Message, "."):
			t.Errorf("message %q is no sentence without a full stop", f.Message)
		case f.Data.Hint == "":
			t.Errorf("%s has no next step", f.Code)
		case len(f.Data.Details) > 2048:
			t.Errorf("%d bytes of details", len(f.Data.Details))
		}
	}
	// Errors too: the TypeScript SDK before 2 holds them against the schema.
	_, output := p.tool.Schemas()
	resolved, err := output.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	var record any
	if err := json.Unmarshal(p.structured(t), &record); err != nil {
		t.Fatal(err)
	}
	if err := resolved.Validate(record); err != nil {
		t.Errorf("the result is not as its schema says: %v", err)
	}
}

// rewritten is r with the command lines and results of this performance.
func (p *performance) rewritten(t *testing.T, r *fixtures.Recording) *fixtures.Recording {
	t.Helper()
	now := *r
	now.Processes = slices.Clone(r.Processes)
	for i := range min(len(p.acts), len(now.Processes)) {
		now.Processes[i].Argv = p.acts[i].Argv
	}
	now.Progress = p.stage.Hide(p.progress)
	record, text := p.structured(t), p.text(t)
	var pretty bytes.Buffer
	now.Text = ""
	if sameJSON(record, []byte(text)) {
		record = []byte(text) // its fields in the tool's own order
	} else {
		now.Text = p.stage.Hide(text) + "\n"
	}
	if err := json.Indent(&pretty, record, "", "  "); err != nil {
		t.Fatal(err)
	}
	now.Result = p.stage.Hide(pretty.String()) + "\n"
	// As the file holds it.
	again, err := fixtures.Parse(now.Format())
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
