package tools

import (
	"fmt"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/parse"
)

// TooMany answers a request that a session may not make before wait is over: a
// call of a tool by a result, any other by an error.
func TooMany(req mcp.Request, perSecond float64, wait time.Duration) (mcp.Result, error) {
	if wait > time.Second {
		wait = wait.Round(100 * time.Millisecond)
	}
	f := &parse.Failure{Code: parse.RateLimited,
		Message: fmt.Sprintf("these calls come faster than the %g a second that the operator allows a session", perSecond),
		Hint:    fmt.Sprintf("Nothing was done. Call again in %s.", max(wait.Round(time.Millisecond), time.Millisecond))}
	if _, ok := req.(*mcp.CallToolRequest); ok {
		return errorResult(nil, f), nil
	}
	return nil, ProtocolError(f)
}
