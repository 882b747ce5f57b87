package live

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/parse"
	"podman-mcp/tools"
)

const (
	jsonType = "application/json"
	textType = "text/plain"
)

func (l *Live) addResources(server *mcp.Server) {
	for k, r := range []*mcp.Resource{
		containers: {URI: containersURI, Name: "containers", Title: "Containers", MIMEType: jsonType,
			Description: "The list of all containers, also those that do not run, as podman_ps gives it: names, images, states, health, ports. Updates when any is made, changes or goes."},
		images: {URI: imagesURI, Name: "images", Title: "Images", MIMEType: jsonType,
			Description: "The list of local images as podman_images gives it: names, ids, sizes, ages. Updates when one is pulled, built, tagged or removed."},
		info: {URI: infoURI, Name: "info", Title: "Podman and its machine", MIMEType: jsonType,
			Description: "Podman's version, machine, storage and runtime, and how many containers and images there are. Takes podman half a second to tell."},
	} {
		if l.host.Offers(topic{kind: kind(k)}.tool()) {
			server.AddResource(r, l.read)
		}
	}
	for k, t := range []*mcp.ResourceTemplate{ // in the order of their kinds
		{URITemplate: containersURI + "/{name}", Name: "container", Title: "One container", MIMEType: jsonType,
			Description: "One container by name or id as podman_inspect gives it: state, health, command, ports, mounts, networks, limits; secrets masked. Updates when it changes."},
		{URITemplate: containersURI + "/{name}/logs", Name: "container-logs", Title: "A container's log", MIMEType: textType,
			Description: "The newest 100 lines that a container printed, as podman_logs gives them. Updates at most once a second while it prints."},
		{URITemplate: containersURI + "/{name}/stats", Name: "container-stats", Title: "What a container uses", MIMEType: jsonType,
			Description: "What a container uses now, in bytes and percent: processor, memory, network, disk, processes. Updates every second while it runs."},
	} {
		if l.host.Offers(topic{kind: container + kind(k)}.tool()) {
			server.AddResourceTemplate(t, l.read)
		}
	}
}

// read reads any resource through the tool of its noun.
func (l *Live) read(ctx context.Context, req *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
	uri := req.Params.URI
	t, ok := topicOf(uri)
	if !ok {
		return nil, notFound(uri, "there is no such resource")
	}
	ctx, done := l.work(ctx)
	defer done()
	answer, err := l.ask(ctx, t)
	if err != nil {
		return nil, l.readError(uri, err)
	}
	contents := &mcp.ResourceContents{URI: uri, MIMEType: jsonType, Text: answer.Text}
	if answer.Plain {
		contents.MIMEType = textType
	}
	result := &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{contents}}
	result.CacheScope = "private" // it is this user's podman
	return result, nil
}

func (l *Live) ask(ctx context.Context, t topic) (tools.Answer, error) {
	switch t.kind {
	case containers:
		return l.host.Do(ctx, t.tool(), tools.PsParams{All: true, Limit: 100})
	case images:
		return l.host.Do(ctx, t.tool(), tools.ImagesParams{Limit: 100})
	case info:
		return l.host.Do(ctx, t.tool(), tools.InfoParams{})
	case logs:
		return l.host.Do(ctx, t.tool(), fields{"container": t.name})
	case stats:
		return l.host.Do(ctx, t.tool(), fields{"containers": []string{t.name}})
	}
	return l.host.Do(ctx, t.tool(), fields{"container": t.name})
}

// fields are parameters whose other ones have their defaults.
type fields map[string]any

// notFound is MCP's error for a resource that is not there, by the number that
// it has since 2026-07-28; in older versions of the protocol it was -32002.
func notFound(uri, why string) error {
	data, _ := json.Marshal(map[string]string{"uri": uri}) // a string encodes
	return &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "Resource not found: " + why, Data: data}
}

// readError makes a tool's failure one of the protocol: a resource has no other.
func (l *Live) readError(uri string, err error) error {
	var f *parse.Failure
	if errors.As(err, &f) && f.Code == parse.ContainerNotFound {
		return notFound(uri, sentences(f.Message, f.Hint))
	}
	return tools.ProtocolError(err)
}

// sentences joins a message and a hint.
func sentences(message, hint string) string {
	if hint == "" {
		return message
	}
	return message + ". " + hint
}
