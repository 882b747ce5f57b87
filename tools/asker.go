package tools

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"sync"
	"time"
	"weak"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"podman-mcp/parse"
)

// asker keeps track of what users were asked. Between a question and its answer
// the client holds a state, which says what the question was about. It is signed
// with a key of this process, so that only what was asked can be answered: by the
// client that was asked, for the same call, in time, and once.
type asker struct {
	key    []byte
	within time.Duration

	mu       sync.Mutex
	used     map[string]time.Time // states that were answered, until they have expired
	sessions map[weak.Pointer[mcp.ServerSession]]string
}

func newAsker(within time.Duration) *asker {
	if within == 0 {
		within = answerWithin
	}
	a := &asker{key: make([]byte, sha256.Size), within: within,
		used: map[string]time.Time{}, sessions: map[weak.Pointer[mcp.ServerSession]]string{}}
	_, _ = rand.Read(a.key) // it never fails
	return a
}

// askState is what the client holds.
type askState struct {
	ID       string    `json:"id"`
	Expires  time.Time `json:"expires"`
	Client   []byte    `json:"client"`
	Call     []byte    `json:"call"`
	Question string    `json:"question"` // its digest
}

// seal makes the state of a question.
func (a *asker) seal(req *mcp.CallToolRequest, q *question) (string, error) {
	call, err := callSum(req)
	if err != nil {
		return "", err
	}
	record, err := json.Marshal(askState{ID: rand.Text(), Expires: time.Now().Add(a.within),
		Client: sum(a.client(req)), Call: call, Question: q.digest})
	if err != nil {
		return "", fmt.Errorf("encode the state of a question: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString(record)
	return text + "." + base64.RawURLEncoding.EncodeToString(a.sign(text)), nil
}

func (a *asker) sign(text string) []byte {
	mac := hmac.New(sha256.New, a.key)
	mac.Write([]byte(text)) // it never fails
	return mac.Sum(nil)
}

// redeem returns the digest of the question that the user has agreed to, or ""
// where the call brings no answer. A state is used up by any answer.
func (a *asker) redeem(req *mcp.CallToolRequest) (agreed string, f *parse.Failure) {
	if req.Params.RequestState == "" && len(req.Params.InputResponses) == 0 {
		return "", nil
	}
	state, why := a.open(req)
	if why != "" {
		f := unconfirmed(why, nil)
		f.Hint = "Nothing was changed. Call again without an answer to have the user asked."
		return "", f
	}
	answer, ok := req.Params.InputResponses[answerName].(*mcp.ElicitResult)
	if !ok || answer == nil {
		return "", unconfirmed("the call brings no answer of the user's", nil)
	}
	return state.Question, answered(answer, nil)
}

// open checks a state and uses it up, or says what is wrong with it.
func (a *asker) open(req *mcp.CallToolRequest) (state askState, why string) {
	const foreign = "the answer is to no question that this server asked of this client"
	text, signature, _ := strings.Cut(req.Params.RequestState, ".")
	mac, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(mac, a.sign(text)) {
		return state, foreign
	}
	record, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(record, &state) != nil {
		return state, foreign
	}
	call, err := callSum(req)
	now := time.Now()
	switch {
	case !bytes.Equal(state.Client, sum(a.client(req))):
		return state, foreign
	case err != nil, !bytes.Equal(state.Call, call):
		return state, "the tool or its arguments are not those that the user was asked about"
	case !now.Before(state.Expires):
		return state, fmt.Sprintf("the answer came too late: a question stands for %s", a.within)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, again := a.used[state.ID]; again {
		return state, "the question has been answered already"
	}
	maps.DeleteFunc(a.used, func(_ string, expires time.Time) bool { return now.After(expires) })
	a.used[state.ID] = state.Expires
	return state, ""
}

// callSum stands for the tool and what it is called with, however that is
// written.
func callSum(req *mcp.CallToolRequest) ([]byte, error) {
	var arguments any
	if given := bytes.TrimSpace(req.Params.Arguments); len(given) > 0 {
		in := json.NewDecoder(bytes.NewReader(given))
		in.UseNumber()
		if err := in.Decode(&arguments); err != nil {
			return nil, fmt.Errorf("decode the arguments: %w", err)
		}
	}
	record, err := json.Marshal([]any{req.Params.Name, arguments}) // which sorts the keys
	if err != nil {
		return nil, fmt.Errorf("encode the arguments: %w", err)
	}
	return sum(string(record)), nil
}

func sum(s string) []byte {
	digest := sha256.Sum256([]byte(s))
	return digest[:]
}

// client tells who calls: on standard input and by WebSocket a session is its
// connection. HTTP has none in the versions with rounds, and the SDK makes a
// session for each request: there it is who holds the token, and what the client
// says that it is.
func (a *asker) client(req *mcp.CallToolRequest) string {
	if req.Extra != nil && req.Extra.Header != nil && req.Extra.Header.Get("Upgrade") == "" {
		about, err := json.Marshal(req.ClientInfo())
		if err != nil {
			about = nil // it came as JSON
		}
		return "http " + req.Extra.Header.Get("Authorization") + " " + string(about)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	session := weak.Make(req.Session)
	if a.sessions[session] == "" {
		a.sessions[session] = rand.Text()
		runtime.AddCleanup(req.Session, a.forget, session)
	}
	return a.sessions[session]
}

func (a *asker) forget(session weak.Pointer[mcp.ServerSession]) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.sessions, session)
}
