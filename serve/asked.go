package serve

import (
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/tools"
)

// asked is a request that podman may have to answer: a call of a tool, or
// resources that are read or watched.
type asked struct {
	clientRequest
	what      string // the tool, or MCP's name of the method
	arguments json.RawMessage
}

// clientRequest is what all requests of clients tell.
type clientRequest interface {
	mcp.Request
	ClientInfo() *mcp.Implementation
}

// askedOf is not ok for requests that the server answers by itself.
func askedOf(req mcp.Request) (a asked, ok bool) {
	uris := func(list ...string) json.RawMessage {
		text, _ := json.Marshal(map[string][]string{"uris": list}) // strings encode
		return text
	}
	switch r := req.(type) {
	case *mcp.CallToolRequest:
		return asked{r, tools.Word(r.Params.Name), r.Params.Arguments}, true
	case *mcp.ReadResourceRequest:
		return asked{r, "resources/read", uris(r.Params.URI)}, true
	case *mcp.SubscribeRequest:
		return asked{r, "resources/subscribe", uris(r.Params.URI)}, true
	case *mcp.SubscriptionsListenRequest:
		if n := r.Params.Notifications; n != nil && len(n.ResourceSubscriptions) > 0 {
			return asked{r, "subscriptions/listen", uris(n.ResourceSubscriptions...)}, true
		}
	}
	return asked{}, false
}

// session is nil where there is none, such as in a test.
func (a asked) session() *mcp.ServerSession {
	session, _ := a.GetSession().(*mcp.ServerSession)
	return session
}
