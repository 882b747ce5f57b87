package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
)

// tokenProtocol begins the subprotocol that carries the token of a WebSocket
// client that can send no headers, as those of web pages.
const tokenProtocol = "mcp.auth."

// identify returns nil where the request carries the token.
func (g *Guard) identify(r *http.Request) *refused {
	if g.Token == "" {
		return nil
	}
	got := takeToken(r)
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(g.Token)) // of one length, which tells nothing
	switch {
	case subtle.ConstantTimeCompare(a[:], b[:]) == 1:
		return nil
	case got == "":
		return &refused{http.StatusUnauthorized, "a token is needed: send the header Authorization: Bearer TOKEN; podman-mcp token prints it"}
	}
	return &refused{http.StatusUnauthorized, "the token is not this server's; podman-mcp token prints it"}
}

// takeToken takes the token out of the request, so that nothing behind sees or
// logs it. The header wins, for a client that can set it means it.
func takeToken(r *http.Request) string {
	var found []string
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		found = append(found, strings.TrimSpace(token))
	}
	var protocols []string
	for _, value := range r.Header.Values("Sec-Websocket-Protocol") {
		for protocol := range strings.SplitSeq(value, ",") {
			protocol = strings.TrimSpace(protocol)
			if token, ok := strings.CutPrefix(protocol, tokenProtocol); ok {
				found = append(found, token)
			} else {
				protocols = append(protocols, protocol)
			}
		}
	}
	if query, err := url.ParseQuery(r.URL.RawQuery); err == nil && query.Has("token") {
		found = append(found, query.Get("token"))
	}
	r.Header.Del("Authorization")
	r.Header.Del("Sec-Websocket-Protocol")
	if len(protocols) > 0 {
		r.Header.Set("Sec-Websocket-Protocol", strings.Join(protocols, ", "))
	}
	r.URL.RawQuery, r.RequestURI = "", r.URL.Path // nothing else is asked that way
	if len(found) == 0 {
		return ""
	}
	return found[0]
}
