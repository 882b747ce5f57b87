//go:build integration

package compose

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// testImage is the image of fixtures/image, in a store that is the tests' own.
func testImage(t *testing.T) string {
	t.Helper()
	image := os.Getenv("PODMAN_MCP_TEST_IMAGE")
	if image == "" {
		image = "localhost/podman-mcp-test:latest"
	}
	if os.Getenv("CONTAINERS_STORAGE_CONF") == "" || osexec.Command("podman", "image", "exists", image).Run() != nil {
		t.Fatalf("no image %s in a store for tests; run scripts/test integration", image)
	}
	return image
}

// place is one compose file in a folder of its own, and the project in it.
type place struct {
	t      *testing.T
	dir    string
	name   string
	runner *exec.Runner
}

func newPlace(t *testing.T, name, text string) *place {
	t.Helper()
	image := testImage(t)
	p := &place{t, filepath.Join(t.TempDir(), name), name, &exec.Runner{}}
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	p.write("compose.yaml", strings.ReplaceAll(text, "IMAGE", image))
	t.Cleanup(func() {
		_, _ = Down(context.Background(), p.runner, Auto, DownOptions{Project: p.name, Volumes: true}, func(string) {})
	})
	return p
}

func (p *place) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) up(o UpOptions) (UpResult, error) {
	p.t.Helper()
	if o.File == "" {
		o.File = p.dir
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	out, err := Up(ctx, p.runner, Auto, o, func(line string) { p.t.Log("  " + line) })
	p.t.Logf("up: %+v\nerror: %v", out, err)
	return out, err
}

func (p *place) down(o DownOptions) (DownResult, error) {
	p.t.Helper()
	out, err := Down(p.t.Context(), p.runner, Auto, o, func(line string) { p.t.Log("  " + line) })
	p.t.Logf("down: %+v\nerror: %v", out, err)
	return out, err
}

// services are "service state" of each row.
func services(out UpResult) []string {
	var list []string
	for _, s := range out.Services {
		list = append(list, s.Service+" "+s.State)
	}
	return list
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func failure(t *testing.T, err error, code parse.Code, words ...string) {
	t.Helper()
	var f *parse.Failure
	if !errors.As(err, &f) || f.Code != code {
		t.Fatalf("got error %v, want the code %s", err, code)
	}
	for _, word := range words {
		if !strings.Contains(f.Error(), word) {
			t.Errorf("%q does not say %q", f.Error(), word)
		}
	}
}

const shop = `
services:
  web:
    image: IMAGE
    command: ["serve"]
    ports: ["127.0.0.1:PORT:8080"]
    environment:
      DB_PASSWORD: "hunter22 and more"
      CERTIFICATE: |
        first line
        second line
      PLAIN: ${GREETING:-none}
    volumes: ["data:/data"]
  job:
    image: IMAGE
    command: ["echo", "hi"]
  extra:
    image: IMAGE
    command: ["sleep"]
    profiles: [more]
volumes:
  data: {}
`

func TestUpAndDown(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "pmshop", strings.ReplaceAll(shop, "PORT", "18311"))
	out, err := p.up(UpOptions{Detach: true})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "services", services(out), []string{"job exited", "web running"}) // no extra: its profile is off
	equal(t, "ports", out.Services[1].Ports, []string{"127.0.0.1:18311->8080/tcp"})
	if out.Project != "pmshop" || out.File != filepath.Join(p.dir, "compose.yaml") {
		t.Errorf("project %q, file %q", out.Project, out.File)
	}
	for _, secret := range []string{"hunter22", "and more", "first line", "second line"} {
		if strings.Contains(out.Output, secret) {
			t.Errorf("the output shows %q:\n%s", secret, out.Output)
		}
	}
	if response, err := http.Get("http://127.0.0.1:18311/"); err != nil {
		t.Error(err)
	} else {
		_ = response.Body.Close()
	}

	again, err := p.up(UpOptions{Detach: true})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(again.Note, "pmshop_web_1") {
		t.Errorf("note %q does not say what was kept", again.Note)
	}

	gone, err := p.down(DownOptions{Project: "pmshop"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "containers", gone.Removed.Containers, []string{"pmshop_job_1", "pmshop_web_1"})
	equal(t, "networks", gone.Removed.Networks, []string{"pmshop_default"})
	equal(t, "volumes", gone.Removed.Volumes, []string{})
	gone, err = p.down(DownOptions{File: p.dir, Volumes: true})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "volumes", gone.Removed.Volumes, []string{"pmshop_data"})
	if gone, err = p.down(DownOptions{File: p.dir}); err != nil || len(gone.Removed.Containers) > 0 {
		t.Errorf("a third time: %+v, %v", gone, err)
	}
	_, err = p.down(DownOptions{Project: "pmshop"})
	failure(t, err, parse.InvalidParams, "pmshop")
}

