// Package serve connects an MCP server to its clients. [Stdio] speaks on
// standard input and output, one JSON-RPC message a line. [Network] speaks to
// many clients over WebSocket and streamable HTTP.
package serve

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// lastWords is how long answers may take after the input's end.
const lastWords = time.Second

// Stdio is the stdio transport. Unlike the SDK's own it outlives a malformed
// line, which it answers with an error, and answers what was asked before the
// input ended.
type Stdio struct {
	In  io.Reader
	Out io.Writer
}

// Connect begins to read.
func (t *Stdio) Connect(context.Context) (mcp.Connection, error) {
	c := &stdioConn{out: t.Out, open: map[jsonrpc.ID]bool{}, lines: make(chan []byte), closed: make(chan struct{}), quiet: make(chan struct{}, 1)}
	go c.read(bufio.NewReaderSize(t.In, 64<<10))
	return c, nil
}

type stdioConn struct {
	lines  chan []byte   // closed at the input's end
	err    error         // why it ended, set before lines is closed
	closed chan struct{} // by Close
	once   sync.Once

	mu    sync.Mutex // guards what follows, and one write at a time
	out   io.Writer
	open  map[jsonrpc.ID]bool // requests that have no answer yet
	quiet chan struct{}       // told when open becomes empty
}

func (c *stdioConn) SessionID() string { return "" }

// read cuts the input into lines. It ends with the input, or with the process:
// a read of standard input cannot be interrupted.
func (c *stdioConn) read(in *bufio.Reader) {
	defer close(c.lines)
	for {
		line, err := readMessage(in)
		if errors.Is(err, errTooLong) {
			c.refuse(errTooLong)
			continue
		}
		if len(bytes.TrimSpace(line)) > 0 {
			select {
			case c.lines <- line:
			case <-c.closed:
				return
			}
		}
		if err != nil {
			c.err = err
			return
		}
	}
}

// readMessage reads a line; of one that is too long it reads on to its end and
// keeps nothing.
func readMessage(in *bufio.Reader) ([]byte, error) {
	var line []byte
	tooLong := false
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > maxMessage {
			tooLong, line = true, nil
		}
		if !tooLong {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case tooLong && err == nil:
			return nil, errTooLong
		}
		return line, err
	}
}

// Read gives the next message that is one, and io.EOF after the input's end,
// once what was asked is answered or a second is over.
func (c *stdioConn) Read(ctx context.Context) (jsonrpc.Message, error) {
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				c.finish(ctx)
				return nil, c.err
			}
			msg, err := c.decode(line)
			if err != nil {
				continue // answered already
			}
			return msg, nil
		case <-c.closed:
			return nil, io.EOF
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (c *stdioConn) decode(line []byte) (jsonrpc.Message, error) {
	msg, bad := decode(line)
	if bad != nil {
		c.refuse(bad)
		return nil, bad
	}
	// A subscription lasts as long as its client, so no answer to it is owed.
	if req, ok := msg.(*jsonrpc.Request); ok && req.IsCall() && req.Method != listenMethod {
		c.mu.Lock()
		c.open[req.ID] = true
		c.mu.Unlock()
	}
	return msg, nil
}

// finish waits for the answers that are still owed.
func (c *stdioConn) finish(ctx context.Context) {
	over := time.NewTimer(lastWords)
	defer over.Stop()
	for {
		c.mu.Lock()
		owed := len(c.open)
		c.mu.Unlock()
		if owed == 0 {
			return
		}
		select {
		case <-c.quiet:
		case <-over.C:
			return
		case <-c.closed:
			return
		case <-ctx.Done():
			return
		}
	}
}

// Write sends one message.
func (c *stdioConn) Write(_ context.Context, msg jsonrpc.Message) error {
	line, err := jsonrpc.EncodeMessage(msg)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if res, ok := msg.(*jsonrpc.Response); ok {
		delete(c.open, res.ID)
		if len(c.open) == 0 {
			select {
			case c.quiet <- struct{}{}:
			default:
			}
		}
	}
	_, err = c.out.Write(append(line, '\n'))
	return err
}

// refuse answers what is no message.
func (c *stdioConn) refuse(r *refusal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// Standard output that is gone is seen by the next Write, which has somebody to tell.
	_, _ = c.out.Write(append(r.wire(), '\n'))
}

// Close ends Read.
func (c *stdioConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}
