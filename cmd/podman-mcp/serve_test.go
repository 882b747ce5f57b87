package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	osexec "os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

const greeting = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}` + "\n"

// serveAll runs the server over an input and returns its answers by id.
func serveAll(t *testing.T, input string) map[string]json.RawMessage {
	t.Helper()
	var out, log bytes.Buffer
	if code := run(t.Context(), nil, strings.NewReader(input), &out, &log); code != 0 || log.Len() > 0 {
		t.Errorf("status %d: %s", code, log.String())
	}
	answers := map[string]json.RawMessage{}
	for line := range bytes.Lines(out.Bytes()) {
		var m struct {
			ID            json.RawMessage `json:"id"`
			Result, Error json.RawMessage
		}
		if err := json.Unmarshal(line, &m); err != nil {
			t.Errorf("%.100q is no message: %v", line, err)
		}
		answers[string(m.ID)] = append(m.Result, m.Error...)
	}
	return answers
}

// A message may have 4 MiB, and one that is longer is refused alone.
func TestLongMessages(t *testing.T) {
	ping := func(id, size int) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"ping","params":{"_meta":{"x":"%s"}}}`+"\n", id, strings.Repeat("x", size))
	}
	answers := serveAll(t, greeting+ping(2, 4<<20-100)+ping(3, 4<<20)+ping(4, 20<<20)+ping(5, 10))
	for _, id := range []string{"2", "5"} {
		if string(answers[id]) != "{}" {
			t.Errorf("ping %s got %s", id, answers[id])
		}
	}
	for _, id := range []string{"3", "4"} {
		if answers[id] != nil {
			t.Errorf("ping %s got %s", id, answers[id])
		}
	}
	if !strings.Contains(string(answers["null"]), "-32600") {
		t.Errorf("the long messages got %s", answers["null"])
	}
}

// The first answer does not wait for podman, and comes soon: its target is 20 ms
// on a quiet machine, which this only reports.
func TestStart(t *testing.T) {
	var took []time.Duration
	for range 10 {
		cmd := osexec.Command("podman-mcp", "--podman", "no-such-podman")
		cmd.Env = append(os.Environ(), fakeEnv(t.TempDir())...)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Write([]byte(greeting)); err != nil {
			t.Fatal(err)
		}
		if n, err := out.Read(make([]byte, 16)); err != nil || n == 0 {
			t.Fatal(err)
		}
		took = append(took, time.Since(begin))
		_ = in.Close()
		_, _ = out.Read(make([]byte, 64<<10))
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(took)
	t.Logf("start to the reply to initialize: %v median, %v least", took[len(took)/2].Round(100*time.Microsecond), took[0].Round(100*time.Microsecond))
	if took[0] > time.Second {
		t.Errorf("%v is far too long", took[0])
	}
}
