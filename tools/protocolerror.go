package tools

import (
	"encoding/json"
	"errors"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"podman-mcp/parse"
)

// ProtocolError makes of a failure an error of the protocol, with its code, words
// and next step: what is no call of a tool can answer with no other.
func ProtocolError(err error) error {
	var f *parse.Failure
	if !errors.As(err, &f) {
		return err
	}
	code := int64(jsonrpc.CodeInternalError)
	switch f.Code {
	case parse.InvalidParams, parse.InvalidContainerName, parse.ContainerNotFound:
		code = jsonrpc.CodeInvalidParams
	}
	data, _ := json.Marshal(map[string]string{"code": string(f.Code), "hint": f.Hint, "details": f.Details}) // strings encode
	return &jsonrpc.Error{Code: code, Message: f.Error(), Data: data}
}
