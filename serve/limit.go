package serve

import (
	"context"
	"math"
	"net"
	"sync"
	"time"
	"weak"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"golang.org/x/time/rate"

	"podman-mcp/tools"
)

// Limit holds each session to a number of requests in a second, of calls of
// tools and of resources together. What is over that is refused at once and
// comes to no tool.
type Limit struct {
	rate  rate.Limit
	burst int

	mu      sync.Mutex
	buckets map[any]*rate.Limiter // by session
}

// NewLimit lets a session make perSecond requests, and up to burst of them at
// once: 0 for as many as a second has, but one at least.
func NewLimit(perSecond float64, burst int) *Limit {
	if burst == 0 {
		burst = max(1, int(math.Ceil(perSecond)))
	}
	return &Limit{rate: rate.Limit(perSecond), burst: burst, buckets: map[any]*rate.Limiter{}}
}

// Middleware refuses requests that are too many.
func (l *Limit) Middleware(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		if a, ok := askedOf(req); ok {
			if wait := l.take(sessionKey(a), time.Now()); wait > 0 {
				return tools.TooMany(req, float64(l.rate), wait)
			}
		}
		return next(ctx, method, req)
	}
}

// sessionKey is what a session's calls have in common. Over HTTP the newest
// protocol has no sessions, and there it is the client's address.
func sessionKey(a asked) any {
	if who := callerOf(a, ""); who.Transport == "http" {
		if who.Session != "" {
			return who.Session
		}
		if host, _, err := net.SplitHostPort(who.Peer); err == nil {
			return host
		}
		return who.Peer
	}
	return weak.Make(a.session())
}

// manyBuckets is how many there may be before those are dropped that are full
// again, and so as good as new ones.
const manyBuckets = 256

// take gives 0 where a call may go on, else how long it has to wait.
func (l *Limit) take(session any, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.buckets[session]
	if bucket == nil {
		if len(l.buckets) >= manyBuckets {
			for key, b := range l.buckets {
				if b.TokensAt(now) >= float64(l.burst) {
					delete(l.buckets, key)
				}
			}
		}
		bucket = rate.NewLimiter(l.rate, l.burst)
		l.buckets[session] = bucket
	}
	if bucket.AllowN(now, 1) {
		return 0
	}
	lacks := 1 - bucket.TokensAt(now)
	return max(time.Duration(lacks/float64(l.rate)*float64(time.Second)), time.Millisecond)
}
