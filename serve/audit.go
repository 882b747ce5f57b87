package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"

	"podman-mcp/tools"
)

// Audit writes down every call of a tool, and every resource that is read or
// watched, one JSON object a line. Its
// Middleware sees them.
type Audit struct {
	local string // the transport of callers without an HTTP request
	log   zerolog.Logger

	mu     sync.Mutex
	out    io.Writer
	torn   bool // the last line was not written whole
	failed bool // and that was told
}

// OpenAudit appends to a file, which only its owner can read where it is made
// here. Local names the transport of callers that come by none of the network's.
func OpenAudit(path, local string, log zerolog.Logger) (*Audit, func(), error) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("--audit-log: %w", err)
	}
	return &Audit{local: local, log: log, out: file}, func() { _ = file.Close() }, nil
}

// audited is one line.
type audited struct {
	Time       string `json:"time"` // when it began
	Who        caller `json:"who"`
	Tool       string `json:"tool"` // or the method by which a resource is asked for
	Arguments  any    `json:"arguments"`
	Decision   string `json:"decision"` // allowed or denied
	Code       string `json:"code"`     // of the error; "" where there is none
	ExitCode   *int   `json:"exit_code,omitempty"`
	DurationMS int64  `json:"duration_ms"`
}

// protocolCode stands for a call that came to no tool, such as of one that is
// not offered; metrics count it by the same word.
const protocolCode = "protocol"

// milliseconds is RFC 3339 with three digits of the second.
const milliseconds = "2006-01-02T15:04:05.000Z07:00"

// Middleware writes a line when a call has ended.
func (a *Audit) Middleware(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		asks, ok := askedOf(req)
		if !ok {
			return next(ctx, method, req)
		}
		begin := time.Now()
		line := audited{Time: begin.UTC().Format(milliseconds), Who: callerOf(asks, a.local), Tool: asks.what,
			Arguments: tools.MaskArguments(asks.arguments), Decision: "allowed"}
		result, err := next(ctx, method, req)
		line.DurationMS = time.Since(begin).Milliseconds()
		verdict := tools.Verdict{Code: protocolCode, Refused: true}
		switch r, ok := result.(*mcp.CallToolResult); {
		case ok && r != nil && err == nil:
			verdict = tools.VerdictOf(r)
		case !ok && err == nil:
			verdict = tools.Verdict{} // a resource
		}
		line.Code, line.ExitCode = verdict.Code, verdict.ExitCode
		if verdict.Refused {
			line.Decision = "denied"
		}
		a.write(line)
		return result, err
	}
}

// write adds a line as a whole. A line of which a full disk took only a part is
// ended before the next one. That nothing can be written is told once.
func (a *Audit) write(line audited) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(line)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		whole := text.Bytes()
		if a.torn {
			whole = append([]byte("\n"), whole...)
		}
		var n int
		n, err = a.out.Write(whole)
		a.torn = n < len(whole) && (n > 0 || a.torn)
	}
	if err != nil && !a.failed {
		a.log.Error().Err(err).Msg("calls are not written to the audit log any more")
	}
	a.failed = err != nil
}
