package main

import (
	"fmt"
	"net"
)

type tokenCmd struct{}

// Help is the longer text of token --help.
func (tokenCmd) Help() string {
	return `Prints the token that clients of --transport websocket and http need, and makes it where there is none yet. It is the one in --token-file, or else in podman-mcp/token under $XDG_STATE_HOME or ~/.local/state. On a terminal it also shows what to tell a client, for the --host and --port given. To have a new token, remove the file and start the server again.

    claude mcp add --transport http podman http://127.0.0.1:8913/mcp --header "Authorization: Bearer $(podman-mcp token)"`
}

// Run prints the token.
func (tokenCmd) Run(g *Globals, s *streams) error {
	token, _, err := g.Network.token()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(s.out, token); err != nil {
		return err
	}
	if s.terminal(s.out) && g.Network.Listen == "" {
		at := address{net.JoinHostPort(g.Network.Host, fmt.Sprint(g.Network.Port)), g.Network.TLSCert != "", true}
		_, err = fmt.Fprint(s.out, at.howTo(token))
	}
	return err
}
