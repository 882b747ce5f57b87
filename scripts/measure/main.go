// Command measure times the tools against the raw podman commands that they
// stand for, in turn, and prints a table of medians and paired ratios.
// scripts/bench builds what it needs and runs it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	osexec "os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	image = "localhost/podman-mcp-test:latest"
	label = "podman-mcp.bench"
)

// reader is a tool beside the raw command that answers the same question.
type reader struct {
	tool string
	args map[string]any
	raw  []string
}

func main() {
	server := flag.String("server", "bin/podman-mcp", "the server's executable")
	pairs := flag.Int("pairs", 31, "pairs of runs of each figure")
	counts := flag.String("containers", "1,50", "numbers of containers")
	flag.Parse()
	if err := measure(context.Background(), *server, *pairs, *counts); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, server string, pairs int, counts string) (err error) {
	defer func() {
		if removed := remove(); err == nil {
			err = removed
		}
	}()
	version, err := podman("version", "--format", "{{.Client.Version}}")
	if err != nil {
		return err
	}
	fmt.Printf("podman %s, %s, medians of %d pairs\n\n", strings.TrimSpace(version), time.Now().Format(time.DateOnly), pairs)
	if err := start(ctx, server); err != nil {
		return err
	}
	fmt.Printf("\n%-34s %10s %10s %10s %10s\n", "", "tool ms", "raw ms", "more ms", "ratio")
	have := 0
	for _, word := range strings.Split(counts, ",") {
		want, err := strconv.Atoi(word)
		if err != nil {
			return err
		}
		for ; have < want; have++ {
			if _, err := podman("create", "--name", fmt.Sprint("bench-", have), "--label", label, image, "sleep"); err != nil {
				return err
			}
		}
		if err := compare(ctx, server, pairs, have); err != nil {
			return err
		}
	}
	return crowd(ctx, server)
}

// start times the server from its start to its first answer.
func start(ctx context.Context, server string) error {
	var times []float64
	for range 11 {
		begin := time.Now()
		session, command, err := connect(ctx, server)
		if err != nil {
			return err
		}
		times = append(times, since(begin))
		if len(times) == 11 {
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", command.Process.Pid))
			if err == nil { // Linux only
				_, rest, _ := strings.Cut(string(status), "VmRSS:")
				line, _, _ := strings.Cut(rest, "\n")
				fmt.Printf("resident after initialize: %s\n", strings.TrimSpace(line))
			}
		}
		if err := session.Close(); err != nil {
			return err
		}
	}
	fmt.Printf("start to initialize reply: %.1f ms\n", median(times))
	return nil
}

func compare(ctx context.Context, server string, pairs, have int) error {
	session, _, err := connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = session.Close() }()
	for _, r := range []reader{
		{"podman_ps", map[string]any{"all": true}, []string{"ps", "--all", "--pod", "--format=json"}},
		{"podman_images", nil, []string{"images", "--format=json"}},
		{"podman_inspect", map[string]any{"container": "bench-0"}, []string{"container", "inspect", "--", "bench-0"}},
		{"podman_logs", map[string]any{"container": "bench-0"}, []string{"logs", "--", "bench-0"}},
	} {
		var tool, raw, more, ratio []float64
		for i := range pairs + 3 {
			begin := time.Now()
			if err := call(ctx, session, r.tool, r.args); err != nil {
				return err
			}
			a := since(begin)
			begin = time.Now()
			if _, err := podman(r.raw...); err != nil {
				return err
			}
			b := since(begin)
			if i >= 3 { // the first ones warm the caches
				tool, raw, more, ratio = append(tool, a), append(raw, b), append(more, a-b), append(ratio, a/b)
			}
		}
		fmt.Printf("%-34s %10.1f %10.1f %10.2f %10.3f\n", fmt.Sprintf("%s, %d containers", r.tool, have),
			median(tool), median(raw), median(more), median(ratio))
	}
	return nil
}

// crowd asks twenty times at once.
func crowd(ctx context.Context, server string) error {
	session, _, err := connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = session.Close() }()
	at := func(once func() error) (float64, error) {
		failed := make(chan error, 20)
		var wait sync.WaitGroup
		begin := time.Now()
		for range 20 {
			wait.Go(func() {
				if err := once(); err != nil {
					failed <- err
				}
			})
		}
		wait.Wait()
		close(failed)
		return since(begin), <-failed
	}
	var tool, raw, ratio []float64
	for range 5 {
		a, err := at(func() error { return call(ctx, session, "podman_ps", map[string]any{"all": true}) })
		if err != nil {
			return err
		}
		b, err := at(func() error { _, err := podman("ps", "--all", "--pod", "--format=json"); return err })
		if err != nil {
			return err
		}
		tool, raw, ratio = append(tool, a), append(raw, b), append(ratio, a/b)
	}
	fmt.Printf("%-34s %10.1f %10.1f %10s %10.3f\n", "podman_ps, 20 at once", median(tool), median(raw), "", median(ratio))
	return nil
}

func connect(ctx context.Context, server string) (*mcp.ClientSession, *osexec.Cmd, error) {
	command := osexec.Command(server)
	command.Stderr = os.Stderr
	client := mcp.NewClient(&mcp.Implementation{Name: "measure", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.CommandTransport{Command: command}, nil)
	return session, command, err
}

func call(ctx context.Context, session *mcp.ClientSession, tool string, args map[string]any) error {
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: args})
	if err == nil && result.IsError {
		err = fmt.Errorf("%s: %s", tool, result.Content[0].(*mcp.TextContent).Text)
	}
	return err
}

func podman(args ...string) (string, error) {
	out, err := osexec.Command("podman", args...).Output()
	if err != nil {
		return "", fmt.Errorf("podman %s: %w", strings.Join(args, " "), err)
	}
	return string(out), nil
}

// remove takes away the containers of this and of an interrupted run.
func remove() error {
	ids, err := podman("ps", "--all", "--quiet", "--filter=label="+label)
	if err != nil || strings.TrimSpace(ids) == "" {
		return err
	}
	_, err = podman(append([]string{"rm", "--force", "--"}, strings.Fields(ids)...)...)
	return err
}

func since(begin time.Time) float64 { return float64(time.Since(begin).Microseconds()) / 1000 }

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
