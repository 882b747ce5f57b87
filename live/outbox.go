package live

import (
	"context"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// sendTime is how long one notification may take. A transport that does not
// heed it holds up its own session alone.
const sendTime = 10 * time.Second

// outbox sends updates to one session. The SDK itself sends to one session
// after the other, and a client that does not read would keep the others
// waiting. Of several updates of one URI only the last one waits.
type outbox struct {
	mu      sync.Mutex
	open    bool // the session may be told; a modern one only after its acknowledgement
	busy    bool // a goroutine sends
	waiting []update
}

type update struct {
	uri  string
	send func()
}

func (b *outbox) put(uri string, send func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, u := range b.waiting {
		if u.uri == uri {
			b.waiting[i].send = send
			return
		}
	}
	b.waiting = append(b.waiting, update{uri, send})
	b.begin()
}

func (b *outbox) admit() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open = true
	b.begin()
}

func (b *outbox) begin() {
	if b.open && !b.busy && len(b.waiting) > 0 {
		b.busy = true
		go b.run()
	}
}

func (b *outbox) run() {
	for {
		b.mu.Lock()
		if len(b.waiting) == 0 {
			b.busy = false
			b.mu.Unlock()
			return
		}
		next := b.waiting[0]
		b.waiting = b.waiting[1:]
		b.mu.Unlock()
		next.send()
	}
}

const (
	updatedMethod = "notifications/resources/updated"
	ackMethod     = "notifications/subscriptions/acknowledged"
)

// apart is middleware that sends updates through the sessions' outboxes.
func (l *Live) apart(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		if method != updatedMethod && method != ackMethod {
			return next(ctx, method, req)
		}
		session, _ := req.GetSession().(*mcp.ServerSession)
		box := l.outbox(session)
		if box == nil {
			return next(ctx, method, req)
		}
		if method == ackMethod {
			defer box.admit()
			return next(ctx, method, req)
		}
		params, _ := req.GetParams().(*mcp.ResourceUpdatedNotificationParams)
		ctx = context.WithoutCancel(ctx) // the SDK's ends when this returns
		box.put(params.URI, func() {
			ctx, cancel := context.WithTimeout(ctx, sendTime)
			defer cancel()
			// An error is a client that is gone, of which Wait tells.
			_, _ = next(ctx, method, req)
		})
		return nil, nil
	}
}
