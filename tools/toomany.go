package tools

import (
	"fmt"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/parse"
)

// TooMany is the result of a call that a session may not make before wait is over.
func TooMany(perSecond float64, wait time.Duration) *mcp.CallToolResult {
	if wait > time.Second {
		wait = wait.Round(100 * time.Millisecond)
	}
	return errorResult(nil, &parse.Failure{Code: parse.RateLimited,
		Message: fmt.Sprintf("these calls come faster than the %g a second that the operator allows a session", perSecond),
		Hint:    fmt.Sprintf("Nothing was done. Call again in %s.", max(wait.Round(time.Millisecond), time.Millisecond))})
}
