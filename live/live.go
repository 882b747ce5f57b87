// Package live shows podman's containers and images as resources, tells
// subscribers of them what changes while it changes, and offers prompts.
//
//	l := live.New(ctx, host, log)
//	server := tools.Server(ctx, version, host, tools.All(), l.Options)
//	l.Attach(server)
//	defer l.Close()
//
// Everything is read through the tools' own functions; nothing is kept of the
// containers beside podman. What happens is heard from one podman events
// process, which runs while somebody subscribes and takes none of the runner's
// places. Nothing runs before the first read or subscription.
package live

import (
	"context"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"

	"podman-mcp/tools"
)

// Live is what is watched of one podman, for any number of servers.
type Live struct {
	ctx     context.Context
	end     context.CancelCauseFunc
	running sync.WaitGroup // what runs beside the clients' requests
	host    *tools.Host
	hub     hub
	subs    subscriptions
	servers sync.Map // of *mcp.Server
}

// New returns a Live on host. Everything that it runs ends with ctx, which
// should be that of the tools' calls, or with Close.
func New(ctx context.Context, host *tools.Host, log zerolog.Logger) *Live {
	l := &Live{host: host}
	l.ctx, l.end = context.WithCancelCause(ctx)
	l.subs.watched = map[string]*watched{}
	l.subs.boxes = map[*mcp.ServerSession]*outbox{}
	l.hub = hub{ctx: l.ctx, running: &l.running, stream: host.Stream, happened: l.happened, missed: l.missed,
		failed: func(err error, retry time.Duration) {
			log.Warn().Err(err).Dur("retry_ms", retry).Msg("podman events ended; what it missed will be read again")
		}}
	return l
}

// Close ends what is watched, and returns when its processes have ended.
func (l *Live) Close() {
	l.subs.mu.Lock() // nobody subscribes meanwhile
	l.end(tools.ErrShutdown)
	l.subs.mu.Unlock()
	l.running.Wait()
}

// Options sets what a server must know before it is made.
func (l *Live) Options(o *mcp.ServerOptions) {
	if o.Capabilities == nil {
		o.Capabilities = &mcp.ServerCapabilities{}
	}
	// The lists of resources and of prompts never change.
	o.Capabilities.Resources = &mcp.ResourceCapabilities{Subscribe: true}
	o.Capabilities.Prompts = &mcp.PromptCapabilities{}
	o.Instructions += " To watch a container, subscribe to podman://containers/NAME, or its /logs or /stats; podman://containers is the list."
	o.SubscribeHandler, o.UnsubscribeHandler = l.subscribe, l.unsubscribe
	o.CompletionHandler = l.complete
}

// Attach adds the resources and prompts to a server that was made with Options.
func (l *Live) Attach(server *mcp.Server) {
	l.servers.Store(server, nil)
	server.AddSendingMiddleware(l.apart)
	l.addResources(server)
	l.addPrompts(server)
}

// work joins a handler's context to the server's, as the tools' handlers do:
// the SDK waits for handlers when it closes and does not cancel them.
func (l *Live) work(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(l.ctx, func() { cancel(tools.ErrShutdown) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}
