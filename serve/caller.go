package serve

import (
	"net"
	"net/http"
	"strings"

	"podman-mcp/tools"
)

// peerHeader carries the address of a network client through the SDK, which
// hands over headers alone. What a client writes there itself is overwritten.
const peerHeader = "Podman-Mcp-Peer"

// caller is who makes a call. Name and version are what it says of itself.
type caller struct {
	Transport string `json:"transport"` // stdio, websocket, http or call
	Session   string `json:"session,omitempty"`
	Client    string `json:"client,omitempty"`
	Version   string `json:"version,omitempty"`
	Peer      string `json:"peer,omitempty"` // address and port; unix for a socket's path
}

// callerOf tells who makes a request. Local is the transport of those that come
// without an HTTP request.
func callerOf(req asked, local string) caller {
	c := caller{Transport: local}
	if session := req.session(); session != nil {
		c.Session = session.ID()
	}
	if client := req.ClientInfo(); client != nil {
		c.Client, c.Version = tools.Word(client.Name), tools.Word(client.Version)
	}
	if header := headerOf(req); header != nil {
		c.Transport, c.Peer = "http", header.Get(peerHeader)
		if strings.EqualFold(header.Get("Upgrade"), "websocket") {
			c.Transport = "websocket"
		}
	}
	return c
}

// headerOf is nil where no HTTP request stands behind the call.
func headerOf(req asked) http.Header {
	extra := req.GetExtra()
	if extra == nil || extra.Header.Get(peerHeader) == "" {
		return nil
	}
	return extra.Header
}

// named notes in a request's header where it comes from.
func named(r *http.Request) {
	peer := r.RemoteAddr
	if _, _, err := net.SplitHostPort(peer); err != nil {
		peer = "unix"
	}
	r.Header.Set(peerHeader, peer)
}
