//go:build unix

package tools

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// slowPodman notes what it is asked, and does nothing before the file go is
// there. It has a container, an image, a pod and a secret.
const slowPodman = `#!/bin/sh
cd "${0%/*}"
echo "$*" >>asked
case $1 in
ps) echo '[{"Id":"0123456789abcdef","Names":["web"],"State":"running"}]'; exit ;;
images) echo '[{"Id":"aaaaaaaaaaaaaaaa","Names":["localhost/web:1"]}]'; exit ;;
image) case $* in *web:1*) echo '[{"Id":"aaaaaaaaaaaaaaaa","RepoTags":["localhost/web:1"]}]'; exit ;; esac
	echo "Error: $4: image not known" >&2; exit 125 ;;
esac
case "$1 $2" in "pod ps") echo '[{"Id":"bbbbbbbbbbbbbbbb","Name":"shop","Status":"Exited"}]'; exit ;; esac
if [ ! -e began ]; then touch began; until [ -e go ]; do sleep 0.01; done; fi
case $1 in commit | secret) echo 5ec2e75ec2e7 ;; esac
`

// slow calls a tool that is cancelled while its podman is at work, and gives
// also all that podman was asked.
func slow(t *testing.T, tool Tool, arguments string) (out any, asked []string, err error) {
	t.Helper()
	dir := t.TempDir()
	podman := filepath.Join(dir, "podman")
	if err := os.WriteFile(podman, []byte(slowPodman), 0o700); err != nil {
		t.Fatal(err)
	}
	there := func() bool { _, err := os.Stat(filepath.Join(dir, "began")); return err == nil }
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		eventually(there)
		cancel()
		_ = os.WriteFile(filepath.Join(dir, "go"), nil, 0o600) // without it the test waits for its end
	}()
	c := &Call{Host: &Host{Runner: &exec.Runner{Podman: podman}}}
	out, err = tool.run(ctx, c, json.RawMessage(arguments))
	text, readErr := os.ReadFile(filepath.Join(dir, "asked"))
	if readErr != nil {
		t.Fatal(readErr)
	}
	return out, strings.Split(strings.TrimSpace(string(text)), "\n"), err
}

// TestUnmade: a call that is cancelled while podman makes something takes that
// away again, and nothing else.
func TestUnmade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "value")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		tool      Tool
		arguments string
		undo      []string
	}{
		"volume":  {podmanVolumeCreate, `{"name":"data"}`, []string{"volume rm -- data"}},
		"network": {podmanNetworkCreate, `{"name":"back"}`, []string{"network rm -- back"}},
		"secret":  {podmanSecretCreate, `{"name":"key","file":"` + file + `"}`, []string{"secret rm -- 5ec2e75ec2e7"}},
		"image":   {podmanCommit, `{"container":"web","image":"web:2","pause":true}`, []string{"rmi -- 5ec2e75ec2e7"}},
		"image that took another's name": {podmanCommit, `{"container":"web","image":"web:1"}`,
			[]string{"tag -- aaaaaaaaaaaaaaaa localhost/web:1", "rmi -- 5ec2e75ec2e7"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, asked, err := slow(t, test.tool, test.arguments)
			var f *parse.Failure
			if !errors.As(err, &f) || f.Code != parse.Cancelled {
				t.Errorf("got %v, want %s", err, parse.Cancelled)
			}
			if from := len(asked) - len(test.undo); from < 1 || !slices.Equal(asked[from:], test.undo) || strings.Contains(asked[from-1], " rm ") {
				t.Errorf("podman was asked %q, want %q at the end", asked, test.undo)
			}
		})
	}
}

// TestToldAllTheSame: what podman did to its end although the call was
// cancelled is told as done.
func TestToldAllTheSame(t *testing.T) {
	for name, test := range map[string]struct {
		tool      Tool
		arguments string
		says      string // in the result
	}{
		"kill":   {podmanKill, `{"containers":["web"]}`, `"state":"running"`},
		"rename": {podmanRename, `{"container":"web","name":"web2"}`, `"old_name":"web"`},
		"tag":    {podmanTag, `{"image":"web:1","tags":["web:1"]}`, `"names":["localhost/web:1"]`},
		"pod":    {podmanPodStop, `{"pods":["shop"]}`, `"ok":true,"state":"exited"`},
		"untag":  {podmanUntag, `{"image":"web:1","tags":["web:1"]}`, `"untagged":["localhost/web:1"]`},
	} {
		t.Run(name, func(t *testing.T) {
			out, asked, err := slow(t, test.tool, test.arguments)
			text, _ := json.Marshal(out)
			var f *parse.Failure
			if errors.As(err, &f) && f.Code == parse.Cancelled || !strings.Contains(string(text), test.says) {
				t.Errorf("got %s, %v, want %s; podman was asked %q", text, err, test.says, asked)
			}
		})
	}
	out, asked, err := slow(t, podmanSecretRm, `{"secrets":["first","second"]}`)
	var f *parse.Failure
	if !errors.As(err, &f) || f.Code != parse.Cancelled || !strings.Contains(f.Message, "after 1 of 2") || len(asked) != 1 {
		t.Errorf("got %v, podman was asked %q", err, asked)
	}
	if done, ok := out.(OutcomesResult); !ok || len(done.Results) != 1 || !done.Results[0].OK {
		t.Errorf("got %+v, want the first as done", out)
	}
}
