package tools

import (
	"io"
	"net"
	"testing"
)

func TestPublished(t *testing.T) {
	ports := []string{"127.0.0.1:8080->80/tcp", "0.0.0.0:53->53/udp", "[::1]:9000-9002->90-92/tcp", "0.0.0.0:90->8090/tcp", "443/tcp", "[::]:70->70/tcp"}
	for port, want := range map[int]string{
		80:   "127.0.0.1:8080",
		8080: "127.0.0.1:8080",
		91:   "[::1]:9001",
		9002: "[::1]:9002",
		90:   "[::1]:9000", // in the container, before the host's
		8090: "127.0.0.1:90",
		70:   "[::1]:70",
		53:   "", // by UDP
		443:  "", // only exposed
		93:   "",
		9003: "",
	} {
		if got := published(ports, port); got != want {
			t.Errorf("%d: %q, want %q", port, got, want)
		}
	}
}

// A forwarder that accepts and hangs up is no answer; a server that says
// nothing until it is asked is one.
func TestAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		serve func(net.Conn)
		want  bool
	}{
		"hangs up": {func(c net.Conn) { _ = c.Close() }, false},
		"greets":   {func(c net.Conn) { _, _ = c.Write([]byte("220 ")); _, _ = io.Copy(io.Discard, c); _ = c.Close() }, true},
		"waits":    {func(c net.Conn) { _, _ = io.Copy(io.Discard, c); _ = c.Close() }, true},
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = listener.Close() }()
			go func() {
				if conn, err := listener.Accept(); err == nil {
					test.serve(conn)
				}
			}()
			if got := answers(t.Context(), listener.Addr().String()); got != test.want {
				t.Errorf("answers: %v", got)
			}
			_ = listener.Close()
			if answers(t.Context(), listener.Addr().String()) {
				t.Error("nobody listens, and something answers")
			}
		})
	}
}
