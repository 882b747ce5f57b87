package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// asker asks the person at the terminal what a tool wants confirmed. It is nil
// where there is no terminal, and so nobody.
func (s *streams) asker(m *meter) func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
	if !s.terminal(s.in) || !s.terminal(s.err) {
		return nil
	}
	return func(ctx context.Context, req *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
		m.end()
		_, _ = fmt.Fprintf(s.err, "%s [y/N] ", req.Params.Message) // a terminal that is gone gives no answer either
		typed := make(chan string, 1)
		go func() { // which ends with the process: reading a terminal cannot be interrupted
			line, err := bufio.NewReader(s.in).ReadString('\n')
			if err != nil {
				line = ""
			}
			typed <- strings.ToLower(strings.TrimSpace(line))
		}()
		select {
		case word := <-typed:
			if word == "y" || word == "yes" {
				return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"confirm": true}}, nil
			}
			return &mcp.ElicitResult{Action: "decline"}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
