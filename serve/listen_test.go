package serve

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"
)

// Others reach the server only where it knows them and nobody listens in.
func TestExposure(t *testing.T) {
	t.Parallel()
	secret := &tls.Config{}
	for _, test := range []struct {
		host string
		e    Exposure
		want string // in the refusal
	}{
		{"127.0.0.1", Exposure{}, ""},
		{"127.0.0.2", Exposure{}, ""},
		{"localhost", Exposure{}, ""},
		{"0.0.0.0", Exposure{}, "leave out --no-auth"},
		{"", Exposure{}, "leave out --no-auth"},
		{"0.0.0.0", Exposure{TLS: secret}, "leave out --no-auth"},
		{"0.0.0.0", Exposure{Token: true}, "give --tls-cert"},
		{"", Exposure{Token: true}, "give --tls-cert"},
		{"::", Exposure{Token: true}, "give --tls-cert"},
		{"192.0.2.1", Exposure{Token: true}, "give --tls-cert"},
		{"0.0.0.0", Exposure{Token: true, TLS: secret}, ""},
		{"no such host", Exposure{}, "find the address"},
	} {
		ln, err := ListenTCP(test.host, 0, test.e)
		if err == nil {
			_ = ln.Close()
		}
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q %+v: %v", test.host, test.e, err)
		}
	}
	ln, err := ListenTCP("127.0.0.1", 0, Exposure{})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if _, err := ListenTCP("127.0.0.1", ln.Addr().(*net.TCPAddr).Port, Exposure{}); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Error(err)
	}
}

// Both transports work over TLS.
func TestTLS(t *testing.T) {
	t.Parallel()
	cert, key, pool := certificate(t, t.TempDir())
	config, err := LoadTLS(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	r := &running{calls: make(chan string, 10)}
	r.Network = NewNetwork(r.server(t.Context()), Guard{Token: right}, 10, zerolog.Nop())
	ln, err := ListenTCP("0.0.0.0", 0, Exposure{true, config})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- r.Serve(ctx, []net.Listener{ln}, Moments{func() {}, func() {}, func() {}}) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	at := net.JoinHostPort("localhost", strings.TrimPrefix(ln.Addr().String(), "[::]:"))
	client := &http.Client{Transport: withToken{&http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool}}}}
	for name, transport := range map[string]mcp.Transport{
		"http":      &mcp.StreamableClientTransport{Endpoint: "https://" + at + "/mcp", HTTPClient: client},
		"websocket": &wsTransport{"wss://" + at + "/ws", client},
	} {
		session, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), transport, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "echo"})
		if text(t, result, err) == "" {
			t.Error(name)
		}
		_ = session.Close()
	}
	if _, _, err := websocket.Dial(t.Context(), "ws://"+at+"/ws", nil); err == nil {
		t.Error("it answers without TLS")
	}
}

type withToken struct{ http.RoundTripper }

func (t withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+right)
	return t.RoundTripper.RoundTrip(r)
}

// certificate makes one that signs itself, for localhost.
func certificate(t *testing.T, dir string) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	public, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public})
	for path, text := range map[string][]byte{cert: text, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return cert, key, pool
}

// A token is made once, kept for its user alone, and read only where it is so.
func TestTokenFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "podman-mcp", "token")
	token, made, err := KeepToken(path)
	if err != nil || !made || len(token) < 40 {
		t.Fatalf("%q, %v, %v", token, made, err)
	}
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
		if info, err := os.Stat(name); err != nil || info.Mode() != want {
			t.Errorf("%s has %v, want %v", name, info.Mode(), want)
		}
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
	if again, made, err := KeepToken(path); again != token || made || err != nil {
		t.Errorf("%q, %v, %v", again, made, err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o622, 0o644} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, _, err := KeepToken(path); err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) || strings.Contains(err.Error(), token) {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadToken(path); err != nil {
		t.Error(err)
	}
	for text, good := range map[string]bool{"": false, "short": false, "0123456789abcdef": true, "  0123456789abcdef\n": true,
		"0123456789 abcdef": false, "0123456789abcdef\nmore": false, strings.Repeat("x", 600): false, "ZmFrZXRva2VuZmFrZQ+/==": true} {
		file := filepath.Join(t.TempDir(), "t")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadToken(file); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}
