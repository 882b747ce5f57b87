package serve

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// maxMessage is the bytes of one message that comes in, on every transport.
const maxMessage = 4 << 20

// refusal is why some bytes are no message. The session goes on after it.
type refusal struct {
	code int64
	text string
}

func (r *refusal) Error() string { return r.text }

// wire is the answer to the bytes. What is no message has no id to answer to.
func (r *refusal) wire() []byte {
	return fmt.Appendf(nil, `{"jsonrpc":"2.0","id":null,"error":{"code":%d,"message":%q}}`, r.code, r.text)
}

var errTooLong = &refusal{jsonrpc.CodeInvalidRequest, fmt.Sprintf("a message may have at most %d bytes", maxMessage)}

// decode reads one message: a line of stdio, or a frame of a WebSocket.
func decode(text []byte) (jsonrpc.Message, *refusal) {
	if !json.Valid(text) {
		return nil, &refusal{jsonrpc.CodeParseError, "the message is not JSON"}
	}
	msg, err := jsonrpc.DecodeMessage(text)
	req, _ := msg.(*jsonrpc.Request)
	switch {
	case err == nil && (req == nil || req.Method != ""):
		return msg, nil
	case bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")):
		return nil, &refusal{jsonrpc.CodeInvalidRequest, "batches are not taken: send one message at a time"}
	}
	return nil, &refusal{jsonrpc.CodeInvalidRequest, "this is no JSON-RPC 2.0 message"}
}
