package serve

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestGuard tries every mix of Host, Origin, method, transport and token, and
// expects what a rule of its own says.
func TestGuard(t *testing.T) {
	t.Parallel()
	r := start(t, func(n *Network) {
		n.Guard.Hosts = []string{"box.example.com", "other.example.com:99"}
		n.Guard.Origins = []string{"https://app.example.com"}
	})
	socket := r.alsoOn(t, t.TempDir())

	hosts := map[string]bool{
		"localhost": true, "LOCALHOST:1234": true, "127.0.0.1:8913": true, "127.8.8.8": true, "[::1]:80": true, "[::1]": true,
		"box.example.com": true, "Box.Example.Com:5": true, "other.example.com:99": true,
		"evil.com": false, "evil.com:8913": false, "127.0.0.1.evil.com": false, "localhost.evil.com": false, "other.example.com": false,
		"192.168.0.9": false, "0.0.0.0:8913": false, "[::2]": false, "[::ffff:192.168.0.9]": false, "127.1": false, "2130706433": false, "": false,
	}
	origins := map[string]bool{
		"-": true, "https://app.example.com": true,
		"https://evil.com": false, "null": false, "http://app.example.com": false, "https://app.example.com:444": false,
		"https://app.example.com.evil.com": false, "http://localhost:8913": false, "http://127.0.0.1": false, "": false,
	}
	requests := map[string]int{ // and the status of one that may come in
		"GET /ws upgrade": 101, "GET / upgrade": 101, "GET /mcp upgrade": 101,
		"POST /mcp": 200, "GET /mcp": 400, "DELETE /mcp": 400, "PUT /mcp": 405,
		"GET /ws": 426, "OPTIONS /mcp": 405, "OPTIONS /mcp preflight": 204, "GET /nothing": 404,
	}
	tokens := map[string]bool{"header": true, "query": true, "subprotocol": true,
		"wrong header": false, "wrong query": false, "wrong subprotocol": false, "prefix": false, "none": false}

	all, cases := 0, 0
	for host, hostIn := range hosts {
		for origin, originIn := range origins {
			for request, status := range requests {
				for token, tokenIn := range tokens {
					for _, network := range []string{"tcp", "unix"} {
						want := status
						preflight := strings.HasSuffix(request, "preflight")
						switch {
						case network == "tcp" && !hostIn, !originIn:
							want = 403
						case status == 404, preflight && origin != "-":
						case !tokenIn:
							want = 401
						case preflight:
							want = 405
						}
						if all++; all%13 != 0 { // a factor of none of the tables' lengths
							continue // others each time, for maps have no order
						}
						cases++
						at := r.addr
						if network == "unix" {
							at = socket
						}
						got := knock(t, network, at, host, origin, request, token)
						if got.status != want {
							t.Errorf("%s, Host %q, Origin %q, %s, token %s: %d %q, want %d", network, host, origin, request, token, got.status, got.body, want)
						}
						if allow := got.header.Get("Access-Control-Allow-Origin"); want == 403 && allow != "" || want != 403 && origin != "-" && allow != origin {
							t.Errorf("%s, Host %q, Origin %q, %s: a page of %q may read the answer", network, host, origin, request, allow)
						}
						if (got.status == 401) != (got.header.Get("WWW-Authenticate") != "") {
							t.Errorf("%s: WWW-Authenticate is %q for %d", request, got.header.Get("WWW-Authenticate"), got.status)
						}
						if got.status == 101 && got.header.Get("Sec-WebSocket-Protocol") != "mcp" {
							t.Errorf("the subprotocol is %q", got.header.Get("Sec-WebSocket-Protocol"))
						}
						if got.status == 403 && got.body == "" {
							t.Error("no reason is given")
						}
					}
				}
			}
		}
	}
	t.Logf("%d cases of %d", cases, all)
	if log := r.log.String(); strings.Contains(log, right) || strings.Contains(log, "token=") || !strings.Contains(log, `"status":401`) {
		t.Error("the log shows a token, or no refusal")
	}
}

type answer struct {
	status int
	header http.Header
	body   string
}

// knock sends one request, word for word.
func knock(t *testing.T, network, at, host, origin, request, token string) answer {
	t.Helper()
	conn, err := net.Dial(network, at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	words := strings.Fields(request)
	path, protocol := words[1], "mcp"
	var h strings.Builder
	fmt.Fprintf(&h, "Host: %s\r\nAccept: application/json, text/event-stream\r\n", host)
	if origin != "-" {
		fmt.Fprintf(&h, "Origin: %s\r\n", origin)
	}
	switch token {
	case "header":
		h.WriteString("Authorization: bearer " + right + "\r\n")
	case "query":
		path += "?token=" + right
	case "subprotocol":
		protocol = "mcp.auth." + right + ", mcp"
	case "wrong header":
		h.WriteString("Authorization: Bearer " + right + "x\r\n")
	case "wrong query":
		path += "?token=x"
	case "wrong subprotocol":
		protocol = "mcp, mcp.auth.x"
	case "prefix":
		h.WriteString("Authorization: Bearer " + right[:len(right)-1] + "\r\n")
	}
	fmt.Fprintf(&h, "Sec-WebSocket-Protocol: %s\r\n", protocol)
	body := ""
	switch {
	case strings.HasSuffix(request, "upgrade"):
		h.WriteString("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n")
	case strings.HasSuffix(request, "preflight"):
		h.WriteString("Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,mcp-session-id,x-other\r\n")
	case words[0] == "POST":
		body = hello
	}
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", words[0], path, h.String(), len(body), body)
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: words[0]})
	if err != nil {
		t.Errorf("Host %q, Origin %q, %s, token %s: %v", host, origin, request, token, err)
		return answer{}
	}
	text := make([]byte, 100)
	n := 0
	if res.StatusCode != http.StatusSwitchingProtocols {
		n, _ = res.Body.Read(text)
	}
	if res.StatusCode == http.StatusNoContent && res.Header.Get("Access-Control-Allow-Headers") != "authorization, mcp-session-id" {
		t.Errorf("the headers allowed are %q", res.Header.Get("Access-Control-Allow-Headers"))
	}
	return answer{res.StatusCode, res.Header, string(text[:n])}
}

