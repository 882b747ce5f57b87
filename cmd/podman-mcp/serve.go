package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/live"
	"podman-mcp/serve"
	"podman-mcp/tools"
)

// farewell is how long the calls that still run may take to end, once the
// server is told to.
const farewell = 4500 * time.Millisecond

type serveCmd struct{}

// Help is the longer text of serve --help.
func (serveCmd) Help() string {
	return `Reads one JSON-RPC message a line from standard input and answers on standard output; the log goes to standard error. It ends, with everything that it runs, at the input's end and on SIGTERM or Ctrl-C.

With --transport websocket or http it serves many clients instead: WebSocket at /ws, and streamable HTTP at /mcp. Clients need the token, which podman-mcp token prints. SIGTERM and Ctrl-C let the calls that run end, for ten seconds at most; a second one does not wait.

    podman-mcp --transport http                          on 127.0.0.1:8913
    podman-mcp --transport websocket --port 9000
    podman-mcp --transport http --listen unix:$XDG_RUNTIME_DIR/podman-mcp.sock
    podman-mcp --transport http --host 0.0.0.0 --allowed-hosts box.example.com --tls-cert cert.pem --tls-key key.pem`
}

// Run serves until standard input ends or ctx does.
func (serveCmd) Run(ctx context.Context, g *Globals, s *streams, started settle) error {
	// A client that is gone must not end the server before it has ended its
	// children: with the signal caught a write fails instead.
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	defer signal.Stop(broken)
	if g.Network.Transport != "stdio" {
		started() // nobody waits
		return serveNetwork(ctx, g, s)
	}
	if s.terminal(s.in) {
		s.complain("waiting for an MCP client's messages on standard input; Ctrl-C ends it.\nMCP clients start this program themselves. podman-mcp --help says how, and podman-mcp call podman_ps runs a tool by hand.")
	}
	offered, err := g.Agents.offered("default")
	if err != nil {
		return err
	}
	number, commit := thisVersion()
	host := g.host(s)
	host.Offered, host.Kept = offered, g.kept(host)
	unwatch, err := g.Watch.watch(host, "stdio")
	if err != nil {
		return err
	}
	defer unwatch()
	host.Log.Debug().Str("version", number).Str("commit", commit).Msg("serving on standard input and output")
	calls, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(tools.ErrShutdown)
	ending := make(chan struct{})
	input := &watched{s.in, ending}
	defer context.AfterFunc(ctx, func() { end(tools.ErrShutdown) })()

	events := live.New(calls, host, host.Log)
	defer func() { end(tools.ErrShutdown); events.Close() }() // its processes end
	server := tools.Server(calls, number, host, offered, events.Options)
	events.Attach(server)
	if g.Network.AdminPort != nil {
		stop, err := startAdmin(ctx, g, host, server, offered, func() map[string]int { return map[string]int{"stdio": 1} }, func() int64 { return 0 })
		if err != nil {
			return misuse{err}
		}
		defer stop()
	}
	server.AddReceivingMiddleware(afterFirst(func() {
		started()
		host.WarnOfHoles(calls)
	}))
	done := make(chan error, 1)
	go func() {
		done <- server.Run(ctx, &serve.Stdio{In: input, Out: s.out})
	}()
	select {
	case err := <-done:
		return unlessEnded(ctx, err)
	case <-ctx.Done():
	case <-ending:
	}
	late := time.NewTimer(farewell)
	defer late.Stop()
	select {
	case err := <-done:
		return unlessEnded(ctx, err)
	case <-late.C:
		host.Log.Warn().Msg("calls did not end in time; leaving them")
		return nil
	}
}

// settle ends what quickStart began.
type settle func()

// quickStart puts the first garbage collection off: the packages' own
// beginnings leave nearly 3 MB of garbage, the schema of compose files most of
// it, and Go would collect it in the middle of the start, which takes 3 ms.
func quickStart() settle {
	usual := debug.SetGCPercent(200)
	return func() {
		debug.FreeOSMemory() // collects first
		debug.SetGCPercent(usual)
	}
}

// afterFirst runs do once, beside the rest, when the first request has its
// answer: before that it would take the processor from our own start.
func afterFirst(do func()) mcp.Middleware {
	once := sync.OnceFunc(func() { go do() })
	return func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			defer once()
			return next(ctx, method, req)
		}
	}
}

// unlessEnded is err where the server was not asked to end.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// watched closes ended when in has been read to its end.
type watched struct {
	in    io.Reader
	ended chan struct{}
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.in.Read(p)
	if err != nil && w.ended != nil {
		close(w.ended)
		w.ended = nil
	}
	return n, err
}
