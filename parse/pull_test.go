package parse

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPull feeds recorded terminals in pieces of several sizes.
func TestPull(t *testing.T) {
	for file, want := range map[string]struct {
		layers int
		total  int64 // MiB
		phase  string
	}{
		"pull-errpty-4.3.1":        {5, 95, "writing the image"},
		"pull-errpty-5.8.2":        {5, 95, "writing the image"},
		"remote-pull-errpty-5.8.2": {5, 0, "writing the image"},
		"pull-pipe-5.8.2":          {5, 0, "writing the image"},
		"short-prompt-4.3.1":       {0, 0, ""},
	} {
		raw, err := os.ReadFile(filepath.Join("testdata", "pty", file+".raw"))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 7, 100, 1 << 20} {
			var p PullProgress
			seen := make(map[string]bool)
			for chunk := range slices.Chunk(raw, n) {
				before, layers := p.Done(), 0
				if p.Feed(chunk) {
					seen[p.Message()] = true
				}
				if _, layers = p.Layers(); p.Done() < before || p.Done() > p.Total() || layers > want.layers {
					t.Fatalf("%s: %d of %d after %d, %d layers", file, p.Done(), p.Total(), before, layers)
				}
			}
			finished, known := p.Layers()
			if finished != known || known != want.layers || p.Total()>>20 != want.total || p.Done() != p.Total() || p.Message() != want.phase {
				t.Errorf("%s by %d: %d of %d layers, %d of %d, %q", file, n, finished, known, p.Done(), p.Total(), p.Message())
			}
			if n == 100 && want.total > 0 && !strings.Contains(strings.Join(sorted(seen), "\n"), "2 of 5 layers, 24.") {
				t.Errorf("%s: %q", file, sorted(seen))
			}
		}
	}
}

func sorted(set map[string]bool) []string {
	var list []string
	for s := range set {
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}

func TestPullMessages(t *testing.T) {
	var p PullProgress
	for _, c := range []struct{ line, want string }{
		{"", ""},
		{"Trying to pull docker.io/library/x:1...", "trying docker.io/library/x:1"},
		{"Getting image source signatures", "reading the manifest"},
		{"Copying blob sha256:" + strings.Repeat("a", 64), "copying layers, 1 so far"},
		{"Copying blob bbbbbbbbbbbb skipped: already exists  ", "1 of 2 layers"},
		{"Copying blob aaaaaaaaaaaa [==>---] 11.1MiB / 57.2MiB | 3.0 MiB/s", "1 of 2 layers, 11.1 MiB of 57.2 MiB"},
		{"Copying blob aaaaaaaaaaaa [==>---] 2.0MiB / 57.2MiB", "1 of 2 layers, 11.1 MiB of 57.2 MiB"},
		{"\x1b[2A\x1b[JCopying blob aaaaaaaaaaaa done   | ", "2 of 2 layers, 57.2 MiB of 57.2 MiB"},
		{"Copying config 9b87f72257 done", "writing the image"},
	} {
		p.Line(c.line)
		if got := p.Message(); got != c.want {
			t.Errorf("%q: got %q, want %q", c.line, got, c.want)
		}
	}
}
