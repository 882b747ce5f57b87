//go:build unix

package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"

	"podman-mcp/exec"
	"podman-mcp/live"
	"podman-mcp/tools"
)

// The test binary stands in for podman where its first argument names a stage,
// a folder in which it notes that it ran and finds what to print.
const stageFlag = "--stage="

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], stageFlag) {
		code := standIn(strings.TrimPrefix(os.Args[1], stageFlag), os.Args[2:])
		syscall.Exit(code) // not os.Exit, which under the race detector sleeps a second first
	}
	os.Exit(m.Run())
}

func standIn(dir string, args []string) int {
	ran, err := os.OpenFile(filepath.Join(dir, "ran"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(ran, os.Getpid(), strings.Join(args, " "))
	show := func(name string) int {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			fmt.Fprintf(os.Stderr, "Error: no container with name or ID %q found: no such container\n", args[len(args)-1])
			return 125
		}
		_, _ = os.Stdout.Write(text)
		return 0
	}
	last := args[len(args)-1]
	switch verb := args[0]; {
	case verb == "events":
		if _, err := os.Stat(filepath.Join(dir, "no-events")); err == nil {
			fmt.Fprintln(os.Stderr, "Error: cannot read events")
			return 125
		}
		return tail(filepath.Join(dir, "events"))
	case verb == "logs" && slices.Contains(args, "--follow"):
		return tail(filepath.Join(dir, "logs-"+last[:12]))
	case verb == "logs":
		return show("logs-" + last)
	case verb == "container" && slices.Contains(args, "--format={{.Id}} {{.State.Status}}"):
		return show("id-" + last)
	case verb == "container":
		return show("inspect-" + last)
	case verb == "stats":
		return show("stats-" + last)
	case verb == "ps":
		return ps(dir, args)
	}
	return show(args[0])
}

// tail prints what is in a file and what is added to it, until a line END or
// TERM. A line FLOOD n prints n bytes in lines of 100 as fast as it can.
func tail(path string) int {
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	go func() {
		<-term
		if slow, err := os.ReadFile(filepath.Join(filepath.Dir(path), "slow")); err == nil {
			if err := os.WriteFile(filepath.Join(filepath.Dir(path), "ending"), nil, 0o600); err != nil {
				panic(err)
			}
			took, _ := time.ParseDuration(string(slow))
			time.Sleep(took)
		}
		syscall.Exit(0)
	}()
	f, err := os.Open(path)
	for errors.Is(err, os.ErrNotExist) {
		time.Sleep(time.Millisecond)
		f, err = os.Open(path)
	}
	buffer := make([]byte, 64<<10)
	for {
		n, _ := f.Read(buffer)
		text := string(buffer[:n])
		before, after, ended := strings.Cut(text, "END\n")
		if amount, ok := strings.CutPrefix(before, "FLOOD "); ok {
			bytes, _ := strconv.Atoi(strings.TrimSpace(amount))
			flood(bytes)
			before = ""
		}
		_, _ = os.Stdout.WriteString(before)
		if ended && after == "" {
			return 0
		}
		if n == 0 {
			time.Sleep(500 * time.Microsecond)
		}
	}
}

func flood(bytes int) {
	line := "2999-11-22T13:53:03.600582048Z " + strings.Repeat("x", 68) + "\n"
	block := []byte(strings.Repeat(line, 640))
	for ; bytes > 0; bytes -= len(block) {
		if _, err := os.Stdout.Write(block); err != nil {
			return
		}
	}
}

// ps heeds the filters that completion uses.
func ps(dir string, args []string) int {
	var rows []map[string]any
	text, err := os.ReadFile(filepath.Join(dir, "ps"))
	if err == nil {
		err = json.Unmarshal(text, &rows)
	}
	if err != nil {
		fmt.Println("[]")
		return 0
	}
	for _, arg := range args {
		if begin, ok := strings.CutPrefix(arg, "--filter=name=^"); ok {
			rows = slices.DeleteFunc(rows, func(r map[string]any) bool { return !strings.HasPrefix(r["Names"].([]any)[0].(string), begin) })
		}
		if begin, ok := strings.CutPrefix(arg, "--filter=id="); ok {
			rows = slices.DeleteFunc(rows, func(r map[string]any) bool { return !strings.HasPrefix(r["Id"].(string), begin) })
		}
	}
	_ = json.NewEncoder(os.Stdout).Encode(rows)
	return 0
}

// stage is a podman, a server on it, and its clients.
type stage struct {
	t      *testing.T
	dir    string
	host   *tools.Host
	server *mcp.Server
	live   *live.Live
}

func newStage(t *testing.T) *stage {
	t.Helper()
	return newStageOf(t, nil)
}

// newStageOf offers its clients some tools only.
func newStageOf(t *testing.T, offered []tools.Tool) *stage {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, dir: t.TempDir()}
	log := zerolog.Nop()
	s.host = &tools.Host{Runner: &exec.Runner{Podman: self, Globals: []string{stageFlag + s.dir}}, Log: log, Offered: offered}
	ctx, cancel := context.WithCancelCause(context.Background())
	l := live.New(ctx, s.host, log)
	s.server = tools.Server(ctx, "test", s.host, tools.All(), l.Options)
	l.Attach(s.server)
	s.live = l
	t.Cleanup(func() {
		cancel(tools.ErrShutdown)
		l.Close()
		s.eventually("all processes are gone", func() bool { return len(s.alive("")) == 0 })
	})
	s.put("events", "")
	return s
}

