package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/tools"
)

type callCmd struct {
	Tool      string   `arg:"" help:"The tool's name; podman-mcp tools lists them."`
	Arguments []string `arg:"" optional:"" help:"One JSON object, or - to read it from standard input, or KEY=VALUE words."`
	JSON      bool     `help:"Print the structured result, also of an error." env:"-"`
}

// Help is the longer text of call --help.
func (callCmd) Help() string {
	return `Runs the tool just as an MCP client's call would. The exit status is 1 when the call fails, and 2 when there is no such tool.

    podman-mcp call podman_ps
    podman-mcp call podman_run '{"image": "docker.io/library/nginx:1.27", "name": "web", "ports": ["8080:80"]}'
    podman-mcp call podman_logs container=web tail=20 follow=true
    podman-mcp call podman_stop containers=web containers=db
    podman-mcp call podman_ps filters.status=running filters.name=web
    podman-mcp call podman_inspect --json - < arguments.json`
}

// Run calls the tool and prints its result.
func (c *callCmd) Run(ctx context.Context, g *Globals, s *streams) error {
	offered, err := g.Agents.selected("all", false) // what the profile refuses says so itself
	if err != nil {
		return err
	}
	tool, err := named(c.Tool, offered)
	if err != nil {
		return err
	}
	arguments, err := callArguments(tool, c.Arguments, s.in)
	if err != nil {
		return misuse{err}
	}
	host := g.host(s)
	unwatch, err := g.Watch.watch(host, "call")
	if err != nil {
		return err
	}
	defer unwatch()
	var m *meter
	if s.terminal(s.err) {
		m = &meter{out: s.err}
	}
	result, err := callTool(ctx, host, tool, arguments, m, s.asker(m))
	m.end()
	if ctx.Err() != nil && err != nil {
		if host.Runner.Remote || strings.Contains(string(arguments), `"connection"`) {
			s.complain("cancelled; podman's service may still be at work on it")
		} else {
			s.complain("cancelled; what was running has been ended")
		}
		return exited(1)
	}
	if err != nil {
		return err
	}
	return c.print(s, result, m)
}

// named finds a tool.
func named(name string, offered []tools.Tool) (tools.Tool, error) {
	var names []string
	for _, t := range offered {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	if slices.ContainsFunc(tools.All(), func(t tools.Tool) bool { return t.Name == name }) {
		return tools.Tool{}, misuse{fmt.Errorf("%s is left out by --toolsets, --tools or --disable-tools", name)}
	}
	near := tools.Nearest(name, names)
	if len(near) == 0 {
		near = tools.Nearest("podman_"+name, names)
	}
	hint := "podman-mcp tools lists them"
	if len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return tools.Tool{}, misuse{fmt.Errorf("there is no tool %q; %s", name, hint)}
}

// callArguments makes the call's JSON of the command line's words.
func callArguments(tool tools.Tool, words []string, in io.Reader) (json.RawMessage, error) {
	switch {
	case len(words) == 0:
		return json.RawMessage(`{}`), nil
	case len(words) == 1 && words[0] == "-":
		text, err := io.ReadAll(io.LimitReader(in, 4<<20))
		if err != nil {
			return nil, fmt.Errorf("read the arguments: %w", err)
		}
		return object(text)
	case len(words) == 1 && strings.HasPrefix(strings.TrimSpace(words[0]), "{"):
		return object([]byte(words[0]))
	}
	input, _ := tool.Schemas()
	values := map[string]any{}
	for i, word := range words {
		if strings.HasPrefix(word, "-") {
			return nil, stray(input, words[i:])
		}
		key, value, ok := strings.Cut(word, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("%q is neither a JSON object nor KEY=VALUE; see podman-mcp call --help", word)
		}
		into, name, property := values, key, input.Properties[key]
		if outer, inner, dotted := strings.Cut(key, "."); dotted && property == nil && input.Properties[outer] != nil && input.Properties[outer].Type == "object" {
			if values[outer] == nil {
				values[outer] = map[string]any{}
			}
			if into, ok = values[outer].(map[string]any); !ok {
				return nil, fmt.Errorf("%s is given both as JSON and as %s", outer, key)
			}
			name, property = inner, input.Properties[outer].Properties[inner]
		}
		kind := ""
		if property != nil {
			kind = property.Type
		}
		if _, parts := into[name].(map[string]any); parts {
			return nil, fmt.Errorf("%s is given both as JSON and in parts", key)
		}
		switch {
		case kind == "array" && !strings.HasPrefix(value, "["):
			list, _ := into[name].([]string)
			into[name] = append(list, value)
		case kind != "string" && json.Valid([]byte(value)):
			into[name] = json.RawMessage(value)
		default:
			into[name] = value // the tool says what it takes instead
		}
	}
	return json.Marshal(values)
}

// stray is about words that begin with a dash, where a tool's parameters stand.
func stray(input *jsonschema.Schema, words []string) error {
	name, value, ok := strings.Cut(strings.TrimLeft(words[0], "-"), "=")
	key := strings.ReplaceAll(name, "-", "_")
	property := input.Properties[key]
	if property == nil {
		return fmt.Errorf("unknown flag %s; a tool's parameters are written KEY=VALUE, and podman-mcp's own flags are in podman-mcp call --help", words[0])
	}
	if !ok && property.Type == "boolean" {
		value = "true"
	} else if !ok {
		value = "VALUE"
		if len(words) > 1 && !strings.HasPrefix(words[1], "-") && !strings.Contains(words[1], "=") {
			value = words[1]
		}
	}
	return fmt.Errorf("%s is no flag: a tool's parameters are written without dashes, here %s=%s", words[0], key, value)
}

// strayFlags has call take flags that it does not know as words, of which
// stray says how they are written.
func strayFlags(app *kong.Application) {
	for _, command := range app.Children {
		if command.Name == "call" {
			command.Positional[1].PassthroughMode = kong.PassThroughModeAll // without Passthrough it ends no parsing
		}
	}
}

func object(text []byte) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil || fields == nil {
		return nil, fmt.Errorf("the arguments are no JSON object: %s", cause(err))
	}
	return json.RawMessage(text), nil
}