func TestProfilesAndServices(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "pmprofiles", strings.ReplaceAll(shop, "PORT", "18313"))
	out, err := p.up(UpOptions{Detach: true, Profiles: []string{"more"}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "with the profile", services(out), []string{"extra running", "job exited", "web running"})
	if _, err := p.down(DownOptions{File: p.dir, Volumes: true}); err != nil {
		t.Fatal(err)
	}
	out, err = p.up(UpOptions{Detach: true, Services: []string{"extra"}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "one service", services(out), []string{"extra running"})
	gone, err := p.down(DownOptions{Project: "pmprofiles"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "containers", gone.Removed.Containers, []string{"pmprofiles_extra_1"})
}

func TestPartlyUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bad   string
		words []string
	}{
		"pull":    {"image: 127.0.0.1:1/none", []string{"bad:", "REGISTRY_UNREACHABLE"}},
		"command": {"image: IMAGE\n    entrypoint: [/no/such]", []string{"bad:", "/no/such"}},
		"exit":    {"image: IMAGE\n    command: [fail, -code, '3']", []string{"bad:", "status 3", "podman_logs"}},
		"port":    {"image: IMAGE\n    command: [sleep]\n    ports: ['127.0.0.1:18312:80']", []string{"bad:", "PORT_IN_USE", "18312"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, "pmbad"+name, "services:\n  ok:\n    image: IMAGE\n    command: [sleep]\n    ports: ['127.0.0.1:18312:80']\n  bad:\n    depends_on: [ok]\n    "+c.bad+"\n")
			out, err := p.up(UpOptions{Detach: true})
			failure(t, err, parse.ComposeFailed, c.words...)
			if !slices.Contains(services(out), "ok running") {
				t.Errorf("what works is not listed: %+v", out.Services)
			}
		})
	}
}

func TestMistakeStartsNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "pmmistake", "services:\n  web:\n    image: IMAGE\n    depends_on: [nowhere]\n")
	_, err := p.up(UpOptions{Detach: true})
	failure(t, err, parse.InvalidParams, "compose.yaml:4", "nowhere")
	_, err = p.up(UpOptions{Detach: true, Services: []string{"wbe"}})
	failure(t, err, parse.InvalidParams)
}

func TestEnvFile(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "pmenv", "services:\n  web:\n    image: IMAGE\n    command: [sleep]\n    labels: {greeting: '$GREETING costs $$5'}\n    volumes: ['./here:/here']\n")
	p.write(".env", "GREETING=wrong\n")
	p.write("other.env", "GREETING=hello $$ world\n")
	if err := os.Mkdir(filepath.Join(p.dir, "here"), 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := p.up(UpOptions{Detach: true, EnvFile: filepath.Join(p.dir, "other.env")})
	if err != nil {
		t.Fatal(err)
	}
	list, err := containers(t.Context(), p.runner, "pmenv")
	if err != nil || len(list) != 1 || !strings.HasPrefix(list[0].Labels["greeting"], "hello ") || !strings.HasSuffix(list[0].Labels["greeting"], " costs $5") {
		t.Errorf("labels %v of %+v, %v", list, out, err)
	}
	if left, _ := filepath.Glob(filepath.Join(p.dir, ".podman-mcp-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	gone, err := p.down(DownOptions{Project: "pmenv"})
	if err != nil || len(gone.Removed.Containers) != 1 {
		t.Errorf("down: %+v, %v", gone, err)
	}
}

func TestWaitForHealth(t *testing.T) {
	t.Parallel()
	image := testImage(t)
	dir := t.TempDir()
	containerfile := "FROM " + image + "\nHEALTHCHECK --interval=1s --retries=2 CMD [\"/image\", \"health\"]\n"
	if err := os.WriteFile(filepath.Join(dir, "Containerfile"), []byte(containerfile), 0o600); err != nil {
		t.Fatal(err)
	}
	const healthy = "localhost/podman-mcp-health:latest"
	if out, err := osexec.Command("podman", "build", "--format=docker", "--tag="+healthy, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p := newPlace(t, "pmwait", "services:\n  web:\n    image: "+healthy+"\n    healthcheck: {interval: 1s}\n  job:\n    image: IMAGE\n    command: [echo, hi]\n")
	out, err := p.up(UpOptions{Detach: true, Wait: true})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "services", services(out), []string{"job exited", "web running"})
	if out.Services[1].Health != "healthy" {
		t.Errorf("health %q", out.Services[1].Health)
	}
	sick := newPlace(t, "pmsick", "services:\n  web:\n    image: "+healthy+"\n    command: [sleep]\n    healthcheck: {interval: 1s}\n")
	_, err = sick.up(UpOptions{Detach: true, Wait: true})
	failure(t, err, parse.ComposeFailed, "unhealthy")
}

func TestForeground(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "pmjobs", "services:\n  one:\n    image: IMAGE\n    command: [echo, first]\n  two:\n    image: IMAGE\n    command: [echo, second]\n")
	out, err := p.up(UpOptions{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "services", services(out), []string{"one exited", "two exited"})
	if !strings.Contains(out.Output, "first") || !strings.Contains(out.Output, "second") {
		t.Errorf("output %q", out.Output)
	}
}

func TestForegroundCancelled(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "pmfore", "services:\n  web:\n    image: IMAGE\n    command: [sleep]\n")
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	out, err := Up(ctx, p.runner, Auto, UpOptions{File: p.dir}, func(string) {})
	t.Logf("%+v", out)
	failure(t, err, parse.Timeout)
	list, err := containers(t.Context(), p.runner, "pmfore")
	if err != nil || len(list) != 1 || list[0].State == "running" {
		t.Errorf("after the call: %+v, %v", list, err)
	}
}

func TestDetachedCancelled(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "pmcancel", "services:\n  a:\n    image: IMAGE\n    command: [sleep]\n  b:\n    image: IMAGE\n    command: [sleep]\n  c:\n    image: IMAGE\n    command: [sleep]\n")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, err := Up(ctx, p.runner, Auto, UpOptions{File: p.dir, Detach: true}, func(line string) {
		if strings.Contains(line, "pmcancel_b_1") {
			cancel()
		}
	})
	t.Logf("%+v", out)
	failure(t, err, parse.Cancelled, "podman_compose_down")
	if !slices.Contains(services(out), "a running") {
		t.Errorf("services %v", services(out))
	}
}

