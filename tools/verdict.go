package tools

import (
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/parse"
)

// Verdict is how a call ended, for those who write calls down.
type Verdict struct {
	Code     string // of the error; "" where there is none
	Refused  bool   // by what this server lets agents do, before anything was done
	ExitCode *int   // of the command or container, or of the podman that failed; nil where none has ended
}

// VerdictOf reads it from a result that a tool of this package gave.
func VerdictOf(r *mcp.CallToolResult) Verdict {
	if len(r.InputRequests) > 0 { // the user is asked, and nothing has been done
		return Verdict{Code: string(parse.ConfirmationNeeded), Refused: true}
	}
	switch content := r.StructuredContent.(type) {
	case map[string]any:
		if e, ok := content["error"].(*wireError); ok {
			v := Verdict{Code: string(e.Code), Refused: e.refused}
			if e.Data.ExitCode != 0 {
				v.ExitCode = &e.Data.ExitCode
			}
			return v
		}
	case json.RawMessage:
		var end struct {
			ExitCode *int `json:"exit_code"`
		}
		if json.Unmarshal(content, &end) == nil {
			return Verdict{ExitCode: end.ExitCode}
		}
	}
	return Verdict{}
}
