package serve

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

func BenchmarkDecode(b *testing.B) {
	line := []byte(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"podman_ps","arguments":{"all":true},"_meta":{"progressToken":7}}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, bad := decode(line); bad != nil {
			b.Fatal(bad)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	id, err := jsonrpc.MakeID("7")
	if err != nil {
		b.Fatal(err)
	}
	text, err := json.Marshal(strings.Repeat(`{"name":"web"}`, 1000))
	if err != nil {
		b.Fatal(err)
	}
	c := &stdioConn{out: io.Discard, open: map[jsonrpc.ID]bool{}, quiet: make(chan struct{}, 1)}
	answer := &jsonrpc.Response{ID: id, Result: json.RawMessage(`{"content":[{"type":"text","text":` + string(text) + `}]}`)}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Write(b.Context(), answer); err != nil {
			b.Fatal(err)
		}
	}
}
