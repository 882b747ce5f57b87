package live

import (
	"context"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/tools"
)

// maxValues is the most that MCP takes of a completion.
const maxValues = 100

// complete offers containers for {name} and for the prompts' name, and local
// images for what to deploy. Where podman does not answer, it offers nothing:
// somebody is typing.
func (l *Live) complete(ctx context.Context, req *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
	ctx, done := l.work(ctx)
	defer done()
	begun := req.Params.Argument.Value
	values, total := []string{}, 0
	switch req.Params.Ref.Name + req.Params.Ref.URI + " " + req.Params.Argument.Name {
	case containersURI + "/{name} name", containersURI + "/{name}/logs name", containersURI + "/{name}/stats name",
		troubleshoot + " name":
		values, total = l.containers(ctx, begun)
	case deploy + " what":
		values, total = l.images(ctx, begun)
	}
	return &mcp.CompleteResult{Completion: mcp.CompletionResultDetails{
		Values: values, Total: total, HasMore: total > len(values)}}, nil
}

// containers gives the names that begin so, and then the ids. Podman filters:
// a list has 100 containers at most, and there may be more.
func (l *Live) containers(ctx context.Context, begun string) ([]string, int) {
	values, total := []string{}, 0
	add := func(filters fields, of func(name, id string) string) {
		answer, err := l.host.Do(ctx, "podman_ps", fields{"all": true, "limit": 100, "filters": filters})
		list, ok := answer.Value.(tools.PsResult)
		if err != nil || !ok {
			return
		}
		for _, c := range list.Containers {
			if v := of(c.Name, c.ID); strings.HasPrefix(v, begun) {
				total++
				values = append(values, v)
			}
		}
		total += list.Total - len(list.Containers)
	}
	name := func(name, _ string) string { return name }
	if begun == "" {
		add(fields{}, name)
	} else if containerName().MatchString(begun) {
		add(fields{"name": "^" + begun}, name)
		if len(begun) <= 12 && strings.Trim(begun, "0123456789abcdef") == "" {
			add(fields{"id": begun}, func(_, id string) string { return id })
		}
	}
	return values[:min(len(values), maxValues)], total
}

// images gives the names of local images that have the text in them: who types
// nginx means docker.io/library/nginx:1.27 too.
func (l *Live) images(ctx context.Context, begun string) ([]string, int) {
	values := []string{}
	answer, err := l.host.Do(ctx, "podman_images", tools.ImagesParams{Limit: 100})
	list, ok := answer.Value.(tools.ImagesResult)
	if err != nil || !ok {
		return values, 0
	}
	for _, image := range list.Images {
		for _, name := range image.Names {
			if strings.Contains(name, begun) {
				values = append(values, name)
			}
		}
	}
	return values[:min(len(values), maxValues)], len(values)
}
