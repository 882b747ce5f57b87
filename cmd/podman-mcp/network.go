package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"podman-mcp/live"
	"podman-mcp/serve"
	"podman-mcp/tools"
)

// networkGroup is the heading of networkFlags in --help.
var networkGroup = kong.Group{Key: "network", Title: "Network:",
	Description: "websocket and http are served alike: WebSocket at /ws, streamable HTTP at /mcp."}

// networkFlags are those of --transport websocket and http.
type networkFlags struct {
	Transport string `help:"stdio (the default), websocket or http." enum:"stdio,websocket,http" default:"stdio" placeholder:"NAME"`

	Host           string         `help:"Address to listen on; 127.0.0.1 if not given." default:"127.0.0.1" placeholder:"HOST"`
	Port           int            `help:"Port to listen on; 8913 if not given, and 0 takes any." default:"8913" placeholder:"PORT"`
	Listen         listenPath     `help:"Listen at unix:PATH instead, which only you can open." placeholder:"ADDRESS"`
	TokenFile      string         `help:"File with the token that clients need. Without it one is made and kept." placeholder:"FILE"`
	NoAuth         bool           `help:"Ask for no token; only where others cannot reach it."`
	AllowedHosts   allowedHosts   `help:"Names besides localhost that clients may call the server." placeholder:"HOST"`
	AllowedOrigins allowedOrigins `help:"Web pages that may connect, as https://HOST[:PORT]." placeholder:"ORIGIN"`
	TLSCert        string         `name:"tls-cert" help:"Certificate; a --host that others can reach needs one." placeholder:"FILE"`
	TLSKey         string         `name:"tls-key" help:"Its key." placeholder:"FILE"`
	AdminPort      *int           `help:"Port for /health and /metrics, on this machine only; 8080 if not given, and 0 for none. With stdio there is none if not given." placeholder:"PORT"`
	MaxSessions    int            `help:"Most clients at a time; 1024 if not given." default:"1024" placeholder:"N"`
}

type (
	listenPath     string
	allowedHosts   []string
	allowedOrigins []string
)

// Validate wants a socket's path.
func (l listenPath) Validate() error {
	path, ok := strings.CutPrefix(string(l), "unix:")
	if l != "" && (!ok || path == "") {
		return fmt.Errorf("%q is not unix:PATH; for an address use --host and --port", string(l))
	}
	return plain(path)
}

// Validate wants names.
func (a allowedHosts) Validate() error {
	for _, host := range a {
		if err := serve.CheckHost(host); err != nil {
			return err
		}
	}
	return nil
}

// Validate wants origins.
func (a allowedOrigins) Validate() error {
	for _, origin := range a {
		if err := serve.CheckOrigin(origin); err != nil {
			return err
		}
	}
	return nil
}

// Validate wants flags that fit together.
func (f *networkFlags) Validate() error {
	switch {
	case f.Port < 0 || f.Port > 65535:
		return fmt.Errorf("--port: %d is no port: that is 0 to 65535", f.Port)
	case f.MaxSessions < 1:
		return fmt.Errorf("--max-sessions: %d is too few", f.MaxSessions)
	case (f.TLSCert == "") != (f.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case f.NoAuth && f.TokenFile != "":
		return errors.New("--no-auth and --token-file exclude each other")
	}
	return nil
}

// token returns the token that clients need, and the file that holds it.
func (f *networkFlags) token() (token, path string, err error) {
	if path = f.TokenFile; path != "" {
		token, err = serve.ReadToken(path)
		return token, path, err
	}
	if path, err = serve.StateFile("token"); err != nil {
		return "", "", err
	}
	token, _, err = serve.KeepToken(path)
	return token, path, err
}

// listeners opens what the flags name, or takes what systemd has opened.
func (f *networkFlags) listeners() ([]net.Listener, error) {
	exposure := serve.Exposure{Token: !f.NoAuth}
	if f.TLSCert != "" {
		var err error
		if exposure.TLS, err = serve.LoadTLS(f.TLSCert, f.TLSKey); err != nil {
			return nil, err
		}
	}
	inherited, err := serve.Inherited(exposure)
	if err != nil {
		return nil, err
	}
	var all []net.Listener
	for _, some := range inherited {
		all = append(all, some...)
	}
	if len(all) > 0 {
		return all, nil
	}
	var ln net.Listener
	if f.Listen != "" {
		var path string
		if path, err = filepath.Abs(strings.TrimPrefix(string(f.Listen), "unix:")); err == nil {
			ln, err = serve.ListenUnix(path)
		}
	} else {
		ln, err = serve.ListenTCP(f.Host, f.Port, exposure)
	}
	return []net.Listener{ln}, err
}

// serveNetwork serves until ctx ends.
func serveNetwork(ctx context.Context, g *Globals, s *streams) error {
	f := &g.Network
	offered, err := g.Agents.offered("default")
	if err != nil {
		return err
	}
	host := g.host(s)
	host.Offered, host.Kept = offered, g.kept(host)
	unwatch, err := g.Watch.watch(host, "network")
	if err != nil {
		return err
	}
	defer unwatch()
	// What is refused is refused before a token is made.
	listeners, err := f.listeners()
	if err != nil {
		return misuse{err}
	}
	guard := serve.Guard{Hosts: f.AllowedHosts, Origins: f.AllowedOrigins}
	var tokenPath string
	if !f.NoAuth {
		if guard.Token, tokenPath, err = f.token(); err != nil {
			return errors.Join(misuse{err}, closeAll(listeners))
		}
	}
	number, _ := thisVersion()
	calls, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)
	events := live.New(calls, host, host.Log)
	defer func() { end(tools.ErrShutdown); events.Close() }() // its processes end
	server := tools.Server(calls, number, host, offered, events.Options)
	events.Attach(server)
	n := serve.NewNetwork(server, guard, f.MaxSessions, host.Log)
	stop, err := startAdmin(ctx, g, host, server, offered, func() map[string]int {
		c := n.Counts()
		return map[string]int{"websocket": c.WebSocket, "http": c.HTTP}
	}, func() int64 { return n.Counts().BytesOut })
	if err != nil {
		return errors.Join(misuse{err}, closeAll(listeners))
	}
	defer stop()
	return n.Serve(ctx, listeners, serve.Moments{
		Ready: func() {
			announce(g, s, listeners, guard.Token, tokenPath)
			go host.WarnOfHoles(ctx)
			tell(host.Log, "READY=1")
		},
		Ending: func() {
			host.Log.Info().Msg("shutting down: running calls may take ten seconds")
			tell(host.Log, "STOPPING=1")
		},
		Cancel: func() { end(tools.ErrShutdown) },
	})
}

func closeAll(listeners []net.Listener) (err error) {
	for _, ln := range listeners {
		err = errors.Join(err, ln.Close())
	}
	return err
}
