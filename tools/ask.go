package tools

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/parse"
)

const (
	// manyRounds is the first protocol version in which a server cannot ask during
	// a call: it answers with its question, and the client calls again.
	manyRounds = "2026-07-28"
	// answerWithin is for how long a question stands.
	answerWithin = 5 * time.Minute
	// maxRounds is how often one call asks where what would go keeps changing.
	maxRounds = 3
	// answerName is that of the question in a call's answers, and of the box that
	// the user ticks.
	answerName = "confirm"
)

// asked runs a call, and where the tool wants the user's word asks for it: the
// result is then that of the call made anew, or the question itself.
func (a *asker) asked(ctx context.Context, t Tool, c *Call, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	var f *parse.Failure
	if c.agreed, f = a.redeem(req); f != nil {
		return errorResult(nil, f), nil
	}
	for range maxRounds {
		out, err := t.route(ctx, c, req.Params.Arguments)
		var q *question
		switch {
		case errors.As(err, &q):
		case err != nil:
			return errorResult(out, err), nil
		default:
			return okResult(out)
		}
		switch can := canAsk(req.ClientCapabilities()); {
		case !can:
			return errorResult(nil, unconfirmed("the client cannot ask its user, for it lacks MCP's elicitation", q)), nil
		case inRounds(req.Session):
			state, err := a.seal(req, q)
			if err != nil {
				return nil, err
			}
			return &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{answerName: q.form()}, RequestState: state}, nil
		}
		if f := a.ask(ctx, c, req.Session, q); f != nil {
			return errorResult(nil, f), nil
		}
		c.agreed = q.digest
	}
	return errorResult(nil, unconfirmed("what would be removed changes faster than the user can be asked", nil)), nil
}

// ask asks during the call, as the versions before manyRounds can.
func (a *asker) ask(ctx context.Context, c *Call, session *mcp.ServerSession, q *question) *parse.Failure {
	waiting, cancel := context.WithTimeout(ctx, a.within)
	defer cancel()
	answer, err := session.Elicit(waiting, q.form())
	switch {
	case ctx.Err() != nil:
		return c.failure(ctx, context.Cause(ctx), a.within)
	case waiting.Err() != nil:
		return unconfirmed(fmt.Sprintf("the user did not answer within %s", a.within), q)
	case err != nil:
		return unconfirmed("the client could not ask its user ("+parse.Clean(err.Error())+")", q)
	}
	return answered(answer, q)
}

// answered is nil for a yes.
func answered(answer *mcp.ElicitResult, q *question) *parse.Failure {
	switch yes, _ := answer.Content[answerName].(bool); {
	case answer.Action == "accept" && yes:
		return nil
	case answer.Action == "cancel":
		return unconfirmed("the user closed the question without an answer", q)
	}
	f := unconfirmed("the user said no", q)
	f.Hint = "Nothing was changed. Do not ask again unless the user wants it."
	return f
}

// form is the question as clients show it.
func (q *question) form() *mcp.ElicitParams {
	return &mcp.ElicitParams{Mode: "form", Message: q.Error(), RequestedSchema: &jsonschema.Schema{
		Type:       "object",
		Properties: map[string]*jsonschema.Schema{answerName: {Type: "boolean", Title: "Yes, do it", Description: "Without this nothing is changed"}},
		Required:   []string{answerName},
	}}
}

// canAsk tells whether the client shows forms to its user. One that says neither
// form nor URL means forms.
func canAsk(c *mcp.ClientCapabilities) bool {
	return c != nil && c.Elicitation != nil && (c.Elicitation.Form != nil || c.Elicitation.URL == nil)
}

// inRounds tells whether the client calls again with its answers. One that did
// not shake hands speaks a version that knows no handshake.
func inRounds(session *mcp.ServerSession) bool {
	hello := session.InitializeParams()
	return hello == nil || hello.ProtocolVersion >= manyRounds
}
