package tools

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"podman-mcp/exec"
)

// oldPodman is a podman that only knows its version.
func oldPodman(t *testing.T, version string) string {
	t.Helper()
	podman := filepath.Join(t.TempDir(), "podman")
	script := "#!/bin/sh\necho '{\"Client\":{\"Version\":\"" + version + "\"}}'\n"
	if err := os.WriteFile(podman, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return podman
}

func TestWarnOfHoles(t *testing.T) {
	for version, warned := range map[string]bool{"4.3.1": true, "5.8.2": false} {
		podman := oldPodman(t, version)
		var log bytes.Buffer
		host := &Host{Runner: &exec.Runner{Podman: podman}, Log: zerolog.New(&log)}
		host.WarnOfHoles(t.Context())
		if got := strings.Contains(log.String(), "CVE-2024-1753"); got != warned {
			t.Errorf("%s: %s", version, log.String())
		}
	}
}
