package tools

import (
	"encoding/json"
	"fmt"
	"testing"

	"podman-mcp/parse"
)

func BenchmarkResult(b *testing.B) {
	out := PsResult{Total: 50, limit: 50}
	for i := range 50 {
		out.Containers = append(out.Containers, parse.Container{
			ID: fmt.Sprintf("%012x", i), Name: fmt.Sprint("web-", i), Image: "docker.io/library/nginx:1.27", Command: "nginx -g daemon off;",
			State: "running", Status: "Up 2 minutes", Health: "healthy", Created: "2026-11-22T13:53:03Z", Ports: []string{"127.0.0.1:8080->80/tcp"},
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		result, err := okResult(out)
		if err != nil {
			b.Fatal(err)
		}
		if text, err := json.Marshal(result); err != nil || len(text) < 10_000 {
			b.Fatal(len(text), err)
		}
	}
}
