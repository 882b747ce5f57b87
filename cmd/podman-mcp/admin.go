package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/exec"
	"podman-mcp/parse"
	"podman-mcp/serve"
	"podman-mcp/tools"
)

// defaultAdminPort is the port of /health and /metrics with a network transport.
const defaultAdminPort = 8080

// startAdmin answers /health and /metrics on loopback until stop is called, and
// counts what server is asked.
func startAdmin(ctx context.Context, g *Globals, host *tools.Host, server *mcp.Server, offered []tools.Tool,
	sessions func() map[string]int, bytesOut func() int64) (stop func(), err error) {
	port := defaultAdminPort
	if p := g.Network.AdminPort; p != nil {
		port = *p
	}
	if port == 0 {
		return func() {}, nil
	}
	number, _ := thisVersion()
	metrics := serve.NewMetrics(offered, serve.Gauges{Processes: host.Runner.Load, Sessions: sessions, BytesOut: bytesOut, Kept: host.Kept.Hits})
	server.AddReceivingMiddleware(metrics.Middleware)
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil && g.Network.AdminPort == nil {
		host.Log.Warn().Err(err).Msg("no /health and /metrics: the port is taken; --admin-port names another")
		return func() {}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--admin-port, for /health and /metrics: %w; 0 turns it off", err)
	}
	probe := serve.NewProbe(ask(host))
	asking, end := context.WithCancel(context.WithoutCancel(ctx))
	go probe.Run(asking)
	admin := serve.Admin{Version: number, Metrics: metrics, Probe: probe, Started: time.Now()}
	web := &http.Server{Handler: admin.Handler(), ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10}
	go func() {
		if err := web.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			host.Log.Error().Err(err).Msg("no more /health and /metrics")
		}
	}()
	return func() { end(); _ = web.Close() }, nil
}

// ask is the probe's question: does podman list containers? Its version is asked
// for until it is known.
func ask(host *tools.Host) func(context.Context) (string, error) {
	version := ""
	return func(ctx context.Context) (string, error) {
		if _, err := host.Runner.Run(ctx, exec.Podman("ps").Option("last", "1").Option("format", "json")); err != nil {
			return version, host.Explain(ctx, err)
		}
		if version == "" {
			result, err := host.Runner.Run(ctx, exec.Podman("version").Option("format", "json"))
			if err != nil {
				return version, host.Explain(ctx, err)
			}
			if v, err := parse.Version(result.Stdout); err == nil {
				version = v.Client
			}
		}
		return version, nil
	}
}
