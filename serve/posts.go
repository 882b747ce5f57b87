package serve

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// postHeader leads from a handler to the POST that its call came by. It is set
// by us, over whatever a client sends.
const postHeader = "Podman-Mcp-Post"

// posts are the requests under way of the era with sessions. The SDK lets their
// calls run on when the client is gone, though nobody could fetch the answer.
type posts struct {
	mu   sync.Mutex
	last int
	open map[string]*post
}

type post struct {
	ctx     context.Context
	cancel  context.CancelFunc
	session string
}

// begin notes a request until end is called.
func (p *posts) begin(r *http.Request, session string, cancel context.CancelFunc) (end func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	id := strconv.Itoa(p.last)
	p.open[id] = &post{r.Context(), cancel, session}
	r.Header.Set(postHeader, id)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.open, id)
	}
}

// cancel cancels the calls of a session.
func (p *posts) cancel(session string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, post := range p.open {
		if post.session == session {
			post.cancel()
		}
	}
}

// of returns the context of the POST that a call came by.
func (p *posts) of(req mcp.Request) (context.Context, bool) {
	extra := req.GetExtra()
	if extra == nil {
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	post, ok := p.open[extra.Header.Get(postHeader)]
	if !ok {
		return nil, false
	}
	return post.ctx, true
}

// handle is every call's way to its handler, whatever the transport.
func (n *Network) handle(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		if strings.HasPrefix(method, "notifications/") || method == "ping" {
			return next(ctx, method, req)
		}
		if !n.work.begin() {
			return nil, &jsonrpc.Error{Code: codeEnding, Message: endingText}
		}
		if method == listenMethod { // it ends with its client
			n.work.add(-1)
			return next(ctx, method, req)
		}
		defer n.work.add(-1)
		if gone, ok := n.posts.of(req); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithCancel(ctx)
			defer cancel()
			defer context.AfterFunc(gone, cancel)()
		}
		return next(ctx, method, req)
	}
}

// codeEnding is of those that JSON-RPC leaves to servers.
const codeEnding = -32000
