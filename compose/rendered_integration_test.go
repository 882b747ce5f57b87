//go:build integration

package compose

import (
	"encoding/json"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const rich = `
x-common: &common
  image: IMAGE
  labels: {greeting: "$GREETING costs $$5"}
services:
  web:
    <<: *common
    command: serve
    ports: ["127.0.0.1:18341:8080"]
    environment: {A: "${GREETING:-none}", PRICE: "$$5", "N": 3}
    env_file: web.env
    volumes: ["data:/data", "./here:/here:ro", "./link:/there", {type: bind, source: ./here, target: /long}]
    depends_on: [db]
    restart: on-failure:2
    healthcheck: {test: ["CMD", "/image", "health"], interval: 90s}
    mem_limit: 64m
    hostname: web
    networks: [front, default]
  db:
    extends: {file: sub/base.yaml, service: base}
    image: IMAGE
    command: ["sleep"]
    container_name: pmrich-database
    secrets: [s]
    extra_hosts: ["one:10.0.0.1"]
  two:
    image: IMAGE
    command: [sleep]
    deploy: {replicas: 2}
    working_dir: /
    stop_signal: SIGINT
    tmpfs: /t
networks:
  front: {labels: {of: front}}
  default:
volumes:
  data: {labels: {kind: data}}
secrets:
  s: {file: ./here/secret}
`

// TestRenderedRuns: podman-compose makes the same of what it gets from us and of the user's own file, and each takes down
// what the other brought up.
func TestRenderedRuns(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "pmrich", rich)
	for _, dir := range []string{"here", "sub"} {
		if err := os.Mkdir(filepath.Join(p.dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("here", filepath.Join(p.dir, "link")); err != nil {
		t.Fatal(err)
	}
	p.write(".env", "GREETING=hello\n")
	p.write("web.env", "WORD=\"quoted\"\nOTHER=a b\n")
	p.write("here/secret", "s\n")
	p.write("sub/base.yaml", "services: {base: {environment: {B: base}, labels: {from: base}}}\n")
	own := func(words ...string) {
		t.Helper()
		command := osexec.CommandContext(t.Context(), "podman-compose", append([]string{"--file=compose.yaml", "--project-name=pmrich"}, words...)...)
		command.Dir = p.dir
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	// What the user's own brought up is ours to list, and to take down.
	own("up", "-d")
	want := standing(t)
	if _, err := p.down(DownOptions{Project: "pmrich", Volumes: true}); err != nil {
		t.Fatal(err)
	}
	if out, err := p.up(UpOptions{Detach: true}); err != nil {
		t.Fatalf("%+v, %v", out, err)
	}
	got := standing(t)
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) || want[i] != got[i] {
			t.Errorf("the user's own: %q\nours: %q", want[min(i, len(want)):], got[min(i, len(got)):])
			break
		}
	}
	if left, _ := filepath.Glob(filepath.Join(p.dir, ".podman-mcp*")); len(left) > 0 {
		t.Errorf("left beside the file: %v", left)
	}
	own("down")
	list, err := containers(t.Context(), p.runner, "pmrich")
	if err != nil || len(list) > 0 {
		t.Errorf("the user's own down leaves %+v, %v", list, err)
	}
}

type mounted struct {
	Type, Source, Destination, Name string
	RW                              bool
	Options                         []string
}

// standing is what podman says of the project's containers, networks and volumes,
// without ids, times and our mark, a line for each fact.
func standing(t *testing.T) (lines []string) {
	t.Helper()
	podman := func(words ...string) []byte {
		t.Helper()
		out, err := osexec.CommandContext(t.Context(), "podman", words...).Output()
		if err != nil {
			t.Fatalf("podman %v: %v", words, err)
		}
		return out
	}
	add := func(what string, value any) {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, what+" "+string(text))
	}
	for _, noun := range []string{"container", "network", "volume"} {
		words := []string{noun, "ls", "--filter=label=" + projectLabel + "=pmrich", "--format={{.Name}}"}
		if noun == "container" {
			words[len(words)-1] = "--format={{.Names}}"
			words = slices.Insert(words, 2, "--all")
		}
		for _, name := range strings.Fields(string(podman(words...))) {
			var all []struct {
				Config struct {
					Env, Cmd         []string
					Labels           map[string]string
					WorkingDir, User string
					StopSignal       any
					Entrypoint       any
					Healthcheck      any
				}
				Mounts     []mounted
				HostConfig struct {
					PortBindings, RestartPolicy, ExtraHosts, Memory, Tmpfs, Binds any
				}
				NetworkSettings struct{ Networks map[string]any }
				Labels          map[string]string
				Driver          string
				Options         any
			}
			if err := json.Unmarshal(podman(noun, "inspect", name), &all); err != nil {
				t.Fatal(err)
			}
			one := all[0]
			at := noun + " " + name + " "
			slices.Sort(one.Config.Env)
			add(at+"env", slices.DeleteFunc(one.Config.Env, func(pair string) bool {
				key, _, _ := strings.Cut(strings.ToLower(pair), "=")
				return key == "hostname" || strings.HasSuffix(key, "_proxy")
			}))
			for key := range one.Config.Labels {
				if strings.HasPrefix(key, "io.podman-mcp.") {
					delete(one.Config.Labels, key)
				}
			}
			add(at+"labels", one.Config.Labels)
			add(at+"own labels", one.Labels)
			add(at+"command", []any{one.Config.Cmd, one.Config.Entrypoint, one.Config.WorkingDir, one.Config.User, one.Config.StopSignal, one.Config.Healthcheck})
			for i := range one.Mounts {
				slices.Sort(one.Mounts[i].Options)
			}
			slices.SortFunc(one.Mounts, func(a, b mounted) int { return strings.Compare(a.Destination, b.Destination) })
			add(at+"mounts", one.Mounts)
			add(at+"host", one.HostConfig)
			var networks []string
			for network := range one.NetworkSettings.Networks {
				networks = append(networks, network)
			}
			slices.Sort(networks)
			add(at+"networks", networks)
			add(at+"driver", one.Driver)
		}
	}
	slices.Sort(lines)
	return lines
}
