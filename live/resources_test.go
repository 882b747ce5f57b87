//go:build unix

package live_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/tools"
)

// furnish gives the stage what podman 5.8 prints of one running container.
func furnish(s *stage, status string) {
	followed(s, "hello")
	s.put("ps", `[{"Id":"`+webID+`","Names":["web"],"Image":"localhost/x:latest","State":"running","Status":"Up 2 minutes","Created":1795355661},
		{"Id":"e57fb10460d0dacf56909bf0c6dc6e86780886e5d7eaf860d1deda33306f738d","Names":["db"],"Image":"localhost/y:latest","State":"exited","Created":1795355662}]`)
	s.put("images", `[{"Id":"5683513ec074016dc14d0866a4834e464f5f672571f11ba32147c6d24b614e2f","Names":["localhost/x:latest","localhost/x:1"],"Size":100,"Created":1795355661}]`)
	s.put("info", `{"host":{"arch":"amd64","os":"linux","cpus":2},"store":{"graphDriverName":"overlay"},"version":{"Version":"5.8.2"}}`)
	for _, name := range []string{"web", webID[:12]} {
		s.put("inspect-"+name, `[{"Id":"`+webID+`","Name":"web","State":{"Status":"`+status+`","Running":true},"Config":{"Env":["DB_PASSWORD=hunter2"]}}]`)
		s.put("logs-"+name, "hello\nworld\n")
		s.put("stats-"+name, `{"ContainerID":"`+webID+`","Name":"web","CPU":1.5,"CPUNano":100,"MemUsage":1000,"MemLimit":4000,"MemPerc":25,"Network":{},"BlockInput":0,"BlockOutput":0,"PIDs":1}`)
	}
}

// A resource is what the tool of its noun gives.
func TestRead(t *testing.T) {
	s := newStage(t)
	furnish(s, "running")
	for _, era := range eras() {
		c := s.connect(era)
		for uri, tool := range map[string]struct {
			name       string
			parameters map[string]any
			mime       string
		}{
			containersURI:                    {"podman_ps", map[string]any{"all": true, "limit": 100}, "application/json"},
			"podman://images":                {"podman_images", map[string]any{"limit": 100}, "application/json"},
			webURI:                           {"podman_inspect", map[string]any{"container": "web"}, "application/json"},
			webURI + "/logs":                 {"podman_logs", map[string]any{"container": "web"}, "text/plain"},
			webURI + "/stats":                {"", nil, "application/json"},
			"podman://info":                  {"", nil, "application/json"},
			containersURI + "/" + webID[:12]: {"podman_inspect", map[string]any{"container": webID[:12]}, "application/json"},
		} {
			t.Run(era+" "+uri, func(t *testing.T) {
				result, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
				if err != nil {
					t.Fatal(err)
				}
				got := result.Contents[0]
				if len(result.Contents) != 1 || got.URI != uri || got.MIMEType != tool.mime {
					t.Errorf("got %+v", got)
				}
				if tool.mime == "application/json" && !json.Valid([]byte(got.Text)) {
					t.Errorf("no JSON: %s", got.Text)
				}
				if strings.Contains(got.Text, "hunter2") {
					t.Error("a secret is shown")
				}
				if tool.name == "" {
					return
				}
				if want, ok := c.call(t.Context(), tool.name, tool.parameters); !ok || got.Text != want {
					t.Errorf("got\n%s\n%s gives\n%s", got.Text, tool.name, want)
				}
			})
		}
	}
}

