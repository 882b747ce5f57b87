package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"
)

// right is a token.
const right = "0123456789abcdef-the-right-one"

const watched = "test://thing"

// running is a server of the tests' own tools.
type running struct {
	*Network
	addr  string // host:port
	calls chan string
	log   *lockedBuffer
	end   func() // and wait
}

// start runs a server with a token until the test ends.
func start(t testing.TB, change func(*Network)) *running {
	t.Helper()
	r := &running{calls: make(chan string, 1000), log: &lockedBuffer{}}
	calls, cancelCalls := context.WithCancel(context.Background())
	r.Network = NewNetwork(r.server(calls), Guard{Token: right}, 1024, zerolog.New(r.log).Level(zerolog.DebugLevel))
	if change != nil {
		change(r.Network)
		r.setHandlers()
	}
	ln, err := ListenTCP("127.0.0.1", 0, Exposure{})
	if err != nil {
		t.Fatal(err)
	}
	r.addr = ln.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- r.Serve(ctx, []net.Listener{&smallBuffers{ln}}, Moments{func() {}, func() {}, cancelCalls})
	}()
	r.end = sync.OnceFunc(func() {
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Error("the server does not end")
		}
	})
	t.Cleanup(r.end)
	return r
}

// smallBuffers has the kernel keep little, so that a slow reader shows soon.
type smallBuffers struct{ net.Listener }

func (l *smallBuffers) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		err = conn.(*net.TCPConn).SetWriteBuffer(64 << 10)
	}
	return conn, err
}

// server has tools that show what a transport must carry.
func (r *running) server(calls context.Context) *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ServerOptions{
		SubscribeHandler:   func(context.Context, *mcp.SubscribeRequest) error { return nil },
		UnsubscribeHandler: func(context.Context, *mcp.UnsubscribeRequest) error { return nil },
	})
	s.AddResource(&mcp.Resource{URI: watched, Name: "thing"}, func(context.Context, *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: watched, Text: "x"}}}, nil
	})
	add := func(name string, do func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error)) {
		s.AddTool(&mcp.Tool{Name: name, InputSchema: &jsonschema.Schema{Type: "object"}}, do)
	}
	add("echo", func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return said(string(req.Params.Arguments)), nil
	})
	add("big", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return said(strings.Repeat("x", 2<<20)), nil
	})
	add("headers", func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return said(fmt.Sprint(req.Extra.Header)), nil
	})
	// block runs until it is cancelled, and tells of both.
	add("block", func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		r.calls <- "begun"
		select {
		case <-ctx.Done():
			r.calls <- "cancelled"
		case <-calls.Done():
			r.calls <- "ended"
		}
		return said("over"), nil
	})
	// short takes a moment.
	add("short", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		r.calls <- "begun"
		time.Sleep(300 * time.Millisecond)
		return said("done"), nil
	})
	// lines sends progress, as a followed log does.
	add("lines", func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := 1; ctx.Err() == nil && i <= 20; i++ {
			if err := req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: req.Params.GetProgressToken(), Progress: float64(i), Message: "line"}); err != nil {
				return nil, err
			}
		}
		return said("ended"), nil
	})
	// pour sends progress without end, and much.
	add("pour", func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := 1; ; i++ {
			if err := req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: req.Params.GetProgressToken(), Progress: float64(i), Message: strings.Repeat("x", 64<<10)}); err != nil {
				r.calls <- "over"
				return nil, err
			}
		}
	})
	add("ask", func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if answer, ok := req.Params.InputResponses["confirm"].(*mcp.ElicitResult); ok {
			return said(answer.Action), nil
		}
		return &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{"confirm": &mcp.ElicitParams{Message: "Sure?",
			RequestedSchema: &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}}}}}, nil
	})
	return s
}

func said(text string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}
}

// heard waits for what a tool tells.
func (r *running) heard(t testing.TB, want string) {
	t.Helper()
	select {
	case got := <-r.calls:
		if got != want {
			t.Errorf("the tool tells %q, want %q", got, want)
		}
	case <-time.After(10 * time.Second):
		t.Errorf("the tool was to tell %q", want)
	}
}

// client connects a client of the SDK.
func (r *running) client(t testing.TB, transport, version string, options *mcp.ClientOptions) *mcp.ClientSession {
	t.Helper()
	session, err := r.connect(transport, version, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func (r *running) connect(transport, version string, options *mcp.ClientOptions) (*mcp.ClientSession, error) {
	var t mcp.Transport
	switch transport {
	case "http":
		t = &mcp.StreamableClientTransport{Endpoint: "http://" + r.addr + "/mcp", HTTPClient: &http.Client{Transport: bearer{}}, MaxRetries: -1}
	case "websocket":
		t = &wsTransport{url: "ws://" + r.addr + "/ws"}
	}
	return mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, options).
		Connect(context.Background(), t, &mcp.ClientSessionOptions{ProtocolVersion: version})
}

// bearer sends the right token.
type bearer struct{}

func (bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+right)
	return http.DefaultTransport.RoundTrip(r)
}

// wsTransport is a client's end of a WebSocket.
type wsTransport struct {
	url    string
	client *http.Client
}

