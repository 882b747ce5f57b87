//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	osexec "os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/creack/pty"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const webID = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func oneContainer() map[string]string {
	return map[string]string{"ps.out": `[{"Id": "` + webID + `", "Names": ["web"], "State": "exited", "Created": 1700000000}]`}
}

func removals(dir string) []string {
	return slices.DeleteFunc(notes(dir, "argv"), func(line string) bool { return !strings.HasPrefix(line, "podman rm ") })
}

// The user is asked over every transport and in both eras, and only a yes removes.
func TestConfirm(t *testing.T) {
	for _, transport := range []string{"stdio", "http", "websocket"} {
		for _, version := range []string{"2025-11-25", "2026-07-28"} {
			t.Run(transport+" "+version, func(t *testing.T) {
				t.Parallel()
				dir, connect := confirming(t, transport)
				asked, answer := 0, "decline"
				session := connect("test", version, &mcp.ClientOptions{
					ElicitationHandler: func(_ context.Context, req *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
						if asked++; !strings.Contains(req.Params.Message, "Remove container web") {
							t.Errorf("asked %q", req.Params.Message)
						}
						return &mcp.ElicitResult{Action: answer, Content: map[string]any{"confirm": true}}, nil
					},
				})
				call := func(s *mcp.ClientSession) string {
					t.Helper()
					result, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: "podman_rm", Arguments: map[string]any{"containers": []string{"web"}}})
					if err != nil {
						t.Fatal(err)
					}
					return resultText(result)
				}
				if said := call(session); !strings.HasPrefix(said, "CONFIRMATION_NEEDED: the user said no") {
					t.Errorf("after a no it says %q", said)
				}
				if said := call(connect("mute", version, nil)); !strings.HasPrefix(said, "CONFIRMATION_NEEDED: the client cannot ask") {
					t.Errorf("to a client that cannot ask it says %q", said)
				}
				if done := removals(dir); asked != 1 || len(done) > 0 {
					t.Errorf("asked %d times without a yes, it ran %q", asked, done)
				}
				answer = "accept"
				call(session)
				if done := removals(dir); asked != 2 || len(done) != 1 || done[0] != "podman rm -- "+webID {
					t.Errorf("asked %d times, it ran %q", asked, done)
				}
			})
		}
	}
}

// Over HTTP the versions with rounds have no sessions: there another client is
// one that calls itself something else.
func TestConfirmOtherClient(t *testing.T) {
	for _, transport := range []string{"http", "websocket"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			dir, connect := confirming(t, transport)
			options := func() *mcp.ClientOptions {
				return &mcp.ClientOptions{MultiRoundTrip: &mcp.MultiRoundTripOptions{Disabled: true},
					ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
						return nil, errors.New("nobody asks")
					}}
			}
			one, other := connect("one", "2026-07-28", options()), connect("other", "2026-07-28", options())
			rm := func() *mcp.CallToolParams { // anew, for a client writes itself into it
				return &mcp.CallToolParams{Name: "podman_rm", Arguments: map[string]any{"containers": []string{"web"}}}
			}
			question, err := one.CallTool(t.Context(), rm())
			if err != nil || !question.NeedsInput() {
				t.Fatalf("%+v, %v", question, err)
			}
			yes := func() *mcp.CallToolParams {
				params := rm()
				params.RequestState = question.RequestState
				params.InputResponses = mcp.InputResponseMap{"confirm": &mcp.ElicitResult{Action: "accept", Content: map[string]any{"confirm": true}}}
				return params
			}
			result, err := other.CallTool(t.Context(), yes())
			if err != nil || !strings.Contains(resultText(result), "no question that this server asked of this client") || len(removals(dir)) > 0 {
				t.Errorf("another client's answer: %+v, %v, and it ran %q", result, err, removals(dir))
			}
			if _, err := one.CallTool(t.Context(), yes()); err != nil || len(removals(dir)) != 1 {
				t.Errorf("its own answer: %v, and it ran %q", err, removals(dir))
			}
		})
	}
}