func TestReadErrors(t *testing.T) {
	s := newStage(t)
	furnish(s, "running")
	before := s.ran("")
	for _, era := range eras() {
		c := s.connect(era)
		for _, uri := range []string{"podman://", "podman://container", "podman://containers/", "podman://containers/web/", "podman://containers/web/top",
			"podman://containers/-a", "podman://containers/%2d", "podman://containers/..", "podman://containers/web/logs/x", "podman://containers/a%20b",
			"file:///etc/passwd", "podman://containers/" + strings.Repeat("a", 200), "podman://containers//logs"} {
			_, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
			check(t, uri, err, jsonrpc.CodeInvalidParams, "")
			if era == legacy {
				check(t, "subscribe to "+uri, c.Subscribe(t.Context(), &mcp.SubscribeParams{URI: uri}), jsonrpc.CodeInvalidParams, "")
			}
		}
		if n := s.ran(""); n != before {
			t.Errorf("%d processes ran for them", n-before)
		}
		for _, part := range []string{"", "/logs", "/stats"} {
			_, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "podman://containers/webb" + part})
			check(t, part, err, jsonrpc.CodeInvalidParams, `Resource not found: there is no container "webb". Nearest names: web.`)
		}
		before = s.ran("")
	}
	s.host.Runner.Podman = "/no/such/podman"
	_, err := s.connect(legacy).ReadResource(t.Context(), &mcp.ReadResourceParams{URI: containersURI})
	check(t, "no podman", err, jsonrpc.CodeInternalError, "PODMAN_NOT_CONNECTED: ")
}

func check(t *testing.T, what string, err error, code int64, message string) {
	t.Helper()
	var wire *jsonrpc.Error
	if !errors.As(err, &wire) || wire.Code != code || !strings.Contains(wire.Message, message) {
		t.Errorf("%s: got %v, want %d and %q", what, err, code, message)
	}
}

// What is read through a tool that clients may not call is not there for them either.
func TestNotOffered(t *testing.T) {
	offered, err := tools.Selection{Tools: []string{"podman_images"}}.Of(tools.All())
	if err != nil {
		t.Fatal(err)
	}
	s := newStageOf(t, offered)
	c := s.connect(eras()[0])
	resources, err := c.ListResources(t.Context(), nil)
	if err != nil || len(resources.Resources) != 1 || resources.Resources[0].URI != "podman://images" {
		t.Errorf("resources %+v, %v", resources, err)
	}
	if templates, err := c.ListResourceTemplates(t.Context(), nil); err != nil || len(templates.ResourceTemplates) != 0 {
		t.Errorf("templates %+v, %v", templates, err)
	}
	if prompts, err := c.ListPrompts(t.Context(), nil); err != nil || len(prompts.Prompts) != 0 {
		t.Errorf("prompts %+v, %v", prompts, err)
	}
	if _, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "podman://containers"}); err == nil {
		t.Error("podman://containers can be read")
	}
	if err := c.Subscribe(t.Context(), &mcp.SubscribeParams{URI: "podman://containers"}); err == nil {
		t.Error("podman://containers can be watched")
	}
	if n := s.ran(""); n != 0 {
		t.Errorf("%d processes ran", n)
	}
}

// Everything that is listed says what it gives.
func TestLists(t *testing.T) {
	s := newStage(t)
	for _, era := range eras() {
		c := s.connect(era)
		capabilities := c.InitializeResult().Capabilities
		if r := capabilities.Resources; r == nil || !r.Subscribe || r.ListChanged || capabilities.Completions == nil ||
			capabilities.Prompts == nil || capabilities.Prompts.ListChanged || capabilities.Tools == nil || capabilities.Tools.ListChanged {
			t.Errorf("capabilities %+v", capabilities)
		}
		resources, err := c.ListResources(t.Context(), nil)
		if err != nil || len(resources.Resources) != 3 {
			t.Fatal(resources, err)
		}
		for _, r := range resources.Resources {
			if r.Description == "" || r.MIMEType == "" || r.Title == "" {
				t.Errorf("%+v", r)
			}
		}
		templates, err := c.ListResourceTemplates(t.Context(), nil)
		if err != nil || len(templates.ResourceTemplates) != 3 {
			t.Fatal(templates, err)
		}
		for _, r := range templates.ResourceTemplates {
			if r.Description == "" || r.MIMEType == "" || r.Title == "" {
				t.Errorf("%+v", r)
			}
		}
		prompts, err := c.ListPrompts(t.Context(), nil)
		if err != nil || len(prompts.Prompts) != 3 {
			t.Fatal(prompts, err)
		}
		for _, p := range prompts.Prompts {
			if p.Description == "" || len(p.Arguments) != 1 || !p.Arguments[0].Required || p.Arguments[0].Description == "" {
				t.Errorf("%+v", p)
			}
		}
	}
	if n := s.ran(""); n != 0 {
		t.Errorf("%d processes ran for lists", n)
	}
}

