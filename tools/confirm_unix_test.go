//go:build unix

package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

const (
	handshakes = "2025-11-25"
	webID      = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	otherID    = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
	rmWeb      = `{"containers":["web"]}`
)

// asking is a server that asks before it removes, and its podman, which has one
// container.
type asking struct {
	dir    string
	server *mcp.Server
	within time.Duration
}

func newAsking(t *testing.T, within time.Duration) *asking {
	t.Helper()
	a := &asking{dir: t.TempDir(), within: within}
	a.holds(t, webID)
	script := fmt.Sprintf("#!/bin/sh\ncd '%s'\necho \"$*\" >>argv\ncase $1 in\nps) cat ps;;\nrm) echo '[]' >ps;;\nesac\n", a.dir)
	if err := os.WriteFile(filepath.Join(a.dir, "podman"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	a.start(t.Context())
	return a
}

// start starts the server, anew where there is one.
func (a *asking) start(ctx context.Context) {
	host := &Host{Runner: &exec.Runner{Podman: filepath.Join(a.dir, "podman")}, Confirm: true, ConfirmWithin: a.within}
	a.server = Server(ctx, "0", host, All())
}

// holds lets the podman have a container called web.
func (a *asking) holds(t *testing.T, id string) {
	t.Helper()
	list := fmt.Sprintf(`[{"Id":%q,"Names":["web"],"State":"exited","Created":1700000000}]`, id)
	// As a whole: a call may be reading it.
	if err := os.WriteFile(filepath.Join(a.dir, "new"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(a.dir, "new"), filepath.Join(a.dir, "ps")); err != nil {
		t.Fatal(err)
	}
}

// removed are the command lines that removed something.
func (a *asking) removed(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(a.dir, "argv"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "rm ") || strings.HasPrefix(line, "stop ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// connect connects a client of that name and version, whose user answers so;
// nil for one that cannot ask. It plays no rounds by itself where alone.
func (a *asking) connect(t *testing.T, name, version string, alone bool, answer func(question string) (*mcp.ElicitResult, error)) *mcp.ClientSession {
	t.Helper()
	options := &mcp.ClientOptions{MultiRoundTrip: &mcp.MultiRoundTripOptions{Disabled: alone}}
	if answer != nil {
		options.ElicitationHandler = func(ctx context.Context, req *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return answer(req.Params.Message)
		}
	}
	here, there := mcp.NewInMemoryTransports()
	if _, err := a.server.Connect(context.Background(), there, nil); err != nil {
		t.Fatal(err)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: name, Version: "1"}, options).
		Connect(context.Background(), here, &mcp.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func yes(string) (*mcp.ElicitResult, error) {
	return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"confirm": true}}, nil
}

func callWith(t *testing.T, session *mcp.ClientSession, params *mcp.CallToolParams) *mcp.CallToolResult {
	t.Helper()
	result, err := session.CallTool(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// refusedFor fails unless the result is a refusal for that reason.
func refusedFor(t *testing.T, result *mcp.CallToolResult, reason string) {
	t.Helper()
	said := ""
	if len(result.Content) > 0 {
		said = result.Content[0].(*mcp.TextContent).Text
	}
	if !result.IsError || !strings.HasPrefix(said, string(parse.ConfirmationNeeded)+": ") || !strings.Contains(said, reason) {
		t.Errorf("got %q, error %v; want %s with %q", said, result.IsError, parse.ConfirmationNeeded, reason)
	}
}

// Only a yes removes, in both eras.
func TestConfirm(t *testing.T) {
	answer := func(action string, content map[string]any) func(string) (*mcp.ElicitResult, error) {
		return func(string) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: action, Content: content}, nil
		}
	}
	for _, test := range []struct {
		name   string
		answer func(string) (*mcp.ElicitResult, error)
		reason string // of the refusal; "" where web is removed
	}{
		{"yes", yes, ""},
		{"unticked", answer("accept", map[string]any{"confirm": false}), "the user said no"},
		{"declined", answer("decline", nil), "the user said no"},
		{"closed", answer("cancel", nil), "the user closed the question"},
		{"declined with a tick", answer("decline", map[string]any{"confirm": true}), "the user said no"},
		{"nobody to ask", nil, "lacks MCP's elicitation"},
	} {
		for _, version := range []string{handshakes, manyRounds} {
			t.Run(test.name+" "+version, func(t *testing.T) {
				t.Parallel()
				a := newAsking(t, 0)
				var mu sync.Mutex
				var questions []string
				answer := test.answer
				if answer != nil {
					answer = func(question string) (*mcp.ElicitResult, error) {
						mu.Lock()
						questions = append(questions, question)
						mu.Unlock()
						if gone := a.removed(t); len(gone) > 0 {
							t.Errorf("it was done before the answer: %q", gone)
						}
						return test.answer(question)
					}
				}
				session := a.connect(t, "test", version, false, answer)
				result := callWith(t, session, &mcp.CallToolParams{Name: "podman_rm", Arguments: json.RawMessage(rmWeb)})
				gone := a.removed(t)
				if answer != nil && (len(questions) != 1 || questions[0] != "Remove container web with what was written inside?") {
					t.Errorf("asked %q", questions)
				}
				if test.reason != "" {
					refusedFor(t, result, test.reason)
					if len(gone) > 0 {
						t.Errorf("it ran %q", gone)
					}
					return
				}
				if result.IsError || len(gone) != 1 || gone[0] != "rm -- "+webID {
					t.Errorf("error %v, and it ran %q: %v", result.IsError, gone, result.StructuredContent)
				}
			})
		}
	}
}

// Nobody is asked where nothing would be removed, nor where the operator does not
// want it.
func TestConfirmNothing(t *testing.T) {
	never := func(question string) (*mcp.ElicitResult, error) {
		t.Errorf("asked %q", question)
		return yes(question)
	}
	a := newAsking(t, 0)
	session := a.connect(t, "test", manyRounds, false, never)
	for tool, arguments := range map[string]string{"podman_ps": `{}`, "podman_rm": `{"containers":["db"]}`, "podman_stop": `{"containers":["db"]}`} {
		callWith(t, session, &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	}
	a.server = Server(t.Context(), "0", &Host{Runner: &exec.Runner{Podman: filepath.Join(a.dir, "podman")}}, All())
	if result := callWith(t, a.connect(t, "test", manyRounds, false, never), &mcp.CallToolParams{Name: "podman_rm", Arguments: json.RawMessage(rmWeb)}); result.IsError {
		t.Errorf("%v", result.StructuredContent)
	}
}

// What the user agreed to is what is removed: where another container has taken
// the name meanwhile, the user is asked about that one.
func TestConfirmChanged(t *testing.T) {
	for _, version := range []string{handshakes, manyRounds} {
		t.Run(version, func(t *testing.T) {
			a := newAsking(t, 0)
			asked := 0
			session := a.connect(t, "test", version, false, func(question string) (*mcp.ElicitResult, error) {
				if asked++; asked == 1 {
					a.holds(t, otherID)
					return yes(question)
				}
				return &mcp.ElicitResult{Action: "decline"}, nil
			})
			refusedFor(t, callWith(t, session, &mcp.CallToolParams{Name: "podman_rm", Arguments: json.RawMessage(rmWeb)}), "the user said no")
			if gone := a.removed(t); asked != 2 || len(gone) > 0 {
				t.Errorf("asked %d times, and it ran %q", asked, gone)
			}
		})
	}
}

// A user who does not answer in time has not agreed.
func TestConfirmLate(t *testing.T) {
	a := newAsking(t, 50*time.Millisecond)
	refused := make(chan struct{})
	session := a.connect(t, "test", handshakes, false, func(question string) (*mcp.ElicitResult, error) {
		<-refused
		return yes(question)
	})
	result := callWith(t, session, &mcp.CallToolParams{Name: "podman_rm", Arguments: json.RawMessage(rmWeb)})
	close(refused)
	refusedFor(t, result, "the user did not answer within 50ms")
	if gone := a.removed(t); len(gone) > 0 {
		t.Errorf("it ran %q", gone)
	}
}

// The server does not wait for users when it ends.
func TestConfirmShutdown(t *testing.T) {
	a := newAsking(t, 0)
	ctx, end := context.WithCancelCause(t.Context())
	a.start(ctx)
	ended := make(chan struct{})
	session := a.connect(t, "test", handshakes, false, func(question string) (*mcp.ElicitResult, error) {
		end(ErrShutdown)
		<-ended
		return yes(question)
	})
	result := callWith(t, session, &mcp.CallToolParams{Name: "podman_rm", Arguments: json.RawMessage(rmWeb)})
	close(ended)
	if said := result.Content[0].(*mcp.TextContent).Text; !strings.HasPrefix(said, "CANCELLED: the server is shutting down") {
		t.Errorf("it says %q", said)
	}
	if gone := a.removed(t); len(gone) > 0 {
		t.Errorf("it ran %q", gone)
	}
}

// The state that a client holds while it asks is good for what it was made for,
// once, and for nothing else.
func TestConfirmState(t *testing.T) {
	const foreign = "to no question that this server asked of this client"
	answer, _ := yes("")
	answers := mcp.InputResponseMap{"confirm": answer}
	ask := func(t *testing.T, session *mcp.ClientSession) string {
		t.Helper()
		result := callWith(t, session, &mcp.CallToolParams{Name: "podman_rm", Arguments: json.RawMessage(rmWeb)})
		if !result.NeedsInput() || result.RequestState == "" {
			t.Fatalf("it does not ask: %+v", result)
		}
		return result.RequestState
	}
	again := func(t *testing.T, session *mcp.ClientSession, state, tool, arguments string) *mcp.CallToolResult {
		t.Helper()
		return callWith(t, session, &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments), RequestState: state, InputResponses: answers})
	}
	for _, test := range []struct {
		name   string
		within time.Duration
		do     func(*testing.T, *asking, *mcp.ClientSession) *mcp.CallToolResult
		reason string // "" where it is done
	}{
		{"as it should be", 0, func(t *testing.T, a *asking, s *mcp.ClientSession) *mcp.CallToolResult {
			return again(t, s, ask(t, s), "podman_rm", `{ "containers": [ "web" ] }`)
		}, ""},
		{"every byte changed", 0, func(t *testing.T, a *asking, s *mcp.ClientSession) (result *mcp.CallToolResult) {
			state := ask(t, s)
			for i := range state {
				changed := []byte(state)
				if changed[i] ^= 1; changed[i] == '.' || i == len(state)-1 {
					continue // the last one's low bits are padding
				}
				result = again(t, s, string(changed), "podman_rm", rmWeb)
				refusedFor(t, result, foreign)
			}
			return result
		}, foreign},
		{"unsigned", 0, func(t *testing.T, a *asking, s *mcp.ClientSession) *mcp.CallToolResult {
			text, _, _ := strings.Cut(ask(t, s), ".")
			return again(t, s, text, "podman_rm", rmWeb)
		}, foreign},
		{"no state", 0, func(t *testing.T, a *asking, s *mcp.ClientSession) *mcp.CallToolResult {
			ask(t, s)
			return again(t, s, "", "podman_rm", rmWeb)
		}, foreign},
		{"no answer", 0, func(t *testing.T, a *asking, s *mcp.ClientSession) *mcp.CallToolResult {
			return callWith(t, s, &mcp.CallToolParams{Name: "podman_rm", Arguments: json.RawMessage(rmWeb), RequestState: ask(t, s)})
		}, "brings no answer"},
		{"other arguments", 0, func(t *testing.T, a *asking, s *mcp.ClientSession) *mcp.CallToolResult {
			return again(t, s, ask(t, s), "podman_rm", `{"containers":["web"],"volumes":true}`)
		}, "its arguments are not those"},
		{"another tool", 0, func(t *testing.T, a *asking, s *mcp.ClientSession) *mcp.CallToolResult {
			return again(t, s, ask(t, s), "podman_stop", rmWeb)
		}, "its arguments are not those"},
		{"twice", 0, func(t *testing.T, a *asking, s *mcp.ClientSession) *mcp.CallToolResult {
			state := ask(t, s)
			no := mcp.InputResponseMap{"confirm": &mcp.ElicitResult{Action: "decline"}}
			refusedFor(t, callWith(t, s, &mcp.CallToolParams{Name: "podman_rm", Arguments: json.RawMessage(rmWeb), RequestState: state, InputResponses: no}), "the user said no")
			return again(t, s, state, "podman_rm", rmWeb)
		}, "has been answered already"},
		{"expired", time.Nanosecond, func(t *testing.T, a *asking, s *mcp.ClientSession) *mcp.CallToolResult {
			return again(t, s, ask(t, s), "podman_rm", rmWeb)
		}, "the answer came too late"},
		{"another session", 0, func(t *testing.T, a *asking, s *mcp.ClientSession) *mcp.CallToolResult {
			return again(t, a.connect(t, "test", manyRounds, true, yes), ask(t, s), "podman_rm", rmWeb)
		}, foreign},
		{"a session with a handshake", 0, func(t *testing.T, a *asking, s *mcp.ClientSession) *mcp.CallToolResult {
			return again(t, a.connect(t, "test", handshakes, true, yes), ask(t, s), "podman_rm", rmWeb)
		}, foreign},
		{"another process", 0, func(t *testing.T, a *asking, s *mcp.ClientSession) *mcp.CallToolResult {
			state := ask(t, s)
			a.start(t.Context())
			return again(t, a.connect(t, "test", manyRounds, true, yes), state, "podman_rm", rmWeb)
		}, foreign},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := newAsking(t, test.within)
			result := test.do(t, a, a.connect(t, "test", manyRounds, true, yes))
			gone := a.removed(t)
			if test.reason == "" {
				if result.IsError || len(gone) != 1 {
					t.Errorf("error %v, and it ran %q: %v", result.IsError, gone, result.StructuredContent)
				}
				return
			}
			refusedFor(t, result, test.reason)
			if len(gone) > 0 {
				t.Errorf("it ran %q", gone)
			}
		})
	}
}
