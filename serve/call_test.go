//go:build unix

package serve

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/tools"
)

// BenchmarkCall is one podman_ps from line to line, with a podman that takes no time of its own to speak of.
func BenchmarkCall(b *testing.B) {
	podman := filepath.Join(b.TempDir(), "podman")
	if err := os.WriteFile(podman, []byte("#!/bin/sh\necho '[]'\n"), 0o700); err != nil {
		b.Fatal(err)
	}
	in, say := io.Pipe()
	hear, out := io.Pipe()
	server := tools.Server(b.Context(), "test", &tools.Host{Runner: &exec.Runner{Podman: podman}}, tools.All())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(b.Context(), &Stdio{In: in, Out: out}) }()
	answers := bufio.NewReader(hear)
	ask := func(line string) {
		if _, err := io.WriteString(say, line+"\n"); err != nil {
			b.Fatal(err)
		}
		answer, err := answers.ReadString('\n')
		if err != nil || strings.Contains(answer, "rror") {
			b.Fatal(answer, err)
		}
	}
	ask(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`)
	call := `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"podman_ps"}}`
	ask(call)
	b.ReportAllocs()
	for b.Loop() {
		ask(call)
	}
	_ = say.Close()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}
