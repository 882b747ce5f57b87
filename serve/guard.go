package serve

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Guard decides who may come in, before anything of a request is read. A web
// page that a browser shows can reach this machine too: the names of Host and
// Origin tell it from a program, and keep it out.
type Guard struct {
	Hosts   []string // names besides those of loopback, each with or without a port
	Origins []string // web pages' scheme://host[:port]
	Token   string   // the bearer token; empty lets in whoever can connect
}

// refused is an answer to a request that may not come in.
type refused struct {
	status int
	text   string
}

// admit returns nil where the request's Host and Origin are allowed.
func (g *Guard) admit(r *http.Request) *refused {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	unix := local != nil && local.Network() == "unix" // no name leads there
	if !unix && !g.host(r.Host) {
		return &refused{http.StatusForbidden, fmt.Sprintf("the Host %q is not allowed: use localhost or 127.0.0.1, or start the server with --allowed-hosts", clip(r.Host))}
	}
	for _, origin := range r.Header.Values("Origin") {
		if !g.origin(origin) {
			return &refused{http.StatusForbidden, fmt.Sprintf("web pages of %q are not allowed: start the server with --allowed-origins to let them in", clip(origin))}
		}
	}
	if blind(r) {
		return &refused{http.StatusForbidden, "a web page that cannot read the answer has no reason to ask"}
	}
	return nil
}

// blind tells of what a page of another site asks for without being able to
// read it, such as an image: then browsers send no Origin.
func blind(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return r.Header.Get("Origin") == "" && (site == "cross-site" || site == "same-site")
}

// host tells whether a Host header may lead here.
func (g *Guard) host(host string) bool {
	name, port := host, ""
	if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
		name, port = host[:at], host[at+1:]
	}
	name = strings.ToLower(name)
	if strings.Trim(port, "0123456789") != "" {
		return false
	}
	if bare, ok := strings.CutPrefix(name, "["); ok {
		bare, ok = strings.CutSuffix(bare, "]")
		if addr, err := netip.ParseAddr(bare); ok && err == nil && addr == netip.IPv6Loopback() {
			return true
		}
	}
	if addr, err := netip.ParseAddr(name); err == nil && addr.Is4() && addr.IsLoopback() || name == "localhost" {
		return true
	}
	return slices.ContainsFunc(g.Hosts, func(allowed string) bool {
		allowed = strings.ToLower(allowed)
		return allowed == name || allowed == strings.ToLower(host)
	})
}

// origin tells whether a web page's origin is named. "null" never is.
func (g *Guard) origin(origin string) bool {
	return slices.ContainsFunc(g.Origins, func(allowed string) bool {
		return strings.EqualFold(allowed, origin)
	})
}

// CheckOrigin returns an error for what no browser sends as an Origin.
func CheckOrigin(origin string) error {
	at, err := url.Parse(origin)
	if err != nil || at.Scheme == "" || at.Host == "" || !strings.EqualFold(at.Scheme+"://"+at.Host, origin) || strings.Contains(origin, "*") {
		return fmt.Errorf("%q is no origin such as https://app.example.com or http://localhost:3000", origin)
	}
	return nil
}

// CheckHost returns an error for what cannot be a Host.
func CheckHost(host string) error {
	at, err := url.Parse("http://" + host)
	if err != nil || host == "" || at.Host != host || strings.Contains(host, "*") {
		return fmt.Errorf("%q is no host such as box.example.com, 192.0.2.7 or box.example.com:8913", host)
	}
	return nil
}

// cors lets the page of an allowed origin read the answer. It returns true
// where it has answered a browser's question whether the page may ask.
func cors(w http.ResponseWriter, r *http.Request) (answered bool) {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Add("Vary", "Origin")
	h.Set("Access-Control-Expose-Headers", "Mcp-Session-Id, WWW-Authenticate")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	h.Set("Access-Control-Allow-Headers", strings.Join(allowedHeaders(r), ", "))
	h.Set("Access-Control-Max-Age", "600")
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// allowedHeaders are those of MCP among the ones that the page wants to send.
// MCP 2026-07-28 has headers named by a tool's parameters, so they are not listed.
func allowedHeaders(r *http.Request) []string {
	var names []string
	for _, value := range r.Header.Values("Access-Control-Request-Headers") {
		for name := range strings.SplitSeq(strings.ToLower(value), ",") {
			name = strings.TrimSpace(name)
			switch {
			case slices.Contains([]string{"accept", "authorization", "content-type", "last-event-id"}, name),
				strings.HasPrefix(name, "mcp-") && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == "":
				names = append(names, name)
			}
		}
	}
	return names
}

// clip is a word of a stranger's for an answer or the log.
func clip(word string) string {
	if len(word) > 100 {
		return strings.ToValidUTF8(word[:100], "") + "…"
	}
	return word
}
