package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"podman-mcp/serve"
	"podman-mcp/tools"
)

type toolsCmd struct {
	Markdown bool `help:"Print the reference of all tools, as in tools/README.md." xor:"as" env:"-"`
	JSON     bool `help:"Print the result of tools/list, as clients get it." xor:"as" env:"-"`
}

// Help is the longer text of tools --help.
func (toolsCmd) Help() string {
	return `Prints each tool that agents are offered, what it may do, and what it is for. --toolsets all shows every tool there is. To see a tool's parameters:

    podman-mcp tools --markdown | less
    podman-mcp tools --json | jq '.tools[] | select(.name == "podman_ps").inputSchema'`
}

// Run prints the table of tools; it never asks podman.
func (c *toolsCmd) Run(ctx context.Context, g *Globals, s *streams) error {
	offered, err := g.Agents.offered("default")
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		list, err := toolsList(ctx, g.host(s), offered)
		if err == nil {
			_, err = fmt.Fprintf(s.out, "%s\n", list)
		}
		return err
	case c.Markdown:
		_, err := io.WriteString(s.out, reference(tools.All()))
		return err
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, t := range offered {
		// tabwriter keeps an error for Flush.
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", t.Name, effect(t), firstSentence(t.About))
	}
	return table.Flush()
}

// effect is what a tool may do, in one word.
func effect(t tools.Tool) string {
	switch t.Effect {
	case tools.Reads:
		return "reads"
	case tools.Changes:
		return "changes"
	case tools.Removes:
		return "removes"
	}
	return "unknown"
}

func firstSentence(s string) string {
	if first, _, ok := strings.Cut(s, ". "); ok {
		return first + "."
	}
	return s
}

// awaited keeps answers, and ends the questions with the last of them: a server
// whose questions have ended answers for a second only.
type awaited struct {
	bytes.Buffer
	last []byte // a part of it
	end  func() error
}

func (a *awaited) Write(answer []byte) (int, error) {
	n, err := a.Buffer.Write(answer)
	if bytes.Contains(answer, a.last) {
		err = errors.Join(err, a.end())
	}
	return n, err
}

// toolsList asks the server itself, over its transport.
func toolsList(ctx context.Context, host *tools.Host, offered []tools.Tool) (json.RawMessage, error) {
	number, _ := thisVersion()
	const questions = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"podman-mcp tools","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
`
	in, ask := io.Pipe()
	go func() { _, _ = io.WriteString(ask, questions) }() // fails where the server has ended, which says why
	defer in.Close()
	answers := awaited{last: []byte(`"id":2,`), end: ask.Close}
	server := tools.Server(ctx, number, host, offered)
	if err := server.Run(ctx, &serve.Stdio{In: in, Out: &answers}); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for line := range bytes.Lines(answers.Bytes()) {
		var answer struct {
			ID     int             `json:"id"`
			Result json.RawMessage `json:"result"`
		}
		if err := json.Unmarshal(line, &answer); err == nil && answer.ID == 2 && answer.Result != nil {
			return answer.Result, nil
		}
	}
	return nil, errors.New("the server did not list its tools")
}