// confirming starts a server that asks, and returns where its podman's notes are
// and how clients connect: each to a server of its own over stdio.
func confirming(t *testing.T, transport string) (dir string, connect func(name, version string, options *mcp.ClientOptions) *mcp.ClientSession) {
	t.Helper()
	var reach func() mcp.Transport
	if transport == "stdio" {
		dir = t.TempDir()
		fill(t, dir, oneContainer())
		reach = func() mcp.Transport {
			cmd := osexec.Command("podman-mcp", "--confirm", "destructive")
			cmd.Env = append(os.Environ(), fakeEnv(dir)...)
			return &mcp.CommandTransport{Command: cmd}
		}
	} else {
		s := serveOn(t, oneContainer(), "--port", "0", "--confirm", "destructive")
		dir = s.dir
		client := &http.Client{Transport: bearer{http.DefaultTransport, s.token}}
		reach = func() mcp.Transport {
			return &mcp.StreamableClientTransport{Endpoint: s.url, HTTPClient: client, MaxRetries: -1}
		}
		if transport == "websocket" {
			reach = func() mcp.Transport {
				return webSocket{"ws" + strings.TrimSuffix(strings.TrimPrefix(s.url, "http"), "/mcp") + "/ws?token=" + s.token}
			}
		}
	}
	return dir, func(name, version string, options *mcp.ClientOptions) *mcp.ClientSession {
		t.Helper()
		session, err := mcp.NewClient(&mcp.Implementation{Name: name, Version: "1"}, options).
			Connect(context.Background(), reach(), &mcp.ClientSessionOptions{ProtocolVersion: version})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = session.Close() })
		return session
	}
}

// webSocket is a client's end of a WebSocket.
type webSocket struct{ url string }

func (w webSocket) Connect(ctx context.Context) (mcp.Connection, error) {
	conn, _, err := websocket.Dial(ctx, w.url, &websocket.DialOptions{Subprotocols: []string{"mcp"}})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(1 << 20)
	return &webSocketConn{conn}, nil
}

type webSocketConn struct{ *websocket.Conn }

func (c *webSocketConn) Read(ctx context.Context) (jsonrpc.Message, error) {
	_, text, err := c.Conn.Read(ctx)
	if err != nil {
		return nil, io.EOF
	}
	return jsonrpc.DecodeMessage(text)
}

func (c *webSocketConn) Write(ctx context.Context, msg jsonrpc.Message) error {
	text, err := jsonrpc.EncodeMessage(msg)
	if err != nil {
		return err
	}
	return c.Conn.Write(context.WithoutCancel(ctx), websocket.MessageText, text)
}

func (c *webSocketConn) Close() error {
	if err := c.Conn.Close(websocket.StatusNormalClosure, ""); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (*webSocketConn) SessionID() string { return "" }

// podman-mcp call asks the person at the terminal, and elsewhere nobody.
func TestConfirmCall(t *testing.T) {
	for typed, done := range map[string]int{"y\n": 1, "yes\n": 1, "n\n": 0, "\n": 0, "\x04": 0} {
		t.Run(strings.TrimSpace(typed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			fill(t, dir, oneContainer())
			cmd := osexec.Command("podman-mcp", "call", "--confirm", "destructive", "podman_rm", "containers=web")
			cmd.Env = append(os.Environ(), fakeEnv(dir)...)
			screen, err := pty.Start(cmd)
			if err != nil {
				t.Fatal(err)
			}
			defer screen.Close()
			late := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
			defer late.Stop()
			shown := readUntil(screen, "[y/N] ")
			if !strings.Contains(shown, "Remove container web with what was written inside? [y/N] ") || len(removals(dir)) > 0 {
				t.Errorf("it shows %q and ran %q", shown, removals(dir))
			}
			if _, err := io.WriteString(screen, typed); err != nil {
				t.Fatal(err)
			}
			rest := readUntil(screen, "\x00")
			_ = cmd.Wait() // with 1, for podman's stand-in removes nothing
			if len(removals(dir)) != done || (done == 0) != strings.Contains(rest, "CONFIRMATION_NEEDED: the user said no") {
				t.Errorf("it ran %q and shows %q", removals(dir), rest)
			}
		})
	}
	dir := t.TempDir()
	fill(t, dir, oneContainer())
	cmd := osexec.Command("podman-mcp", "call", "--json", "--confirm", "destructive", "podman_rm", "containers=web")
	cmd.Env = append(os.Environ(), fakeEnv(dir)...)
	cmd.Stdin = strings.NewReader("y\n")
	out, err := cmd.Output()
	var said struct{ Error struct{ Code string } }
	if json.Unmarshal(out, &said) != nil || err == nil || said.Error.Code != "CONFIRMATION_NEEDED" || len(removals(dir)) > 0 {
		t.Errorf("without a terminal: %v, %s, and it ran %q", err, out, removals(dir))
	}
}

// readUntil reads the screen until it shows the words, or to its end.
func readUntil(screen io.Reader, words string) string {
	var shown strings.Builder
	for buf := make([]byte, 4<<10); !strings.Contains(shown.String(), words); {
		n, err := screen.Read(buf)
		shown.Write(buf[:n])
		if err != nil {
			break
		}
	}
	return shown.String()
}
