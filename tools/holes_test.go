package tools

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// oldPodman is a podman that only knows its version, and writes down that it was asked.
func oldPodman(t *testing.T, version string) (podman, asked string) {
	t.Helper()
	dir := t.TempDir()
	podman, asked = filepath.Join(dir, "podman"), filepath.Join(dir, "asked")
	script := "#!/bin/sh\necho x >>" + asked + "\necho '{\"Client\":{\"Version\":\"" + version + "\"}}'\n"
	if err := os.WriteFile(podman, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return podman, asked
}

func TestBuildsOutside(t *testing.T) {
	outside, home := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	for _, dir := range []string{outside, home} {
		if err := os.WriteFile(filepath.Join(dir, "Containerfile"), []byte("FROM scratch\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inside := t.TempDir()
	t.Chdir(inside)
	for _, of := range []struct {
		version, folder string
		roots           Roots
		mind, denied    bool
	}{
		{"4.3.1", outside, nil, true, true},
		{"4.3.1", outside, nil, false, false},
		{"4.3.1", outside, Roots{outside}, true, false},
		{"4.3.1", home, nil, true, false},
		{"4.3.1", inside, nil, true, false},
		{"5.8.2", outside, nil, true, false},
	} {
		podman, asked := oldPodman(t, of.version)
		c := &Call{Host: &Host{Runner: &exec.Runner{Podman: podman}, Roots: of.roots, MindHoles: of.mind}}
		for range 2 {
			err := c.builds(t.Context(), "context", of.folder)
			var f *parse.Failure
			if denied := errors.As(err, &f) && f.Code == parse.PolicyDenied && strings.Contains(f.Error(), "CVE-2024-1753"); denied != of.denied || err != nil && !denied {
				t.Errorf("%+v: %v", of, err)
			}
		}
		if text, _ := os.ReadFile(asked); len(text) > 2 {
			t.Errorf("%+v: its version was asked %d times", of, len(text)/2)
		}
	}
	podman, asked := oldPodman(t, "4.3.1")
	host := &Host{Runner: &exec.Runner{Podman: podman}, MindHoles: true}
	for tool, parameters := range map[string]map[string]any{
		"podman_build": {"context": outside}, "podman_compose_build": {"file": filepath.Join(outside, "compose.yaml")},
	} {
		if err := os.WriteFile(filepath.Join(outside, "compose.yaml"), []byte("services: {web: {build: .}}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := host.Do(t.Context(), tool, parameters)
		if err == nil || !strings.Contains(err.Error(), "CVE-2024-1753") {
			t.Errorf("%s: %v", tool, err)
		}
	}
	if text, _ := os.ReadFile(asked); len(text) != 2 {
		t.Errorf("podman ran %d times", len(text)/2)
	}
}

func TestWarnOfHoles(t *testing.T) {
	for version, warned := range map[string]bool{"4.3.1": true, "5.8.2": false} {
		podman, _ := oldPodman(t, version)
		var log bytes.Buffer
		host := &Host{Runner: &exec.Runner{Podman: podman}, Log: zerolog.New(&log)}
		host.WarnOfHoles(t.Context())
		if got := strings.Contains(log.String(), "CVE-2024-1753"); got != warned {
			t.Errorf("%s: %s", version, log.String())
		}
	}
}
