package live

import (
	"context"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/parse"
	"podman-mcp/tools"
)

// subscriptions are who watches what. As in the SDK, a session watches a URI or
// not, however often it said so.
type subscriptions struct {
	mu      sync.Mutex
	watched map[string]*watched
	boxes   map[*mcp.ServerSession]*outbox // of every session that ever subscribed and is still there
}

type sessions map[*mcp.ServerSession]struct{}

// watched is a topic that somebody watches.
type watched struct {
	topic
	sessions sessions
	changed  chan struct{} // the container may run now, or not any more
	cancel   context.CancelFunc

	last time.Time   // of the latest update
	due  *time.Timer // for the next one; nil where none is
}

func (l *Live) subscribe(_ context.Context, req *mcp.SubscribeRequest) error {
	t, ok := topicOf(req.Params.URI)
	if !ok || !l.host.Offers(t.tool()) {
		return notFound(req.Params.URI, "there is no such resource")
	}
	l.subs.mu.Lock()
	defer l.subs.mu.Unlock()
	if l.ctx.Err() != nil {
		return tools.ErrShutdown
	}
	l.welcome(req.Session)
	w := l.subs.watched[t.uri]
	if w == nil {
		if len(l.subs.watched) == 0 {
			l.hub.start()
		}
		w = l.watch(t)
		l.subs.watched[t.uri] = w
	}
	w.sessions[req.Session] = struct{}{}
	return nil
}

func (l *Live) unsubscribe(_ context.Context, req *mcp.UnsubscribeRequest) error {
	l.subs.mu.Lock()
	defer l.subs.mu.Unlock()
	l.drop(req.Session, req.Params.URI)
	return nil
}

// welcome gives a session its outbox, and waits for its end, of which the SDK
// tells nobody.
func (l *Live) welcome(session *mcp.ServerSession) {
	if l.subs.boxes[session] != nil {
		return
	}
	l.subs.boxes[session] = &outbox{open: !modern(session)}
	go func() {
		_ = session.Wait()
		l.subs.mu.Lock()
		defer l.subs.mu.Unlock()
		delete(l.subs.boxes, session)
		for uri := range l.subs.watched {
			l.drop(session, uri)
		}
	}()
}

// modern tells of a session of the stateless era, in which a subscription is a
// request of its own that is acknowledged first.
func modern(session *mcp.ServerSession) bool {
	params := session.InitializeParams()
	return params != nil && params.ProtocolVersion >= "2026-07-28"
}

// drop takes a session off a URI; the last one ends what watches it, and with
// the last URI the events end.
func (l *Live) drop(session *mcp.ServerSession, uri string) {
	w := l.subs.watched[uri]
	if w == nil {
		return
	}
	delete(w.sessions, session)
	if len(w.sessions) > 0 {
		return
	}
	delete(l.subs.watched, uri)
	w.cancel()
	if w.due != nil {
		w.due.Stop()
	}
	if len(l.subs.watched) == 0 {
		l.hub.stop()
	}
}

func (l *Live) outbox(session *mcp.ServerSession) *outbox {
	l.subs.mu.Lock()
	defer l.subs.mu.Unlock()
	return l.subs.boxes[session]
}

// happened tells those whom an event concerns.
func (l *Live) happened(e parse.Event) {
	l.each(func(w *watched) bool { return w.changedBy(e) }, func(w *watched) bool { return w.wakes(e) })
}

// missed tells everybody.
func (l *Live) missed() {
	all := func(*watched) bool { return true }
	l.each(all, all)
}

func (l *Live) each(concerns, wakes func(*watched) bool) {
	l.subs.mu.Lock()
	var now []*watched
	for _, w := range l.subs.watched {
		if wakes(w) {
			select {
			case w.changed <- struct{}{}:
			default: // it will look in any case
			}
		}
		if concerns(w) && l.ripe(w) {
			now = append(now, w)
		}
	}
	l.subs.mu.Unlock()
	for _, w := range now {
		l.update(w)
	}
}

// tell says that w has changed, at its pace.
func (l *Live) tell(w *watched) {
	l.subs.mu.Lock()
	now := l.ripe(w)
	l.subs.mu.Unlock()
	if now {
		l.update(w)
	}
}

// ripe tells whether an update can go out now; if not it arranges a later one.
func (l *Live) ripe(w *watched) bool {
	wait := w.pace() - time.Since(w.last)
	switch {
	case l.subs.watched[w.uri] != w || w.due != nil:
		return false
	case wait <= 0:
		w.last = time.Now()
		return true
	}
	w.due = time.AfterFunc(wait, func() {
		l.subs.mu.Lock()
		w.due, w.last = nil, time.Now()
		l.subs.mu.Unlock()
		l.update(w)
	})
	return false
}

// update hands an update to the outboxes of all who subscribed to it.
func (l *Live) update(w *watched) {
	l.servers.Range(func(server, _ any) bool {
		// It always returns nil.
		_ = server.(*mcp.Server).ResourceUpdated(context.Background(), &mcp.ResourceUpdatedNotificationParams{URI: w.uri})
		return true
	})
}
