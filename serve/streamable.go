package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	sessionHeader = "Mcp-Session-Id"
	versionHeader = "Mcp-Protocol-Version"
	methodHeader  = "Mcp-Method"

	// modern is the first protocol version without sessions. Versions are dates.
	modern = "2026-07-28"
	// listenMethod is modern's call that lasts as long as a subscription.
	listenMethod = "subscriptions/listen"
)

// setHandlers makes the SDK's handlers. It takes two: one with sessions refuses
// the modern era, and one without cannot ask clients of the era before.
func (n *Network) setHandlers() {
	server := func(*http.Request) *mcp.Server { return n.MCP }
	options := mcp.StreamableHTTPOptions{
		SessionTimeout:               n.idle,
		MaxRequestBodyBytes:          maxMessage,
		PropagateRequestCancellation: true,
		DisableLocalhostProtection:   true, // Guard's, which knows --allowed-hosts
	}
	n.stateful = mcp.NewStreamableHTTPHandler(server, &options)
	options.Stateless = true
	n.stateless = mcp.NewStreamableHTTPHandler(server, &options)
}

// httpSessions counts the sessions that the SDK keeps for HTTP clients: those
// with an id.
func (n *Network) httpSessions() int {
	count := 0
	for session := range n.MCP.Sessions() {
		if session.ID() != "" {
			count++
		}
	}
	return count
}

// serveStreamable serves one request of streamable HTTP.
func (n *Network) serveStreamable(w http.ResponseWriter, r *http.Request) {
	isModern := r.Header.Get(versionHeader) >= modern
	session := r.Header.Get(sessionHeader)
	lasting := r.Method == http.MethodGet || isModern && r.Header.Get(methodHeader) == listenMethod
	begins := r.Method == http.MethodPost && !isModern && session == ""
	if begins || isModern && lasting {
		if !n.sessions.reserve() {
			n.full(w, r)
			return
		}
		defer n.sessions.release()
	}
	switch {
	case !lasting: // its answer is to arrive, as its call is to end
		n.work.add(1)
		defer n.work.add(-1)
	case isModern:
		n.sessions.listen(1)
		defer n.sessions.listen(-1)
	}
	if bad := n.readBody(w, r); bad != nil {
		n.refuse(w, r, bad)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	r = r.WithContext(ctx)
	out := newStream(n, w, cancel, !lasting)
	defer out.end()

	switch {
	case isModern:
		n.stateless.ServeHTTP(out, r)
		return
	case r.Method == http.MethodPost:
		defer n.posts.begin(r, session, cancel)()
	case r.Method == http.MethodGet && session != "":
		defer n.keepAlive(ctx, session)()
	case r.Method == http.MethodDelete:
		n.posts.cancel(session) // the SDK would wait for them
		n.Log.Debug().Str("remote", r.RemoteAddr).Msg("http client ends its session")
	}
	n.stateful.ServeHTTP(out, r)
	if begins && w.Header().Get(sessionHeader) != "" {
		n.Log.Debug().Str("remote", r.RemoteAddr).Msg("http client connected")
	}
}

// readBody reads the whole body, within a time: the server has none for all of
// a request, for streams last.
func (n *Network) readBody(w http.ResponseWriter, r *http.Request) *refused {
	if r.Method != http.MethodPost {
		r.Body = http.NoBody
		return nil
	}
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(n.bodyWithin)) // every connection of ours has deadlines
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return &refused{http.StatusRequestEntityTooLarge, fmt.Sprintf("a message may have at most %d bytes", maxMessage)}
	case err != nil:
		return &refused{http.StatusBadRequest, "the body did not arrive: " + strings.TrimPrefix(err.Error(), "http: ")}
	}
	_ = conn.SetReadDeadline(time.Time{})
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// keepAlive keeps a session whose client listens from idling out: the SDK
// counts POSTs alone. It posts an answer to no question, which changes nothing.
func (n *Network) keepAlive(ctx context.Context, session string) (stop func()) {
	var timer *time.Timer
	timer = time.AfterFunc(n.idle/3, func() {
		body := strings.NewReader(`{"jsonrpc":"2.0","id":"listening","result":{}}`)
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/mcp", body)
		if err != nil {
			return // it is well formed
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		r.Header.Set(sessionHeader, session)
		n.stateful.ServeHTTP(&nowhere{http.Header{}}, r)
		if ctx.Err() == nil {
			timer.Reset(n.idle / 3)
		}
	})
	return func() { timer.Stop() }
}

// nowhere is where an answer goes that nobody waits for.
type nowhere struct{ header http.Header }

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (w *nowhere) WriteHeader(int)             {}
