// Command demo shows podman-mcp's main job: it starts the server, speaks MCP with it over stdio as an agent does,
// and prints every call and answer. scripts/quickstart runs it, and removes the container where it fails midway.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// shown is how many lines of an answer are printed.
const shown = 16

func main() {
	server := flag.String("server", "bin/podman-mcp", "podman-mcp's `path`")
	image := flag.String("image", "localhost/podman-mcp-test:latest", "test `image`")
	name := flag.String("name", "podman-mcp-quickstart", "the container's `name`")
	flag.Parse()
	if err := run(*server, *image, *name); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(server, image, name string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	return show(ctx, server, image, name)
}

func show(ctx context.Context, server, image, name string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	agent, err := connect(ctx, server)
	if err != nil {
		return err
	}
	defer agent.Close()

	published := fmt.Sprintf("127.0.0.1:%d", port)
	mine := map[string]any{"name": name}
	steps := []func() error{
		agent.calls(ctx, "podman_run", map[string]any{
			"image": image, "name": name, "ports": []string{published + ":8080"}, "rm": true,
		}),
		func() error { return ask(ctx, "http://"+published+"/") },
		agent.calls(ctx, "podman_ps", map[string]any{"filters": mine}),
		agent.calls(ctx, "podman_logs", map[string]any{"container": name}),
		agent.calls(ctx, "podman_inspect", map[string]any{"container": name}),
		agent.calls(ctx, "podman_stop", map[string]any{"containers": []string{name}}),
		func() error { return agent.gone(ctx, name) },
		agent.calls(ctx, "podman_ps", map[string]any{"all": true, "filters": mine}),
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// agent is one MCP session with the server.
type agent struct{ *mcp.ClientSession }

func connect(ctx context.Context, server string) (agent, error) {
	start := time.Now()
	command := exec.CommandContext(ctx, server)
	command.Stderr = os.Stderr
	client := mcp.NewClient(&mcp.Implementation{Name: "podman-mcp-demo", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.CommandTransport{Command: command}, nil)
	if err != nil {
		return agent{}, fmt.Errorf("starting %s: %w", server, err)
	}
	about := session.InitializeResult()
	list, err := session.ListTools(ctx, nil)
	if err != nil {
		return agent{}, errors.Join(err, session.Close())
	}
	fmt.Printf("connected to %s %s with %d tools (%s)\n\n",
		about.ServerInfo.Name, about.ServerInfo.Version, len(list.Tools), since(start))
	return agent{session}, nil
}

// calls is a step of the demo: a tool call that is printed with its answer.
func (a agent) calls(ctx context.Context, tool string, arguments map[string]any) func() error {
	return func() error {
		line, err := json.Marshal(arguments)
		if err != nil {
			return err
		}
		fmt.Printf("→ %s %s\n", tool, line)
		start := time.Now()
		answer, failed, err := a.call(ctx, tool, arguments)
		if err != nil {
			return fmt.Errorf("%s: %w", tool, err)
		}
		printAnswer(answer, since(start))
		if failed {
			return fmt.Errorf("%s failed, see its answer above", tool)
		}
		return nil
	}
}

func (a agent) call(ctx context.Context, tool string, arguments map[string]any) (answer string, failed bool, err error) {
	result, err := a.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		return "", false, err
	}
	var text strings.Builder
	for _, content := range result.Content {
		if part, ok := content.(*mcp.TextContent); ok {
			text.WriteString(part.Text)
		}
	}
	return text.String(), result.IsError, nil
}

// gone waits until podman has removed the container: with rm it does so a moment after the container has stopped.
func (a agent) gone(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	arguments := map[string]any{"all": true, "filters": map[string]any{"name": name}}
	for {
		answer, failed, err := a.call(ctx, "podman_ps", arguments)
		if err != nil {
			return fmt.Errorf("waiting for %s to be removed: %w", name, err)
		}
		if !failed && !strings.Contains(answer, name) {
			return nil
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return fmt.Errorf("%s is still there", name)
		}
	}
}

// ask sends one HTTP request to the container, which may need a moment before it listens.
func ask(ctx context.Context, url string) error {
	fmt.Printf("→ GET %s\n", url)
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		body, err := get(ctx, url)
		if err == nil {
			printAnswer(body, since(start))
			return nil
		}
		if pause(ctx, 100*time.Millisecond) != nil {
			return fmt.Errorf("the container does not answer: %w", err)
		}
	}
}

func get(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	return string(body), err
}

// printAnswer prints text, indented where it is JSON, and no more of it than fits a screen.
func printAnswer(text, took string) {
	var pretty bytes.Buffer
	if json.Indent(&pretty, []byte(text), "", "  ") == nil {
		text = pretty.String()
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	rest := ""
	if cut := len(lines) - shown; cut > 1 {
		lines, rest = lines[:shown], fmt.Sprintf("  … %d more lines\n", cut)
	}
	fmt.Printf("  %s\n%s  (%s)\n\n", strings.Join(lines, "\n  "), rest, took)
}

func since(start time.Time) string {
	return fmt.Sprintf("%d ms", time.Since(start).Milliseconds())
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
