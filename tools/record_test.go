//go:build record

package tools

import (
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"

	"podman-mcp/fixtures"
)

// TestRecord makes the recordings of the installed podman's version again, those
// with a section setup. scripts/record calls it, with a store for it alone: it
// removes everything there is between two recordings.
func TestRecord(t *testing.T) {
	root := os.Getenv("PODMAN_MCP_RECORD")
	if store := podman(t, "info", "--format", "{{.Store.GraphRoot}}"); root == "" || !strings.HasPrefix(store, root+"/") {
		t.Fatalf("podman's store is %s and not in a folder that PODMAN_MCP_RECORD names; call scripts/record", store)
	}
	version := podman(t, "version", "--format", "{{.Client.Version}}")
	files, err := filepath.Glob(filepath.Join(recordingsFolder, "podman-"+version, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no recordings of podman %s; scripts/record --new begins them with the calls of another version", version)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			r, err := fixtures.Read(file)
			if err != nil {
				t.Fatal(err)
			}
			if r.Setup == "" {
				t.Skip("made by hand: it has no section setup")
			}
			again := recordAgain(t, r, root)
			if err := os.WriteFile(file, again.Format(), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// recordAgain makes the call with the real podman, and then plays what that did
// to see the result, so that the steady ids are in it too.
func recordAgain(t *testing.T, r *fixtures.Recording, root string) *fixtures.Recording {
	t.Helper()
	defer empty(t)
	done := perform(t, r, fixtures.Record)
	raw := *r
	raw.Processes, raw.Progress = nil, ""
	for _, a := range done.acts {
		raw.Processes = append(raw.Processes, a.Process)
	}
	text := strings.ReplaceAll(string(raw.Format()), root, "/srv/podman")
	again, err := fixtures.Parse([]byte(fixtures.Steady(text)))
	if err != nil {
		t.Fatal(err)
	}
	again.Podman = r.Podman
	played := perform(t, again, fixtures.Update)
	again.Progress = r.Progress
	return played.rewritten(t, again)
}

const testImage = "localhost/podman-mcp-test:latest"

// empty removes what setup and call have made.
func empty(t *testing.T) {
	t.Helper()
	podman(t, "pod", "rm", "--all", "--force", "--time=0")
	for _, id := range strings.Fields(podman(t, "ps", "--all", "--quiet")) {
		podman(t, "rm", "--force", "--depend", "--time=0", id) // of one that is gone with another before it, podman says nothing
	}
	podman(t, "volume", "prune", "--force")
	podman(t, "network", "prune", "--force")
	podman(t, "secret", "rm", "--all")
	podman(t, "image", "prune", "--force") // those without a name
	for _, image := range strings.Fields(podman(t, "images", "--format={{.Repository}}:{{.Tag}}")) {
		switch {
		case image == testImage:
		case osexec.Command("podman", "manifest", "exists", image).Run() == nil:
			podman(t, "manifest", "rm", image) // rmi would remove the image in it
		default:
			podman(t, "rmi", "--force", image) // only this name of it
		}
	}
}

func podman(t *testing.T, words ...string) string {
	t.Helper()
	out, err := osexec.Command("podman", words...).CombinedOutput()
	if err != nil {
		t.Fatalf("podman %s: %v\n%s", strings.Join(words, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}
