package main

import (
	"fmt"
	"net"
	"strings"

	"github.com/rs/zerolog"

	"podman-mcp/serve"
)

// announce tells where the server is, and on a terminal how a client gets in.
// The token itself is shown there alone: elsewhere standard error is a log.
func announce(g *Globals, s *streams, listeners []net.Listener, token, tokenPath string) {
	log := g.log(s)
	for _, ln := range listeners {
		if ln.Addr().Network() == "unix" {
			log.Info().Str("socket", ln.Addr().String()).Str("websocket", "/ws").Str("http", "/mcp").Msg("serving MCP")
			continue
		}
		at := g.Network.address(ln.Addr())
		event := log.Info().Str("websocket", at.url("ws", "/ws")).Str("http", at.url("http", "/mcp"))
		if token != "" {
			event = event.Str("token", "in "+tokenPath)
		}
		event.Msg("serving MCP")
		if !at.loopback && len(g.Network.AllowedHosts) == 0 {
			log.Warn().Msg("clients may call the server localhost alone: give its other names with --allowed-hosts")
		}
		if s.terminal(s.err) {
			_, _ = fmt.Fprint(s.err, at.howTo(token))
		}
	}
}

// address is where clients find the server.
type address struct {
	hostPort      string
	tls, loopback bool
}

func (f *networkFlags) address(addr net.Addr) address {
	a := address{addr.String(), f.TLSCert != "", true}
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return a
	}
	a.loopback = tcp.IP.IsLoopback()
	host := tcp.IP.String()
	switch {
	case a.loopback:
	case len(f.AllowedHosts) > 0:
		host = f.AllowedHosts[0]
		if _, _, err := net.SplitHostPort(host); err == nil {
			a.hostPort = host
			return a
		}
	case tcp.IP.IsUnspecified():
		host = "localhost"
	}
	a.hostPort = net.JoinHostPort(strings.Trim(host, "[]"), fmt.Sprint(tcp.Port))
	return a
}

// url is the address as a URL of the scheme, ws or http.
func (a address) url(scheme, path string) string {
	if a.tls {
		scheme += "s"
	}
	return scheme + "://" + a.hostPort + path
}

// howTo is the configuration of a client, ready to be pasted.
func (a address) howTo(token string) string {
	header, headers := "", ""
	if token != "" {
		header = fmt.Sprintf(" --header \"Authorization: Bearer %s\"", token)
		headers = fmt.Sprintf(`, "headers": {"Authorization": "Bearer %s"}`, token)
	}
	return fmt.Sprintf(`
Add it to Claude Code, over HTTP:

    claude mcp add --transport http podman %s%s

or over WebSocket, in .mcp.json:

    {"mcpServers": {"podman": {"type": "ws", "url": "%s"%s}}}

Ctrl-C ends it.

`, a.url("http", "/mcp"), header, a.url("ws", "/ws"), headers)
}

// tell tells systemd, which may not have asked.
func tell(log zerolog.Logger, state string) {
	if err := serve.Tell(state); err != nil {
		log.Warn().Err(err).Msg("systemd was not told")
	}
}
