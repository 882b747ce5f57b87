package main

import (
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// bash runs a command in the repository.
func bash(t *testing.T, command string) (string, error) {
	t.Helper()
	path, err := osexec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	cmd := osexec.Command(path, "-c", command)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "CONTAINERS_CONF=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// A script that is asked what it does does nothing else.
func TestScriptsUsage(t *testing.T) {
	for _, script := range []string{"quickstart", "setup"} {
		out, err := bash(t, "scripts/"+script+" --help")
		if err != nil || !strings.HasPrefix(out, "Usage: scripts/"+script+"\n") || strings.Contains(out, "Building") || strings.Contains(out, "#") {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
		out, err = bash(t, "scripts/"+script+" fast")
		if err == nil || !strings.Contains(out, "it takes no arguments, and was given: fast") || strings.Contains(out, "Building") {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
	}
}

func TestScriptsVersion(t *testing.T) {
	for version, want := range map[string]bool{"3.9.1": false, "4.2.9": false, "4.3.0": true, "4.10.0-dev": true, "5.0.0": true} {
		out, err := bash(t, ". scripts/setup; podman() { echo podman version "+version+"; }; check_version")
		if (err == nil) != want || !want && !strings.Contains(out, "needs 4.3 or newer") {
			t.Errorf("%s: %v %s", version, err, out)
		}
	}
}

func TestScriptsByHand(t *testing.T) {
	out, err := bash(t, `. scripts/setup; CONTAINERS_CONF="/a b/c.conf"; by_hand ""; by_hand "/a b/c.conf"`)
	const want = "To use podman-mcp or podman by hand: export CONTAINERS_CONF=/a\\ b/c.conf (while exported, this file stands in for your own containers.conf).\n"
	if err != nil || out != want {
		t.Errorf("%v: %s", err, out)
	}
}
