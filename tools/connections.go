package tools

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/parse"
)

// Where podman knows several connections, each tool gains a parameter that
// names one. With one or none there is no such parameter, for every word of a
// schema costs every session tokens.
const (
	connectionParameter = "connection"
	everywhereWord      = "*"
	connectionTimeout   = 2 * time.Second // podman reads a file of settings for it
)

// connections are the hosts beside the one that calls go to by themselves.
type connections struct {
	mu    sync.Mutex
	names []string         // as podman last told
	hosts map[string]*Host // by connection, made when first called
}

// Connections asks podman for the names of its connections. There are none to
// choose from where it knows only one, where it cannot be asked, or where the
// operator has chosen already, as by --connection or --socket-path.
func (h *Host) Connections(ctx context.Context) []string {
	if len(h.Runner.Globals) > 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, connectionTimeout)
	defer cancel()
	list, err := listConnections(ctx, h.Runner)
	if err != nil {
		h.Log.Debug().Err(err).Msg("podman does not tell its connections")
	}
	var names []string
	for _, c := range list {
		names = append(names, c.Name)
	}
	if len(names) < 2 {
		names = nil
	}
	h.connections.mu.Lock()
	defer h.connections.mu.Unlock()
	h.connections.names = names
	return names
}

// at is the host of a connection. The error names those there are.
func (h *Host) at(ctx context.Context, name string) (*Host, *parse.Failure) {
	all := &h.connections
	all.mu.Lock()
	known := all.names
	all.mu.Unlock()
	if !slices.Contains(known, name) {
		known = h.Connections(ctx) // it may be new
	}
	if len(known) == 0 {
		return nil, invalid(connectionParameter, "there is no such parameter: this podman has no connections to choose from")
	}
	if !slices.Contains(known, name) {
		return nil, invalid(connectionParameter, "got %s; takes one of %s", short([]byte(name)), strings.Join(known, ", "))
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.hosts == nil {
		all.hosts = map[string]*Host{}
	}
	if all.hosts[name] == nil {
		all.hosts[name] = &Host{Runner: h.Runner.On("--remote", "--connection="+name), Compose: h.Compose, Roots: h.Roots, Policy: h.Policy, Images: h.Images,
			Scope: h.Scope, Confirm: h.Confirm, ConfirmWithin: h.ConfirmWithin, Timeout: h.Timeout, Moment: h.Moment, Patience: h.Patience, Log: h.Log}
	}
	return all.hosts[name], nil
}

// routed takes the connection out of a call's arguments, "" where none is
// named. What else may be wrong with them is the tool's to say.
func routed(arguments json.RawMessage) (connection string, rest json.RawMessage, f *parse.Failure) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(arguments, &fields) != nil || fields[connectionParameter] == nil {
		return "", arguments, nil
	}
	word := fields[connectionParameter]
	delete(fields, connectionParameter)
	rest, err := json.Marshal(fields)
	if err != nil {
		return "", arguments, nil
	}
	if string(word) == "null" {
		return "", rest, nil
	}
	if json.Unmarshal(word, &connection) != nil {
		return "", nil, invalid(connectionParameter, "got %s; takes a connection's name", short(word))
	}
	return connection, rest, nil
}

// route runs a call where its arguments want it.
func (t Tool) route(ctx context.Context, c *Call, arguments json.RawMessage) (any, error) {
	connection, rest, f := routed(arguments)
	switch {
	case f != nil:
		return nil, f
	case connection == "":
		return t.call(ctx, c, rest)
	case connection == everywhereWord && t.everywhere != nil:
		return t.callEverywhere(ctx, c, rest)
	}
	host, f := c.at(ctx, connection)
	if f != nil {
		return nil, f
	}
	return t.call(ctx, c.on(host, connection), rest)
}

// reply is one connection's answer to a call of all: out, or err where it has
// none.
type reply struct {
	connection string
	out        any
	err        error
}

// Unreached is a connection that did not answer a call of all.
type Unreached struct {
	Connection string     `json:"connection"`
	Error      *wireError `json:"error"`
}

func (r reply) unreached() Unreached {
	var f *parse.Failure
	if !errors.As(r.err, &f) { // call gives no other
		f = &parse.Failure{Code: parse.PodmanError, Message: parse.Clean(r.err.Error())}
	}
	return Unreached{r.connection, wire(f)}
}

// callEverywhere calls the tool on all connections at once.
func (t Tool) callEverywhere(ctx context.Context, c *Call, arguments json.RawMessage) (any, error) {
	names := c.Connections(ctx)
	if len(names) == 0 {
		return nil, invalid(connectionParameter, "there is no such parameter: this podman has no connections to choose from")
	}
	replies := make([]reply, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			host, f := c.at(ctx, name)
			if f != nil {
				replies[i] = reply{name, nil, f}
				return
			}
			out, err := t.call(ctx, c.on(host, name), arguments)
			replies[i] = reply{name, out, err}
		})
	}
	all.Wait()
	if i := slices.IndexFunc(replies, func(r reply) bool { return r.err == nil }); i < 0 {
		return nil, replies[0].err
	}
	return t.everywhere(replies), nil
}

// offerConnections adds the parameter to the tools that a client lists.
func offerConnections(host *Host, offered []Tool) mcp.Middleware {
	everywhere := func(name string) bool {
		return slices.ContainsFunc(offered, func(t Tool) bool { return t.Name == name && t.everywhere != nil })
	}
	return func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			result, err := next(ctx, method, req)
			list, ok := result.(*mcp.ListToolsResult)
			if !ok || err != nil {
				return result, err
			}
			names := host.Connections(ctx)
			if len(names) == 0 {
				return result, nil
			}
			with := *list
			with.Tools = make([]*mcp.Tool, len(list.Tools))
			for i, tool := range list.Tools {
				with.Tools[i] = withConnection(tool, names, everywhere(tool.Name))
			}
			return &with, nil
		}
	}
}

// withConnection is a copy of tool with the parameter.
func withConnection(tool *mcp.Tool, names []string, everywhere bool) *mcp.Tool {
	input, ok := tool.InputSchema.(*jsonschema.Schema)
	if !ok {
		return tool
	}
	parameter := &jsonschema.Schema{Type: "string", Description: "Podman connection to use instead of the default one"}
	for _, name := range names {
		parameter.Enum = append(parameter.Enum, name)
	}
	if everywhere {
		parameter.Enum = append(parameter.Enum, everywhereWord)
	}
	schema := *input
	schema.Properties = maps.Clone(input.Properties)
	if schema.Properties == nil {
		schema.Properties = map[string]*jsonschema.Schema{}
	}
	schema.Properties[connectionParameter] = parameter
	schema.PropertyOrder = append(slices.Clone(input.PropertyOrder), connectionParameter)
	copied := *tool
	copied.InputSchema = &schema
	return &copied
}
