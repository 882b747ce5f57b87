//go:build unix

package exec_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"podman-mcp/exec"
)

// environOf is what podman would see.
func environOf(t *testing.T, r *exec.Runner, argv exec.Argv) []string {
	t.Helper()
	result, err := r.Run(t.Context(), argv)
	if err != nil {
		t.Fatal(err)
	}
	return readTold(t, result.Stdout).Environ
}

func TestNoSecretOfTheServerReachesPodman(t *testing.T) {
	for i := range 50 {
		name := []string{"AWS_SECRET_%d", "GITHUB_TOKEN_%d", "PODMAN_MCP_TOKEN_%d", "path%d", "LC%d", "_CONTAINER_%d", "XDG%d"}[i%7]
		t.Setenv(fmt.Sprintf(name, i), "canary")
	}
	t.Setenv("https_proxy", "http://user:canary@proxy")
	t.Setenv("NO_PROXY", "canary")
	for _, pair := range environOf(t, standInRunner(), steps("tell")) {
		if strings.Contains(pair, "canary") {
			t.Errorf("podman sees %s", pair)
		}
	}
}

func TestPodmanSeesWhatItNeeds(t *testing.T) {
	names := []string{"HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
		"SSH_AUTH_SOCK", "CONTAINER_HOST", "CONTAINERS_CONF", "REGISTRY_AUTH_FILE", "EXTRA"}
	for _, name := range names {
		t.Setenv(name, "/of/the/server")
	}
	r := standInRunner()
	r.Pass = append(r.Pass, "EXTRA")
	env := environOf(t, r, steps("tell").Environ("LANG=C", "OWN=1"))
	for _, name := range names {
		want := name + "=/of/the/server"
		if name == "LANG" {
			want = "LANG=C"
		}
		if !slices.Contains(env, want) {
			t.Errorf("no %s in %q", want, env)
		}
	}
	if !slices.Contains(env, "OWN=1") {
		t.Errorf("no OWN in %q", env)
	}
}

func TestOnlyPullsSeeTheProxy(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "p")
	t.Setenv("no_proxy", "q")
	env := environOf(t, standInRunner(), steps("tell").Pulls())
	if !slices.Contains(env, "HTTPS_PROXY=p") || !slices.Contains(env, "no_proxy=q") {
		t.Errorf("a pull has no proxy: %q", env)
	}
}

// A server started with nothing that podman needs: an empty list must not
// become the whole environment.
func TestNothingToPassPassesNothing(t *testing.T) {
	for _, pair := range environOf(t, standInRunner(), steps("tell")) {
		if key, _, _ := strings.Cut(pair, "="); key != standIn && key != "GORACE" {
			t.Setenv(key, "") // remembered, to be put back
			_ = os.Unsetenv(key)
		}
	}
	t.Setenv("SECRET", "canary")
	result, err := new(exec.Runner).Run(t.Context(), exec.Program("/usr/bin/env"))
	if own := "PODMAN_IGNORE_CGROUPSV1_WARNING=1\nSUPPRESS_BOLTDB_WARNING=1\n"; err != nil || string(result.Stdout) != own {
		t.Errorf("%q, %v", result.Stdout, err)
	}
}
