package compose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorded feeds what a real provider printed, standard output and error in
// one, to a trace.
func recorded(t *testing.T, tr *trace, provider, name string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", provider, name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		tr.line(line)
	}
}

func quiet(string) {}

func TestWhy(t *testing.T) {
	const id = "f48dbb6814a05f29eea9df904f9abf050a11d092407f84376835941f9c251a95"
	const command = "1a56ae23d357ce4ede966f98db0de3d5c183dc8ce12e8948ce592df6f1562edc"
	for _, c := range []struct {
		provider, name, container, word, says string
	}{
		{"podman-compose-1.0.3", "pull", "shop_bad_1", "", "pinging container registry"},
		{"podman-compose-1.0.3", "command", "shop_bad_1", "", "/no/such"},
		{"podman-compose-1.0.3", "port", "shop_bad_1", "", "cannot listen on the TCP port"},
		{"podman-compose-1.0.3", "port", "shop_ok_1", "", ""},
		{"podman-compose-1.0.3", "build", "shop_bad_1", "", "pinging container registry"},
		{"podman-compose-1.5.0", "pull", "h2f1_bad_1", "127.0.0.1:1/none", "connection refused"},
		{"podman-compose-1.5.0", "command", "h2f2_bad_1", command, "/no/such/cmd"},
		{"podman-compose-1.5.0", "port", "h2f4_b_1", id, "address already in use"},
		{"podman-compose-1.5.0", "port", "h2f4_a_1", "c48af9e6dc5e", ""},
	} {
		tr := newTrace(quiet, nil, nil)
		recorded(t, tr, c.provider, c.name)
		got := tr.about(c.container, c.word)
		if c.says == "" && got != "" || !strings.Contains(got, c.says) {
			t.Errorf("%s %s, %s: got %q, want %q", c.provider, c.name, c.container, got, c.says)
		}
	}
}

func TestBuilding(t *testing.T) {
	tr := newTrace(quiet, nil, nil)
	recorded(t, tr, "podman-compose-1.0.3", "build")
	if got := tr.building(); !strings.Contains(got, `building at STEP "COPY nothing /"`) {
		t.Errorf("building: %q", got)
	}
	tr = newTrace(quiet, nil, nil)
	recorded(t, tr, "podman-compose-1.0.3", "nodockerfile")
	if got := tr.cause(); got != "OSError: Dockerfile not found in ." {
		t.Errorf("cause: %q", got)
	}
}

// Podman-compose 1.0.3 prints the values of all variables, also of such as
// span lines.
func TestOutputHidesValues(t *testing.T) {
	tr := newTrace(quiet, nil, map[string]int{"shop_web_1": 4})
	recorded(t, tr, "podman-compose-1.0.3", "secret")
	want := `podman run shop_web_1
failed to connect to syslog: Initialization
60a60d8d8440688a7497b27b0f4df0747e24d0a86135c8992de5e4e2cf85f605`
	if got := tr.output(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	tr = newTrace(quiet, []string{"hunter22"}, nil)
	tr.line("Error: cannot log in with hunter22\x1b[0m or API_TOKEN=abc")
	if got := tr.output(); got != "Error: cannot log in with *** or API_TOKEN=***" {
		t.Errorf("got %q", got)
	}
}

func TestOutputIsBounded(t *testing.T) {
	tr := newTrace(quiet, nil, nil)
	for range 1000 {
		tr.line(strings.Repeat("x", 99))
	}
	tr.line(strings.Repeat("y", 1<<20))
	tr.line("last")
	if got := tr.output(); len(got) > maxTrace || !strings.HasSuffix(got, "\nlast") {
		t.Errorf("%d bytes, ending %q", len(got), got[len(got)-10:])
	}
}
