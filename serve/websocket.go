package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"
)

const (
	// maxFrame is where a message that goes out is too long: Python's clients
	// take 1 MiB at most unless they are told otherwise.
	maxFrame = 1 << 20
	// parting is how long a client may take to say goodbye, and to read what it
	// is still owed.
	parting = time.Second
)

// isUpgrade tells whether a request is a WebSocket client's.
func isUpgrade(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// serveSocket makes a session of a WebSocket, which goes on when it returns.
func (n *Network) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !n.sessions.reserve() {
		n.full(w, r)
		return
	}
	// The guard has checked the Origin: the library would let a rebound Host pass.
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"mcp"}, InsecureSkipVerify: true})
	if err != nil {
		n.sessions.release()
		n.Log.Debug().Err(err).Str("remote", r.RemoteAddr).Msg("no websocket came about")
		return
	}
	ws.SetReadLimit(maxMessage)
	s := &socket{net: n, ws: ws, open: map[jsonrpc.ID]bool{}, extra: &mcp.RequestExtra{Header: r.Header.Clone()},
		log: n.Log.With().Str("remote", r.RemoteAddr).Logger()}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.out = &outbox{send: s.send, drop: s.drop, patience: n.patience}
	s.ping = time.AfterFunc(n.pingEvery, s.knock)
	if !n.enter(s) {
		s.ping.Stop()
		_ = ws.Close(websocket.StatusGoingAway, endingText)
		n.sessions.release()
		return
	}
	s.log.Debug().Msg("websocket client connected")
	if _, err := n.MCP.Connect(context.Background(), s, nil); err != nil {
		s.finish(websocket.StatusInternalError, "the server has a defect")
	}
}

// socket is one WebSocket client: the SDK's Transport, and its one Connection.
type socket struct {
	net    *Network
	ws     *websocket.Conn
	extra  *mcp.RequestExtra
	log    zerolog.Logger
	out    *outbox
	ping   *time.Timer
	ctx    context.Context // ends with the connection itself
	cancel context.CancelFunc
	once   sync.Once

	mu   sync.Mutex
	open map[jsonrpc.ID]bool // requests without an answer, each a unit of work; nil when the client is gone
}

// Connect returns s.
func (s *socket) Connect(context.Context) (mcp.Connection, error) { return s, nil }

// SessionID has none: a session is its connection.
func (s *socket) SessionID() string { return "" }

// Read returns the next message that is one, or an error when the client is
// gone, by which the SDK cancels the client's calls.
func (s *socket) Read(context.Context) (jsonrpc.Message, error) {
	for {
		text, err := s.frame()
		if err != nil {
			return nil, err
		}
		msg, bad := decode(text)
		if bad != nil {
			if err := s.out.put(s.ctx, bad.wire(), true); err != nil {
				return nil, err
			}
			continue
		}
		if req, ok := msg.(*jsonrpc.Request); ok {
			req.Extra = s.extra
			s.asked(req)
		}
		return msg, nil
	}
}

// frame reads one frame.
func (s *socket) frame() ([]byte, error) {
	kind, in, err := s.ws.Reader(s.ctx)
	if err == nil && kind == websocket.MessageBinary {
		s.finish(websocket.StatusUnsupportedData, "messages are text frames")
		return nil, errors.New("a binary frame")
	}
	var text []byte
	if err == nil {
		text, err = io.ReadAll(in)
	}
	switch code := websocket.CloseStatus(err); {
	case err == nil:
		return text, nil
	case code == websocket.StatusNormalClosure, code == websocket.StatusGoingAway, code == websocket.StatusNoStatusRcvd:
		err = io.EOF
	case errors.Is(err, websocket.ErrMessageTooBig):
		s.log.Warn().Int("limit", maxMessage).Msg("a websocket client sent too long a message")
	}
	s.finish(websocket.StatusNormalClosure, "")
	return nil, err
}

