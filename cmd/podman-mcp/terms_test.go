package main

import (
	"io"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// Doctor tells the whole of what is in force: each flag changes its words.
func TestTerms(t *testing.T) {
	plain := termsOf(t)
	for _, flags := range [][]string{{"--profile=full"}, {"--allow=public-ports"}, {"--allow-root=/srv"}, {"--images=quay.io/**"}, {"--registries=quay.io"},
		{"--scope=own"}, {"--confirm=destructive"}, {"--rate=5"}, {"--audit-log=/var/log/podman-mcp.jsonl"}} {
		if words := termsOf(t, flags...); words == plain {
			t.Errorf("%s is not told: %s", flags, words)
		}
	}
	if words := termsOf(t, "--scope=own", "--owner=ci"); !strings.Contains(words, "owner ci") {
		t.Errorf("the owner is not told: %s", words)
	}
}

func termsOf(t *testing.T, flags ...string) string {
	t.Helper()
	var line struct{ Globals }
	parser, err := kong.New(&line, kong.Vars{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(flags); err != nil {
		t.Fatal(err)
	}
	return line.terms(line.host(&streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard}))
}