func (t *wsTransport) Connect(ctx context.Context) (mcp.Connection, error) {
	conn, _, err := websocket.Dial(ctx, t.url, &websocket.DialOptions{HTTPClient: t.client, Subprotocols: []string{"mcp"},
		HTTPHeader: http.Header{"Authorization": {"Bearer " + right}}})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(1 << 20)
	return &wsConn{conn}, nil
}

type wsConn struct{ *websocket.Conn }

func (c *wsConn) Read(ctx context.Context) (jsonrpc.Message, error) {
	_, text, err := c.Conn.Read(ctx)
	if err != nil {
		return nil, io.EOF
	}
	return jsonrpc.DecodeMessage(text)
}

func (c *wsConn) Write(ctx context.Context, msg jsonrpc.Message) error {
	text, err := jsonrpc.EncodeMessage(msg)
	if err != nil {
		return err
	}
	// The library closes the connection where ctx ends just as the message has left.
	return c.Conn.Write(context.WithoutCancel(ctx), websocket.MessageText, text)
}

func (c *wsConn) Close() error {
	err := c.Conn.Close(websocket.StatusNormalClosure, "")
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return err
}

func (c *wsConn) SessionID() string { return "" }

// dial opens a bare WebSocket.
func (r *running) dial(t testing.TB) *websocket.Conn {
	t.Helper()
	return r.dialBy(t, nil)
}

// dialSlowly opens one for which the kernel keeps little.
func (r *running) dialSlowly(t testing.TB) *websocket.Conn {
	t.Helper()
	return r.dialBy(t, &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(16 << 10)
		}
		return conn, err
	}}})
}

func (r *running) dialBy(t testing.TB, client *http.Client) *websocket.Conn {
	t.Helper()
	transport := &wsTransport{"ws://" + r.addr + "/ws", client}
	conn, err := transport.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ws := conn.(*wsConn).Conn
	t.Cleanup(func() { _ = ws.CloseNow() })
	return ws
}

func send(t testing.TB, c *websocket.Conn, messages ...string) {
	t.Helper()
	for _, m := range messages {
		if err := c.Write(context.Background(), websocket.MessageText, []byte(m)); err != nil {
			t.Fatal(err)
		}
	}
}

// receive reads one message.
func receive(t testing.TB, c *websocket.Conn) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, text, err := c.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// post asks over HTTP. params lacks its closing brace.
func (r *running) post(ctx context.Context, version, session, method, params string) (status int, body string, err error) {
	meta := ""
	if version >= modern {
		if meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"` + version + `","io.modelcontextprotocol/clientCapabilities":{}}`; params != "{" {
			meta = "," + meta
		}
	}
	text := `{"jsonrpc":"2.0","id":7,"method":"` + method + `","params":` + params + meta + `}}`
	if strings.HasPrefix(method, "notifications/") {
		text = `{"jsonrpc":"2.0","method":"` + method + `"}`
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.addr+"/mcp", strings.NewReader(text))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	if version >= modern {
		req.Header.Set("Mcp-Protocol-Version", version)
		req.Header.Set("Mcp-Method", method)
		var p struct{ Name string }
		_ = json.Unmarshal([]byte(params+"}"), &p)
		req.Header.Set("Mcp-Name", p.Name)
	}
	if session != "" {
		req.Header.Set("Mcp-Session-Id", session)
	}
	res, err := bearer{}.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if id := res.Header.Get("Mcp-Session-Id"); id != "" {
		all = []byte(id)
	}
	return res.StatusCode, string(all), err
}

// begin begins an HTTP session and returns its id.
func (r *running) begin(t testing.TB) string {
	t.Helper()
	status, session, err := r.post(t.Context(), "", "", "initialize", `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}`)
	if err != nil || status != http.StatusOK {
		t.Fatal(status, session, err)
	}
	if status, body, err := r.post(t.Context(), "", session, "notifications/initialized", ""); err != nil || status != http.StatusAccepted {
		t.Fatal(status, body, err)
	}
	return session
}

// open sends a request's head, which lacks its end, and reads nothing.
func (r *running) open(t testing.TB, head string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.(*net.TCPConn).SetReadBuffer(16 << 10)
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	fmt.Fprintf(conn, "%sHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", head, right)
	return conn
}

// listenSlowly opens an HTTP session's stream, and reads nothing of it.
func (r *running) listenSlowly(t testing.TB, session string) net.Conn {
	t.Helper()
	conn := r.open(t, "GET /mcp HTTP/1.1\r\nAccept: text/event-stream\r\nMcp-Session-Id: "+session+"\r\n")
	if _, err := conn.Read(make([]byte, 12)); err != nil { // it has begun
		t.Fatal(err)
	}
	return conn
}

// bare makes a WebSocket of a connection, with no library.
func (r *running) bare(t testing.TB) net.Conn {
	t.Helper()
	conn := r.open(t, "GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n")
	answer := make([]byte, 1<<10)
	if n, err := conn.Read(answer); err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 101") {
		t.Fatal(string(answer), err)
	}
	return conn
}

const (
	hello       = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`
	initialized = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
)

// text is a result's.
func text(t testing.TB, result *mcp.CallToolResult, err error) string {
	t.Helper()
	if err != nil {
		t.Error(err)
		return ""
	}
	return result.Content[0].(*mcp.TextContent).Text
}

// eventually waits until a thing is so.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("it did not become so: %s", what)
			return
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