func TestComplete(t *testing.T) {
	s := newStage(t)
	furnish(s, "running")
	c := s.connect(modern)
	ask := func(ref *mcp.CompleteReference, argument, begun string) mcp.CompletionResultDetails {
		t.Helper()
		result, err := c.Complete(t.Context(), &mcp.CompleteParams{Ref: ref, Argument: mcp.CompleteParamsArgument{Name: argument, Value: begun}})
		if err != nil {
			t.Fatal(err)
		}
		if result.Completion.Values == nil {
			t.Error("null values")
		}
		return result.Completion
	}
	logs := &mcp.CompleteReference{Type: "ref/resource", URI: "podman://containers/{name}/logs"}
	prompt := func(name string) *mcp.CompleteReference {
		return &mcp.CompleteReference{Type: "ref/prompt", Name: name}
	}
	for _, test := range []struct {
		ref             *mcp.CompleteReference
		argument, begun string
		want            []string
	}{
		{logs, "name", "", []string{"db", "web"}},
		{logs, "name", "w", []string{"web"}},
		{logs, "name", "76d", []string{webID[:12]}},
		{logs, "name", "d", []string{"db"}},
		{logs, "name", "x", []string{}},
		{logs, "name", "-", []string{}},
		{logs, "name", "$(x)", []string{}},
		{logs, "other", "", []string{}},
		{prompt("troubleshoot_container"), "name", "we", []string{"web"}},
		{prompt("deploy_service"), "what", "x:", []string{"localhost/x:latest", "localhost/x:1"}},
		{prompt("compose_project"), "folder", "/", []string{}},
	} {
		if got := ask(test.ref, test.argument, test.begun); !slices.Equal(got.Values, test.want) || got.HasMore {
			t.Errorf("%s%s %q: got %+v, want %v", test.ref.Name, test.ref.URI, test.begun, got, test.want)
		}
	}
	var rows []string
	for i := range 150 {
		rows = append(rows, fmt.Sprintf(`{"Id":"ab%062x","Names":["ab%03d"],"State":"running"}`, i, i))
	}
	s.put("ps", "["+strings.Join(rows, ",")+"]")
	if got := ask(logs, "name", "ab"); len(got.Values) != 100 || got.Total != 300 || !got.HasMore {
		t.Errorf("of 150 names and as many ids: %d values, total %d", len(got.Values), got.Total)
	}
	s.host.Runner.Podman = "/no/such/podman"
	if got := ask(logs, "name", "w"); len(got.Values) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestPrompts(t *testing.T) {
	s := newStage(t)
	furnish(s, "running")
	for _, era := range eras() {
		c := s.connect(era)
		get := func(name string, arguments map[string]string) (string, error) {
			result, err := c.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: name, Arguments: arguments})
			if err != nil {
				return "", err
			}
			return result.Messages[0].Content.(*mcp.TextContent).Text, nil
		}
		folder := t.TempDir()
		for _, test := range []struct {
			name, argument, value string
			holds                 []string
		}{
			{"troubleshoot_container", "name", "web", []string{"container web", `"status":"running"`, "hello\nworld"}},
			{"deploy_service", "what", "a web server", []string{"a web server", "localhost/x:1", `"name":"web"`}},
			{"compose_project", "folder", folder, []string{folder, "none of compose.yaml", `"containers":`}},
		} {
			text, err := get(test.name, map[string]string{test.argument: test.value})
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			for _, part := range test.holds {
				if !strings.Contains(text, part) {
					t.Errorf("%s does not hold %q:\n%s", test.name, part, text)
				}
			}
			_, err = get(test.name, nil)
			check(t, test.name, err, jsonrpc.CodeInvalidParams, test.argument+" is missing")
		}
		_, err := get("troubleshoot_container", map[string]string{"name": "webb"})
		check(t, "wrong name", err, jsonrpc.CodeInvalidParams, "Nearest names: web")
		_, err = get("troubleshoot_container", map[string]string{"name": "--all"})
		check(t, "flag", err, jsonrpc.CodeInvalidParams, "")
		_, err = get("compose_project", map[string]string{"folder": folder + "/none"})
		check(t, "folder", err, jsonrpc.CodeInvalidParams, "there is no folder")
	}
}

