package serve

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"
)

// endingText is what clients are told while the server ends.
const endingText = "the server is shutting down"

// Network serves many clients on its listeners: WebSocket at /ws and /, and at
// /mcp streamable HTTP, or WebSocket where the client asks for that.
type Network struct {
	MCP   *mcp.Server
	Guard Guard
	Log   zerolog.Logger

	work     work
	partings work // sockets that say goodbye
	sessions seats
	posts    posts
	bytesOut atomic.Int64

	stateful, stateless http.Handler

	mu      sync.Mutex
	sockets map[*socket]bool // nil when the server has ended

	// Tests shorten these.
	pingEvery, pongWithin time.Duration
	patience              time.Duration // for a client to read what it is sent
	bodyWithin            time.Duration // for a client to send what it announced
	idle                  time.Duration // of an HTTP session
	drain, farewell       time.Duration // for calls: to end by themselves, and once cancelled
}

// NewNetwork returns a Network that lets at most maxSessions clients in.
// server must be its alone.
func NewNetwork(server *mcp.Server, guard Guard, maxSessions int, log zerolog.Logger) *Network {
	n := &Network{MCP: server, Guard: guard, Log: log, sockets: map[*socket]bool{},
		pingEvery: 30 * time.Second, pongWithin: 10 * time.Second, patience: 10 * time.Second, bodyWithin: 30 * time.Second,
		idle: 30 * time.Minute, drain: 10 * time.Second, farewell: 4500 * time.Millisecond}
	n.sessions = seats{max: maxSessions, others: n.httpSessions}
	n.posts.open = map[string]*post{}
	server.AddReceivingMiddleware(n.handle)
	n.setHandlers()
	return n
}

// Counts are the Network's figures for the metrics.
type Counts struct {
	WebSocket, HTTP int   // sessions
	BytesOut        int64 // of messages sent
}

// Counts returns the figures of this moment.
func (n *Network) Counts() Counts {
	n.mu.Lock()
	sockets := len(n.sockets)
	n.mu.Unlock()
	return Counts{sockets, n.httpSessions() + n.sessions.listening(), n.bytesOut.Load()}
}

// Moments are what Serve calls as it goes; none may be nil.
type Moments struct {
	Ready  func() // clients can connect
	Ending func() // no new calls are taken
	Cancel func() // the calls that still run are to end
}

// Serve serves until ctx ends or a listener fails. Then it takes no new calls,
// gives those that run 10 s, cancels the rest and returns when they have ended.
func (n *Network) Serve(ctx context.Context, listeners []net.Listener, at Moments) error {
	streams, endStreams := context.WithCancel(context.Background())
	defer endStreams()
	// HTTP/1 alone: a WebSocket needs it, and one client rarely has several streams.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	server := &http.Server{
		Handler:           n,
		Protocols:         &protocols,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(debugLines{n.Log}, "", 0),
		BaseContext:       func(net.Listener) context.Context { return streams },
	}
	failed := make(chan error, len(listeners))
	for _, ln := range listeners {
		go func() { failed <- server.Serve(ln) }()
	}
	at.Ready()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		err = fmt.Errorf("accept clients: %w", err)
	}

	n.work.end()
	at.Ending()
	n.await(n.drain, "calls still run: cancelling them")
	at.Cancel()
	n.await(n.farewell, "calls did not end in time: leaving them")
	n.endSockets()
	endStreams()
	last, cancel := context.WithTimeout(context.Background(), parting)
	defer cancel()
	if server.Shutdown(last) != nil {
		_ = server.Close()
	}
	n.endSessions()
	return err
}

// debugLines is where net/http tells of TLS handshakes that fail.
type debugLines struct{ log zerolog.Logger }

func (d debugLines) Write(line []byte) (int, error) {
	d.log.Debug().Msg(strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

// await waits for the calls that run.
func (n *Network) await(most time.Duration, otherwise string) {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	if !n.work.wait(ctx) {
		n.Log.Warn().Msg(otherwise)
	}
}

// enter notes a WebSocket client, unless the server has ended.
func (n *Network) enter(s *socket) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sockets == nil {
		return false
	}
	n.sockets[s] = true
	return true
}

func (n *Network) exit(s *socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.sockets, s)
}

// endSockets says goodbye to every WebSocket client.
func (n *Network) endSockets() {
	n.mu.Lock()
	sockets := n.sockets
	n.sockets = nil
	n.mu.Unlock()
	for s := range sockets {
		s.finish(websocket.StatusGoingAway, endingText)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*parting)
	defer cancel()
	n.partings.wait(ctx)
}

// endSessions ends what the SDK keeps of HTTP clients.
func (n *Network) endSessions() {
	var all sync.WaitGroup
	for session := range n.MCP.Sessions() {
		all.Go(func() { _ = session.Close() })
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(parting): // a call that cannot be ended
	}
}

// ServeHTTP lets a request in, or tells why not, and leads it to its transport.
func (n *Network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	r.Header.Del(postHeader)
	named(r)
	if bad := n.Guard.admit(r); bad != nil {
		n.refuse(w, r, bad)
		return
	}
	if cors(w, r) {
		return
	}
	var serve http.HandlerFunc
	switch {
	case r.URL.Path != "/mcp" && r.URL.Path != "/ws" && r.URL.Path != "/":
		n.refuse(w, r, &refused{http.StatusNotFound, "there is nothing here: WebSocket is at /ws, streamable HTTP at /mcp"})
		return
	case isUpgrade(r):
		serve = n.serveSocket
	case r.URL.Path == "/mcp":
		serve = n.serveStreamable
	default:
		serve = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "websocket")
			n.refuse(w, r, &refused{http.StatusUpgradeRequired, "WebSocket clients come here; streamable HTTP is at /mcp"})
		}
	}
	if bad := n.Guard.identify(r); bad != nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="podman-mcp"`)
		n.refuse(w, r, bad)
		return
	}
	if n.work.isEnding() && (r.Header.Get(sessionHeader) == "" || isUpgrade(r)) {
		w.Header().Set("Retry-After", "5")
		n.refuse(w, r, &refused{http.StatusServiceUnavailable, endingText})
		return
	}
	serve(w, r)
}

// full answers a client that finds no place.
func (n *Network) full(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "30")
	n.refuse(w, r, &refused{http.StatusServiceUnavailable,
		fmt.Sprintf("all %d sessions are taken: end one, or start the server with a higher --max-sessions", n.sessions.max)})
}

// refuse answers with an error. The query is not logged: it may hold a token.
func (n *Network) refuse(w http.ResponseWriter, r *http.Request, bad *refused) {
	n.Log.Warn().Int("status", bad.status).Str("method", clip(r.Method)).Str("path", clip(r.URL.Path)).
		Str("remote", r.RemoteAddr).Str("why", bad.text).Msg("refused")
	http.Error(w, bad.text, bad.status)
}
