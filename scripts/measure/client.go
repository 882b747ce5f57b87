package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// client speaks MCP and does little else, so that what is timed is the server.
type client struct {
	pid     int     // of the server that it started; 0 where it started none
	greeted float64 // milliseconds from its start to its reply to initialize
	write   func([]byte) error
	end     func() error
	// told sees every notification as it came, in the goroutine that reads.
	told func(line []byte, at time.Time)

	mu      sync.Mutex
	last    int
	waiting map[int]chan reply
	gone    error
}

type reply struct {
	line []byte
	at   time.Time // when its last byte was there
	took float64   // milliseconds since it was asked for
}

// begin starts a server and says hello to it.
func (b *bench) begin(told func([]byte, time.Time), env []string, name string, args ...string) (*client, error) {
	command := osexec.Command(name, args...)
	command.Env = append(os.Environ(), env...)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	started := time.Now()
	if err := command.Start(); err != nil {
		return nil, err
	}
	c := &client{pid: command.Process.Pid, told: told, waiting: map[int]chan reply{}}
	c.write = func(line []byte) error { _, err := in.Write(append(line, '\n')); return err }
	read := make(chan struct{})
	c.end = func() error {
		_ = in.Close() // it may have ended already
		late := time.AfterFunc(10*time.Second, func() { _ = command.Process.Kill() })
		defer late.Stop()
		<-read
		return command.Wait()
	}
	go func() {
		defer close(read)
		lines := bufio.NewReaderSize(out, 1<<20)
		c.read(func() ([]byte, error) { return lines.ReadBytes('\n') })
	}()
	at, err := c.hello(b.ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), c.end())
	}
	c.greeted = between(started, at)
	return c, nil
}

// ours is begin for our own server, whose warnings of old podmans are known.
func (b *bench) ours(told func([]byte, time.Time), flags ...string) (*client, error) {
	return b.begin(told, nil, b.server, append(flags, "--log-level=error")...)
}

// dial is begin for a server that is there, at a WebSocket.
func (b *bench) dial(told func([]byte, time.Time), url string, options *websocket.DialOptions) (*client, error) {
	conn, res, err := websocket.Dial(b.ctx, url, options)
	if err != nil {
		return nil, err
	}
	if res.Body != nil {
		_ = res.Body.Close() // the socket has taken it over
	}
	conn.SetReadLimit(16 << 20)
	c := &client{told: told, waiting: map[int]chan reply{}, end: conn.CloseNow}
	c.write = func(line []byte) error { return conn.Write(b.ctx, websocket.MessageText, line) }
	go c.read(func() ([]byte, error) { _, text, err := conn.Read(b.ctx); return text, err })
	_, err = c.hello(b.ctx)
	return c, err
}

// read hands every message to who waits for it.
func (c *client) read(next func() ([]byte, error)) {
	for {
		line, err := next()
		at := time.Now()
		if err != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.gone = err; errors.Is(err, io.EOF) {
				c.gone = errors.New("the server has ended")
			}
			for _, to := range c.waiting {
				close(to)
			}
			c.waiting = nil
			return
		}
		// A log is followed faster than its JSON could be read here.
		if bytes.Contains(line[:min(len(line), 64)], []byte(`"method":"notifications/`)) {
			if c.told != nil {
				c.told(line, at)
			}
			continue
		}
		var head struct{ ID int }
		if err := json.Unmarshal(line, &head); err != nil {
			continue // who waits for it gives up when the run is cancelled
		}
		c.mu.Lock()
		to := c.waiting[head.ID]
		delete(c.waiting, head.ID)
		c.mu.Unlock()
		if to != nil {
			to <- reply{line: line, at: at}
		}
	}
}

// ask sends a request and waits for its answer.
func (c *client) ask(ctx context.Context, method string, params any) (reply, error) {
	c.mu.Lock()
	if c.gone != nil {
		defer c.mu.Unlock()
		return reply{}, c.gone
	}
	c.last++
	id, to := c.last, make(chan reply, 1)
	c.waiting[id] = to
	c.mu.Unlock()
	line, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params})
	if err != nil {
		return reply{}, err
	}
	begin := time.Now()
	if err := c.write(line); err != nil {
		return reply{}, err
	}
	select {
	case answer, ok := <-to:
		if !ok {
			return reply{}, c.gone
		}
		if bytes.Contains(answer.line[:min(len(answer.line), 64)], []byte(`"error":`)) {
			return reply{}, fmt.Errorf("%s: %.300s", method, answer.line)
		}
		answer.took = between(begin, answer.at)
		return answer, nil
	case <-ctx.Done():
		return reply{}, context.Cause(ctx)
	}
}

// hello begins the session, and returns when the reply was there.
func (c *client) hello(ctx context.Context) (at time.Time, err error) {
	answer, err := c.ask(ctx, "initialize", map[string]any{"protocolVersion": "2025-06-18", "capabilities": map[string]any{},
		"clientInfo": map[string]any{"name": "measure", "version": "1"}})
	if err != nil {
		return at, err
	}
	return answer.at, c.write([]byte(`{"jsonrpc":"2.0","method":"notifications/initialized"}`))
}

// call calls a tool that must succeed.
func (c *client) call(ctx context.Context, tool string, args map[string]any) (reply, error) {
	if args == nil {
		args = map[string]any{}
	}
	answer, err := c.ask(ctx, "tools/call", map[string]any{"name": tool, "arguments": args})
	if err == nil && bytes.Contains(answer.line, []byte(`"isError":true`)) {
		err = fmt.Errorf("%s: %.300s", tool, answer.line)
	}
	return answer, err
}

// calls is call as a contender.
func (c *client) calls(ctx context.Context, tool string, args map[string]any) contender {
	if c == nil {
		return nil
	}
	return func() (float64, error) {
		answer, err := c.call(ctx, tool, args)
		return answer.took, err
	}
}

// close ends the session, and the server where it is the session's own. A nil
// client has none.
func (c *client) close() error {
	if c == nil {
		return nil
	}
	if err := c.end(); err != nil {
		return fmt.Errorf("the server's end: %w", err)
	}
	return nil
}