// Updates of a log come while it grows, at most one a second, from the same
// process as podman_logs follows with.
func TestLogUpdates(t *testing.T) {
	s := newStage(t)
	furnish(s, "running")
	s.put("logs-"+webID[:12], "2020-11-22T13:53:03.000000001Z long ago\n")
	a, b := s.connect(legacy), s.connect(modern)
	a.subscribe(webURI + "/logs")
	b.subscribe(webURI + "/logs")
	s.eventually("the log is followed", func() bool { return len(s.alive("logs --follow")) == 1 })
	time.Sleep(300 * time.Millisecond)
	if a.told(webURI+"/logs") > 0 {
		t.Error("told of what was there before")
	}
	begin := time.Now()
	for range 30 {
		say(s, "more")
		time.Sleep(50 * time.Millisecond)
	}
	if n, most := a.told(webURI+"/logs"), int(time.Since(begin).Seconds())+2; n < 1 || n > most {
		t.Errorf("%d updates in %v", n, time.Since(begin))
	}
	s.eventually("the other is told, too", func() bool { return b.told(webURI+"/logs") > 0 })
	if _, ok := a.call(t.Context(), "podman_logs", map[string]any{"container": "web", "follow": true, "duration": "100ms"}); !ok {
		t.Error("cannot follow")
	}
	if n := s.ran("logs --follow"); n != 1 {
		t.Errorf("%d followers, want 1", n)
	}
	s.add("logs-"+webID[:12], "END\n")
	s.eventually("the log has ended", func() bool { return len(s.alive("logs")) == 0 })
	s.put("logs-"+webID[:12], "")
	s.event("container", "start", "web")
	s.eventually("it is followed again", func() bool { return len(s.alive("logs")) == 1 })
	_ = a.Close()
	_ = b.Close()
	s.eventually("all have ended", func() bool { return len(s.alive("")) == 0 })
}

// Stats update every second, while the container runs.
func TestStatsUpdates(t *testing.T) {
	s := newStage(t)
	furnish(s, "running")
	c := s.connect(legacy)
	c.subscribe(webURI + "/stats")
	s.eventually("two updates", func() bool { return c.told(webURI+"/stats") >= 2 })
	furnish(s, "exited")
	s.event("container", "died", "web")
	inspected := s.ran("container inspect")
	s.eventually("its end was seen", func() bool { return s.ran("container inspect") > inspected || inspected > 1 })
	time.Sleep(1200 * time.Millisecond) // the update of its end
	told := c.told(webURI + "/stats")
	time.Sleep(2200 * time.Millisecond)
	if n := c.told(webURI+"/stats") - told; n > 0 {
		t.Errorf("%d updates of a container that has ended", n)
	}
	furnish(s, "running")
	s.event("container", "start", "web")
	s.eventually("updates again", func() bool { return c.told(webURI+"/stats") > told+1 })
}
