package main

import (
	"context"
	"errors"
	"io"

	"podman-mcp/serve"
	"podman-mcp/tools"
)

type serveCmd struct{}

// Run serves until standard input ends or ctx does.
func (serveCmd) Run(ctx context.Context, g *Globals, s *streams) error {
	if s.terminal(s.in) {
		s.complain("waiting for an MCP client's JSON-RPC on standard input. An MCP client starts this for you: see podman-mcp --help, or try podman-mcp call podman_ps. Ctrl-C ends it.")
	}
	host := g.host(s)
	host.Log.Debug().Str("version", version).Msg("serving on standard input and output")
	calls, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(tools.ErrShutdown)
	defer context.AfterFunc(ctx, func() { end(tools.ErrShutdown) })()
	server := tools.Server(calls, version, host, tools.All())
	err := server.Run(ctx, &serve.Stdio{In: s.in, Out: s.out})
	if ctx.Err() != nil || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