func TestTwoProjects(t *testing.T) {
	t.Parallel()
	text := "services:\n  web:\n    image: IMAGE\n    command: [sleep]\n    volumes: ['data:/data']\nvolumes:\n  data: {}\n"
	a, b := newPlace(t, "pmtwo", text), newPlace(t, "pmtwo-b", text)
	for _, p := range []*place{a, b} {
		if _, err := p.up(UpOptions{Detach: true}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.down(DownOptions{Project: "pmtwo", Volumes: true}); err != nil {
		t.Fatal(err)
	}
	list, err := containers(t.Context(), b.runner, "pmtwo-b")
	if err != nil || len(list) != 1 || list[0].State != "running" {
		t.Errorf("the other project: %+v, %v", list, err)
	}
	if volumes, err := names(t.Context(), b.runner, "volume", "pmtwo-b"); err != nil || len(volumes) != 1 {
		t.Errorf("its volumes: %v, %v", volumes, err)
	}
}

func TestSomeoneElsesContainer(t *testing.T) {
	t.Parallel()
	text := "services:\n  web:\n    image: IMAGE\n    command: [sleep]\n    container_name: pm-shared\n"
	a, b := newPlace(t, "pmowner", text), newPlace(t, "pmthief", text)
	if _, err := a.up(UpOptions{Detach: true}); err != nil {
		t.Fatal(err)
	}
	_, err := b.up(UpOptions{Detach: true})
	failure(t, err, parse.NameInUse, "pm-shared", "pmowner")
	if _, err := b.down(DownOptions{File: b.dir}); err != nil {
		t.Fatal(err)
	}
	list, err := containers(t.Context(), a.runner, "pmowner")
	if err != nil || len(list) != 1 || list[0].State != "running" {
		t.Errorf("the owner's: %+v, %v", list, err)
	}
}

func TestFileGone(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "pmgone", "services:\n  web:\n    image: IMAGE\n    command: [sleep]\n")
	if _, err := p.up(UpOptions{Detach: true}); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(p.dir, "compose.yaml")); err != nil {
		t.Fatal(err)
	}
	gone, err := p.down(DownOptions{Project: "pmgone"})
	if err != nil || !strings.Contains(gone.Note, "gone") {
		t.Errorf("%+v, %v", gone, err)
	}
	equal(t, "containers", gone.Removed.Containers, []string{"pmgone_web_1"})
	equal(t, "networks", gone.Removed.Networks, []string{"pmgone_default"})
}

func TestLeftBehind(t *testing.T) {
	t.Parallel()
	image := testImage(t)
	p := newPlace(t, "pmleft", "services:\n  web:\n    image: IMAGE\n    command: [sleep]\n")
	if _, err := p.up(UpOptions{Detach: true}); err != nil {
		t.Fatal(err)
	}
	guest := fmt.Sprintf("pm-guest-%d", os.Getpid())
	if out, err := osexec.Command("podman", "run", "-d", "--name="+guest, "--network=pmleft_default", image, "sleep").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	defer func() { _ = osexec.Command("podman", "rm", "--force", "--time=0", guest).Run() }()
	gone, err := p.down(DownOptions{Project: "pmleft"})
	failure(t, err, parse.ComposeFailed, "network pmleft_default")
	equal(t, "containers", gone.Removed.Containers, []string{"pmleft_web_1"})
	if err := osexec.Command("podman", "rm", "--force", "--time=0", guest).Run(); err != nil {
		t.Fatal(err)
	}
	if gone, err = p.down(DownOptions{Project: "pmleft"}); err != nil || len(gone.Removed.Networks) != 1 {
		t.Errorf("%+v, %v", gone, err)
	}
}