func cause(err error) string {
	if err == nil {
		return "they are null"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// callTool runs one call through the server, as a client of it. When ctx ends
// it returns once the server has undone the call.
func callTool(ctx context.Context, host *tools.Host, tool tools.Tool, arguments json.RawMessage, m *meter,
	ask func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error)) (*mcp.CallToolResult, error) {
	lasting := context.WithoutCancel(ctx) // the ends need time to say goodbye
	number, _ := thisVersion()
	here, there := mcp.NewInMemoryTransports()
	session, err := tools.Server(lasting, number, host, []tools.Tool{tool}).Connect(lasting, there, nil)
	if err != nil {
		return nil, err
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "podman-mcp call", Version: number}, &mcp.ClientOptions{
		ElicitationHandler: ask,
		ProgressNotificationHandler: func(_ context.Context, req *mcp.ProgressNotificationClientRequest) {
			m.show(req.Params.Message, req.Params.Progress, req.Params.Total)
		},
	})
	calls, err := client.Connect(lasting, here, nil)
	if err != nil {
		return nil, err
	}
	params := &mcp.CallToolParams{Name: tool.Name, Arguments: arguments}
	if m != nil {
		params.SetProgressToken("call")
	}
	result, err := calls.CallTool(ctx, params)
	// Closing cancels what still runs, and Wait sees it out.
	_ = calls.Close()
	_ = session.Wait()
	return result, err
}

// print writes a result to standard output and an error to standard error.
func (c *callCmd) print(s *streams, result *mcp.CallToolResult, m *meter) error {
	var text strings.Builder
	for _, content := range result.Content {
		if t, ok := content.(*mcp.TextContent); ok {
			text.WriteString(t.Text)
		}
	}
	out, isRecord := text.String(), false
	var record any
	if json.Unmarshal([]byte(out), &record) == nil {
		isRecord = reflect.DeepEqual(record, result.StructuredContent) // else a program printed some JSON
	}
	fields, _ := result.StructuredContent.(map[string]any)
	switch output, _ := fields["output"].(string); {
	case c.JSON && !isRecord:
		out, isRecord = encode(fields), true
	case !c.JSON && !result.IsError && output != "" && s.terminal(s.out) && m.shown() > strings.Count(output, "\n"):
		// All of it has scrolled by on the same terminal: what is left is how it ended.
		delete(fields, "output")
		out, isRecord = encode(fields), true
	}
	if isRecord && s.terminal(s.out) {
		var pretty bytes.Buffer
		if json.Indent(&pretty, []byte(out), "", "  ") == nil {
			out = pretty.String()
		}
	}
	if result.IsError {
		s.complain("%s", strings.TrimSuffix(text.String(), "\n"))
	}
	if !result.IsError || c.JSON {
		if _, err := io.WriteString(s.out, strings.TrimSuffix(out, "\n")+"\n"); err != nil {
			return err
		}
	}
	if result.IsError {
		return exited(1)
	}
	return nil
}

// encode is v as JSON in which "->" stays as it is.
func encode(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "{}" // v came as JSON
	}
	return b.String()
}