func (s *stage) put(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) has(name string) bool {
	_, err := os.Stat(filepath.Join(s.dir, name))
	return err == nil
}

func (s *stage) add(name, text string) {
	s.t.Helper()
	f, err := os.OpenFile(filepath.Join(s.dir, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = io.WriteString(f, text)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		s.t.Fatal(err)
	}
}

// webID is the id of the container web.
const webID = "76df5b17db6f09967722cb031835f5780333da01fa6a2a09ae39145f4ed64753"

// event adds what podman would print.
func (s *stage) event(kind, action, name string) {
	s.t.Helper()
	s.add("events", fmt.Sprintf(`{"ID":%q,"Image":"localhost/x:latest","Name":%q,"Status":%q,"time":1795355664,"timeNano":1795355664990994246,"Type":%q,"Attributes":null}`+"\n",
		map[string]string{"web": webID}[name], name, action, kind))
}

// alive are the stand-in's processes of a verb that run, by their numbers.
func (s *stage) alive(verb string) []int {
	text, _ := os.ReadFile(filepath.Join(s.dir, "ran"))
	var list []int
	for line := range strings.Lines(string(text)) {
		number, args, _ := strings.Cut(strings.TrimSpace(line), " ")
		pid, _ := strconv.Atoi(number)
		if strings.HasPrefix(args, verb) && syscall.Kill(pid, 0) == nil {
			list = append(list, pid)
		}
	}
	return list
}

// ran counts the processes of a verb that ever ran.
func (s *stage) ran(verb string) int {
	text, _ := os.ReadFile(filepath.Join(s.dir, "ran"))
	n := 0
	for line := range strings.Lines(string(text)) {
		if _, args, _ := strings.Cut(line, " "); strings.HasPrefix(args, verb) {
			n++
		}
	}
	return n
}

func (s *stage) eventually(what string, is func() bool) {
	s.t.Helper()
	for limit := time.Now().Add(15 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(limit) {
			s.t.Fatal("never: ", what)
		}
	}
}

// The protocol's eras.
const (
	legacy = "2025-11-25"
	modern = "2026-07-28"
)

func eras() []string { return []string{legacy, modern} }

// client is one MCP client and what it was told.
type client struct {
	*mcp.ClientSession
	s *stage

	mu           sync.Mutex
	updates      map[string][]time.Time
	progress     []string
	acknowledged int
}

func (s *stage) connect(era string) *client {
	s.t.Helper()
	here, there := mcp.NewInMemoryTransports()
	return s.connectOver(era, here, there)
}

func (s *stage) connectOver(era string, here, there mcp.Transport) *client {
	s.t.Helper()
	c := &client{s: s, updates: map[string][]time.Time{}}
	if _, err := s.server.Connect(s.t.Context(), there, nil); err != nil {
		s.t.Fatal(err)
	}
	var err error
	speaker := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ClientOptions{
		ResourceUpdatedHandler: func(_ context.Context, req *mcp.ResourceUpdatedNotificationRequest) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.updates[req.Params.URI] = append(c.updates[req.Params.URI], time.Now())
		},
		ProgressNotificationHandler: func(_ context.Context, req *mcp.ProgressNotificationClientRequest) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.progress = append(c.progress, req.Params.Message)
		},
	})
	speaker.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			if method == "notifications/subscriptions/acknowledged" {
				c.mu.Lock()
				c.acknowledged++
				c.mu.Unlock()
			}
			return next(ctx, method, req)
		}
	})
	c.ClientSession, err = speaker.Connect(s.t.Context(), here, &mcp.ClientSessionOptions{ProtocolVersion: era})
	if err != nil {
		s.t.Fatal(err)
	}
	if got := c.InitializeResult().ProtocolVersion; era == legacy && got != legacy {
		s.t.Fatalf("speaks %s", got)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (c *client) subscribe(uris ...string) {
	c.s.t.Helper()
	before := c.acks()
	for _, uri := range uris {
		if err := c.Subscribe(c.s.t.Context(), &mcp.SubscribeParams{URI: uri}); err != nil {
			c.s.t.Fatal(err)
		}
	}
	if c.InitializeResult().ProtocolVersion != legacy { // the client does not wait itself
		c.s.eventually("acknowledged", func() bool { return c.acks() == before+len(uris) })
	}
}

func (c *client) acks() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.acknowledged
}

// told counts the updates of a URI.
func (c *client) told(uri string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.updates[uri])
}

func (c *client) lines() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.progress, "\n")
}

// call runs a tool and gives its text.
func (c *client) call(ctx context.Context, tool string, parameters map[string]any) (string, bool) {
	params := &mcp.CallToolParams{Name: tool, Arguments: parameters}
	params.SetProgressToken("p")
	result, err := c.CallTool(ctx, params)
	if err != nil {
		return err.Error(), false
	}
	return result.Content[0].(*mcp.TextContent).Text, !result.IsError
}
