package serve

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Exposure is what stands between a listener and who can connect to it.
type Exposure struct {
	Token bool
	TLS   *tls.Config
}

// check refuses an address that others can reach without a token and TLS.
func (e Exposure) check(addr net.Addr) error {
	tcp, ok := addr.(*net.TCPAddr)
	switch {
	case !ok || tcp.IP.IsLoopback():
		return nil
	case !e.Token:
		return fmt.Errorf("other machines can reach %s, so a token is needed: leave out --no-auth, or listen on 127.0.0.1", addr)
	case e.TLS == nil:
		return fmt.Errorf("other machines can reach %s, so TLS is needed: give --tls-cert and --tls-key, or listen on 127.0.0.1 and let ssh or a proxy on this machine carry it", addr)
	}
	return nil
}

// wrap adds TLS, which a unix socket does not need.
func (e Exposure) wrap(ln net.Listener) net.Listener {
	if e.TLS == nil || ln.Addr().Network() == "unix" {
		return ln
	}
	return tls.NewListener(ln, e.TLS)
}

// LoadTLS reads a certificate, with its chain, and its key.
func LoadTLS(cert, key string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, nil
}

// ListenTCP listens on a host's address; port 0 takes any that is free.
func ListenTCP(host string, port int, e Exposure) (net.Listener, error) {
	at := net.JoinHostPort(host, strconv.Itoa(port))
	addr, err := net.ResolveTCPAddr("tcp", at)
	if err != nil {
		return nil, fmt.Errorf("find the address of %s: %w", at, err)
	}
	if addr.IP == nil {
		addr.IP = net.IPv6unspecified // what an empty host means
	}
	if err := e.check(addr); err != nil {
		return nil, err
	}
	ln, err := net.ListenTCP("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use: end what listens there, or choose another --port (0 takes any)", addr)
	case err != nil:
		return nil, fmt.Errorf("listen: %w", err)
	}
	return e.wrap(ln), nil
}

// ListenUnix listens on a socket that this user alone may connect to. One that
// nobody answers on is replaced, for a server that was killed leaves its own.
func ListenUnix(path string) (net.Listener, error) {
	switch info, err := os.Lstat(path); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("listen: %w", err)
	case info.Mode().Type() != os.ModeSocket:
		return nil, fmt.Errorf("listen: %s is there and no socket: remove it, or choose another path", path)
	default:
		conn, err := net.Dial("unix", path)
		if err == nil {
			_ = conn.Close()
			return nil, fmt.Errorf("listen: somebody serves on %s already", path)
		}
		if !errors.Is(err, syscall.ECONNREFUSED) {
			return nil, fmt.Errorf("listen: somebody may serve on %s: %w", path, err)
		}
	}
	// It is made where nobody else can look, and moved when its mode is right.
	private, err := os.MkdirTemp(filepath.Dir(path), ".mcp")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	defer os.RemoveAll(private)
	made := filepath.Join(private, "s")
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: made, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w (a socket's path may have some 90 bytes)", path, err)
	}
	ln.SetUnlinkOnClose(false)
	err = os.Chmod(made, 0o600)
	var info os.FileInfo
	if err == nil {
		info, err = os.Lstat(made)
	}
	if err == nil {
		err = os.Rename(made, path)
	}
	if err != nil {
		_ = ln.Close()
		return nil, fmt.Errorf("listen: %w", err)
	}
	return &unixListener{ln, path, info}, nil
}

// unixListener removes its socket when it is closed, unless another has taken
// its place.
type unixListener struct {
	net.Listener
	path string
	info os.FileInfo
}

func (l *unixListener) Addr() net.Addr { return &net.UnixAddr{Name: l.path, Net: "unix"} }

func (l *unixListener) Close() error {
	if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.info) {
		_ = os.Remove(l.path)
	}
	return l.Listener.Close()
}