// alsoOn serves on a unix socket too.
func (r *running) alsoOn(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "s")
	ln, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: r}
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close() })
	return path
}

// Without a token whoever reaches the server is let in, yet no web page.
func TestNoAuth(t *testing.T) {
	t.Parallel()
	r := start(t, func(n *Network) { n.Guard.Token = "" })
	for _, test := range []struct {
		host, origin string
		want         int
	}{{"localhost", "-", 101}, {"evil.com", "-", 403}, {"localhost", "http://localhost", 403}} {
		if got := knock(t, "tcp", r.addr, test.host, test.origin, "GET /ws upgrade", "none"); got.status != test.want {
			t.Errorf("%v: %d", test, got.status)
		}
	}
}

// A page can ask without an Origin where it does without the answer.
func TestBlind(t *testing.T) {
	t.Parallel()
	r := start(t, func(n *Network) { n.Guard.Origins = []string{"https://app.example.com"} })
	for _, test := range []struct {
		site, origin string
		want         int
	}{
		{"cross-site", "", 403}, {"same-site", "", 403},
		{"none", "", 400}, {"same-origin", "", 400}, {"", "", 400}, {"cross-site", "https://app.example.com", 400},
	} {
		req := httptest.NewRequest(http.MethodGet, "/mcp", nil)
		req.Host = "localhost"
		req.Header.Set("Accept", "text/event-stream")
		req.Header.Set("Authorization", "Bearer "+right)
		for name, value := range map[string]string{"Sec-Fetch-Site": test.site, "Origin": test.origin} {
			if value != "" {
				req.Header.Set(name, value)
			}
		}
		got := httptest.NewRecorder()
		r.ServeHTTP(got, req)
		if got.Code != test.want {
			t.Errorf("%+v: %d %s", test, got.Code, got.Body)
		}
	}
}

func TestCheckNames(t *testing.T) {
	for _, origin := range []string{"https://app.example.com", "http://localhost:3000", "https://[::1]:1", "chrome-extension://abcdef", "http://127.0.0.1"} {
		if err := CheckOrigin(origin); err != nil {
			t.Error(err)
		}
	}
	for _, origin := range []string{"", "*", "null", "app.example.com", "https://", "https://a/", "https://a/b", "https://*.a", "https://u@a", "localhost:3000"} {
		if CheckOrigin(origin) == nil {
			t.Errorf("%q is taken for an origin", origin)
		}
	}
	for _, host := range []string{"a", "a.b:8", "192.0.2.7", "[::2]", "[::2]:8"} {
		if err := CheckHost(host); err != nil {
			t.Error(err)
		}
	}
	for _, host := range []string{"", "*", "*.a", "http://a", "a/b", "a b", "u@a"} {
		if CheckHost(host) == nil {
			t.Errorf("%q is taken for a host", host)
		}
	}
}

// FuzzHost checks that no name is taken for loopback that a resolver could
// lead elsewhere.
func FuzzHost(f *testing.F) {
	for _, host := range []string{"localhost", "127.0.0.1:80", "[::1]:80", "evil.com", "[::1", "::1", "127.0.0.1.evil.com", "localhost:x", "[127.0.0.1]"} {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		g := &Guard{}
		if !g.host(host) {
			return
		}
		name := strings.ToLower(strings.TrimRight(strings.TrimRight(host, "0123456789"), ":"))
		if ip := net.ParseIP(strings.TrimRight(strings.Split(host, ":")[0], "")); name != "localhost" && !strings.HasPrefix(name, "[") && (ip == nil || !ip.IsLoopback()) {
			t.Errorf("%q is let in", host)
		}
		if strings.HasPrefix(name, "[") && !net.ParseIP(strings.Trim(strings.Split(name, "]")[0], "[")).Equal(net.IPv6loopback) {
			t.Errorf("%q is let in", host)
		}
	})
}

// The socket is its user's alone, replaces one that was left behind, and no other file.
func TestUnixSocket(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "mcp.sock")
	ln, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != os.ModeSocket|0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	go func() {
		for {
			if _, err := ln.Accept(); err != nil {
				return
			}
		}
	}()
	if _, err := ListenUnix(path); err == nil || !strings.Contains(err.Error(), "somebody serves") {
		t.Errorf("a socket in use was replaced: %v", err)
	}
	_ = ln.(*unixListener).Listener.Close() // as when killed: the file stays
	again, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ListenUnix(path); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("a file was replaced: %v", err)
	}
}