// asked notes a request that is to be answered.
func (s *socket) asked(req *jsonrpc.Request) {
	if !req.IsCall() || req.Method == listenMethod {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open != nil && !s.open[req.ID] {
		s.open[req.ID] = true
		s.net.work.add(1)
	}
}

// answered takes the note away.
func (s *socket) answered(id jsonrpc.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[id] {
		delete(s.open, id)
		s.net.work.add(-1)
	}
}

// Write queues a message. What belongs to a call of this client's waits where
// the client reads slowly; what is told to many clients does not.
func (s *socket) Write(ctx context.Context, msg jsonrpc.Message) error {
	text, err := jsonrpc.EncodeMessage(msg)
	if err != nil {
		return err
	}
	own := true
	switch msg := msg.(type) {
	case *jsonrpc.Response:
		defer s.answered(msg.ID)
		if len(text) >= maxFrame {
			if text, err = tooLong(msg.ID, len(text)); err != nil {
				return err
			}
		}
	case *jsonrpc.Request:
		own = msg.IsCall() || msg.Method == "notifications/progress"
		if len(text) >= maxFrame {
			s.log.Warn().Str("method", msg.Method).Int("bytes", len(text)).Msg("a message to a websocket client is too long and was left out")
			return nil
		}
	}
	return s.out.put(ctx, text, own)
}

// tooLong is the answer in place of one that does not fit a frame.
func tooLong(id jsonrpc.ID, size int) ([]byte, error) {
	return jsonrpc.EncodeMessage(&jsonrpc.Response{ID: id, Error: &jsonrpc.Error{Code: jsonrpc.CodeInternalError,
		Message: fmt.Sprintf("the answer has %d bytes, and a WebSocket message may have %d at most: ask for less, with limit, tail or max_bytes", size, maxFrame-1)}})
}

// send is the outbox's.
func (s *socket) send(text []byte) error {
	late := time.AfterFunc(s.net.patience, func() { s.drop(errSlow) })
	defer late.Stop()
	err := s.ws.Write(s.ctx, websocket.MessageText, text)
	if err == nil {
		s.net.bytesOut.Add(int64(len(text)))
	}
	return err
}

// knock pings a client that nothing is being sent to, and drops one that does
// not answer.
func (s *socket) knock() {
	if s.out.empty() {
		ctx, cancel := context.WithTimeout(s.ctx, s.net.pongWithin)
		err := s.ws.Ping(ctx)
		cancel()
		if err != nil {
			s.drop(errors.New("no answer to a ping"))
			return
		}
	}
	if s.ctx.Err() == nil {
		s.ping.Reset(s.net.pingEvery)
	}
}

// drop ends a client that does not listen: there is no point in saying goodbye.
func (s *socket) drop(why error) {
	s.once.Do(func() {
		s.net.partings.add(1)
		s.leave(why)
		if errors.Is(why, errSlow) {
			s.log.Warn().Err(why).Msg("websocket client dropped")
		}
		go func() {
			defer s.net.partings.add(-1)
			_ = s.ws.CloseNow() // s.cancel alone closes what is being read or written
		}()
	})
	s.cancel()
}

// finish ends a client with a word, and does not wait for it.
func (s *socket) finish(code websocket.StatusCode, reason string) {
	s.once.Do(func() {
		s.net.partings.add(1)
		s.leave(nil)
		go func() {
			defer s.net.partings.add(-1)
			late := time.AfterFunc(2*parting, s.cancel)
			defer late.Stop()
			ctx, cancel := context.WithTimeout(s.ctx, parting)
			s.out.flush(ctx)
			cancel()
			_ = s.ws.Close(code, reason) // nobody is left to hear of a failure
			s.cancel()
			s.out.close(io.ErrClosedPipe)
		}()
	})
}

// leave is done once, when a client is known to be gone.
func (s *socket) leave(why error) {
	s.log.Debug().AnErr("why", why).Msg("websocket client disconnected")
	s.ping.Stop()
	s.mu.Lock()
	s.net.work.add(-len(s.open))
	s.open = nil
	s.mu.Unlock()
	s.net.exit(s)
	s.net.sessions.release()
}

// Close ends the session without waiting.
func (s *socket) Close() error {
	s.finish(websocket.StatusNormalClosure, "")
	return nil
}
