package serve

import (
	"net"
	"net/http"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

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

// callerOf tells who makes a call. Local is the transport of those that come
// without an HTTP request.
func callerOf(req *mcp.CallToolRequest, local string) caller {
	c := caller{Transport: local}
	if req.Session != nil {
		c.Session = req.Session.ID()
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
func headerOf(req *mcp.CallToolRequest) http.Header {
	if req.Extra == nil || req.Extra.Header.Get(peerHeader) == "" {
		return nil
	}
	return req.Extra.Header
}

// named notes in a request's header where it comes from.
func named(r *http.Request) {
	peer := r.RemoteAddr
	if _, _, err := net.SplitHostPort(peer); err != nil {
		peer = "unix"
	}
	r.Header.Set(peerHeader, peer)
}
