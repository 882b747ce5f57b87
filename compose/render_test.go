package compose

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"podman-mcp/parse"
)

var (
	oldCompose    = Provider{Name: "podman-compose", Version: parse.Semver{Major: 1}}
	dockerCompose = Provider{Name: "docker-compose", Version: parse.Semver{Major: 2}}
)

// rendered is what a provider gets for a file.
func rendered(t *testing.T, q request, p Provider) string {
	t.Helper()
	kept := 0
	text, err := loaded(t, q).render(p, func([]byte) (string, error) {
		kept++
		return fmt.Sprintf("/private/%d.env", kept), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRendered: each key in the form that podman-compose 1.0.3 reads as it reads the user's own.
func TestRendered(t *testing.T) {
	for service, want := range map[string]string{
		`ports: ["127.0.0.1:90:90/udp", "[::1]:91:91", {target: 92, host_ip: 127.0.0.1}]`: `"ports": ["127.0.0.1:90:90/udp", "[::1]:91:91", "127.0.0.1::92"]`,
		`ports: ["7000-7001:70-71"]`:                                    `"ports": ["7000:70", "7001:71"]`,
		`volumes: ["data:/data:z"]`:                                     `"volumes": [{"bind": {"propagation": "z"}, "source": "data", "target": "/data", "type": "volume"}]`,
		`volumes: ["./y:/y:ro,Z,U"]`:                                    `"volumes": [{"bind": {"propagation": "U,Z"}, "read_only": true, "source": "DIR/y", "target": "/y", "type": "bind"}]`,
		`volumes: ["./link/x:/y"]`:                                      `"volumes": [{"source": "DIR/to/x", "target": "/y", "type": "bind"}]`,
		`volumes: ["~bin/x:/y"]`:                                        `"volumes": [{"source": "HOME/bin/x", "target": "/y", "type": "bind"}]`,
		`volumes: ["/anonymous"]`:                                       `"volumes": [{"target": "/anonymous", "type": "volume"}]`,
		`volumes: [{type: tmpfs, target: /t, tmpfs: {size: 64k}}]`:      `"volumes": [{"target": "/t", "tmpfs": {"size": 65536}, "type": "tmpfs"}]`,
		`command: "a 'b $$c'"`:                                          `"command": ["a", "b $$c"]`,
		`entrypoint: []`:                                                `"entrypoint": []`,
		`environment: {A: "a$$b$X", B: , ON: "yes", T: 1}`:              `"environment": {"A": "a$$bx", "B": null, "ON": "yes", "T": "1"}`,
		`labels: {$$k: "${X:-y} $${X}"}`:                                `"labels": {"$$k": "x $${X}"}`,
		`env_file: [a.env]`:                                             `"env_file": ["/private/1.env"]`,
		`env_file: [{path: none.env, required: false}]`:                 ``,
		`label_file: [a.env]`:                                           `"label_file": ["/private/1.env"]`,
		`extra_hosts: ["a:1.2.3.4", "b=::1"]`:                           `"extra_hosts": ["a:1.2.3.4", "b:::1"]`,
		`sysctls: {net.x: 1}`:                                           `"sysctls": ["net.x=1"]`,
		`devices: ["/dev/fuse:/dev/fuse:rw"]`:                           `"devices": ["/dev/fuse:/dev/fuse:rw"]`,
		`depends_on: [db]`:                                              `"depends_on": {"db": {"condition": "service_started", "required": true}}`,
		`secrets: [s]`:                                                  `"secrets": ["s"]`,
		`secrets: [{source: s, target: t, mode: 0440}]`:                 `"secrets": [{"mode": "0440", "source": "s", "target": "t"}]`,
		`networks: [front]`:                                             `"networks": ["front"]`,
		`networks: {front: {aliases: [a]}}`:                             `"networks": {"front": {"aliases": ["a"]}}`,
		`build: .`:                                                      `"build": {"context": "DIR"}`,
		`build: {context: ./sub, dockerfile: Dockerfile, args: [A=$X]}`: `"build": {"args": {"A": "x"}, "context": "DIR/sub", "dockerfile": "Dockerfile"}`,
		`extends: {file: sub/other.yaml, service: base}`:                `"volumes": [{"source": "DIR/sub/x", "target": "/x", "type": "bind"}]`,
		`scale: 2`:              `"scale": 2`,
		`deploy: {replicas: 2}`: `"deploy": {"replicas": 2}`,
		`healthcheck: {test: a b, interval: 90s}`: `"healthcheck": {"interval": "1m30s", "test": ["CMD-SHELL", "a b"]}`,
		`profiles: [p]`: `"profiles": ["p"]`,
	} {
		t.Run(service, func(t *testing.T) {
			dir := folder(t, "shop", "compose.yaml", "services:\n  web:\n    image: i\n    "+service+"\n  db: {image: d}\nnetworks: {front: {}, default: {}}\nvolumes: {data: {}}\nsecrets: {s: {file: ./s.txt}}\n",
				".env", "X=x\n", "a.env", "B=\"1\"\n")
			for _, made := range []string{"sub", "to"} {
				if err := os.Mkdir(filepath.Join(dir, made), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, "sub", "other.yaml"), []byte("services: {base: {image: b, volumes: [\"./x:/x\"]}}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("to", filepath.Join(dir, "link")); err != nil {
				t.Skip("no symbolic links here: ", err)
			}
			home, _ := os.UserHomeDir()
			got := flow(t, rendered(t, request{file: dir, profiles: []string{"*"}}, oldCompose), "web")
			want = strings.NewReplacer("DIR", dir, "HOME", home).Replace(want)
			if !strings.Contains(got, want) || want == "" && strings.Contains(got, "env_file") {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

// flow is a service in one line.
func flow(t *testing.T, text, service string) string {
	t.Helper()
	var top struct{ Services map[string]yaml.Node }
	if err := yaml.Unmarshal([]byte(text), &top); err != nil {
		t.Fatal(err)
	}
	var line func(n *yaml.Node) string
	line = func(n *yaml.Node) string {
		var parts []string
		for i := 0; i < len(n.Content); i++ {
			part := line(n.Content[i])
			if n.Kind == yaml.MappingNode {
				i++
				part += ": " + line(n.Content[i])
			}
			parts = append(parts, part)
		}
		switch {
		case n.Kind == yaml.MappingNode:
			return "{" + strings.Join(parts, ", ") + "}"
		case n.Kind == yaml.SequenceNode:
			return "[" + strings.Join(parts, ", ") + "]"
		case n.Tag == "!!str":
			return `"` + n.Value + `"`
		}
		return n.Value
	}
	node := top.Services[service]
	return line(&node)
}

// TestRenderedBeside: what podman-compose makes of the networks of a file depends on which there are.
func TestRenderedBeside(t *testing.T) {
	for text, want := range map[string]string{
		"services: {web: {image: x}}\n":                                                 "",
		"services: {web: {image: x}}\nnetworks: {front: {}}\n":                          `"networks": "front": "name": "s_front"`,
		"services: {web: {image: x}}\nnetworks: {front: {}, default: {}}\n":             `"networks": "default": "name": "s_default" "front": "name": "s_front"`,
		"services: {web: {image: x}}\nnetworks: {front: {external: true}}\n":            `"networks": "front": "external": true "name": "front"`,
		"services: {web: {image: x}}\nvolumes: {data: , other: {name: o}}\n":            `"volumes": "data": "name": "s_data" "other": "name": "o"`,
		"services: {web: {image: x}}\nsecrets: {a: {file: ./a}, b: {external: true}}\n": `"secrets": "a": "file": "DIR/a" "b": "external": true "name": "b"`,
		"x-a: 1\nx-podman: {in_pod: false}\nservices: {web: {image: x}}\nname: s\n":     `"x-podman": "in_pod": false`,
		"services: {z: {image: x}, a: {image: x}}\n":                                    "",
	} {
		dir := folder(t, "s", "compose.yaml", text)
		got := rendered(t, request{file: dir}, oldCompose)
		_, beside, _ := strings.Cut(strings.Join(strings.Fields(got), " "), `"image": "x"`)
		beside = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(beside), `"a": "image": "x"`))
		if want = strings.ReplaceAll(want, "DIR", dir); beside != want {
			t.Errorf("%s: got %s\nwant %s", text, beside, want)
		}
		if z := strings.Index(got, `"z"`); strings.Contains(text, "z: {") && (z < 0 || z > strings.Index(got, `"a"`)) {
			t.Errorf("another order of services:\n%s", got)
		}
	}
}

// TestRenderedForDocker: docker-compose gets the long forms, and what the files of variables came to.
func TestRenderedForDocker(t *testing.T) {
	dir := folder(t, "s", "compose.yaml", "services: {web: {image: x, env_file: a.env, ports: ['127.0.0.1:1:2'], volumes: ['./x:/x']}}\n", "a.env", "A=\"$$1\"\n")
	got := flow(t, rendered(t, request{file: dir}, dockerCompose), "web")
	for _, want := range []string{`"environment": {"A": "`, `"host_ip": "127.0.0.1"`, `"create_host_path": true`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "env_file") {
		t.Errorf("it reads a file again: %s", got)
	}
}

// TestFilesAgree: whatever else podman-compose 1.0.3 read in a way of its own, it gets what was judged.
func TestFilesAgree(t *testing.T) {
	for name, files := range map[string][]string{
		"includes":             {"include: [b.yaml]\nservices: {web: {image: x}}\n", "b.yaml", "services: {db: {image: \"${COMPOSE_FILE:-x}\"}}\n"},
		"variables elsewhere":  {"services: {db: {extends: {file: b.yaml, service: c}}}\n", "b.yaml", "services: {c: {image: \"${COMPOSE_FILE:-x}\"}}\n"},
		"variables of its own": {"services: {db: {image: \"${PYTHONUNBUFFERED:-${B-x}}\"}}\n"},
	} {
		f, _ := shopFake(t, says103)
		dir := folder(t, "shop", append([]string{"compose.yaml"}, files...)...)
		_, _ = Up(t.Context(), f.runner(), Auto, UpOptions{File: dir, Detach: true}, quiet)
		if got := flow(t, f.given("compose.yaml"), "db"); !strings.Contains(got, `{"image": "x"}`) {
			t.Errorf("%s: it gets %s", name, got)
		}
	}
}

// TestStartsMore: podman-compose also starts what others depend on and what has no replicas, so all of it is judged.
func TestStartsMore(t *testing.T) {
	const web = "services:\n  web: {image: x"
	for name, text := range map[string]string{
		"no replicas":             web + ", depends_on: [evil]}\n  evil: {image: x, scale: 0, privileged: true}\n",
		"not of the profile":      web + ", depends_on: {evil: {condition: service_started, required: false}}}\n  evil: {image: x, profiles: [p], devices: [/dev/kvm]}\n",
		"open ports nobody wants": web + "}\n  evil: {image: x, scale: 0, ports: [\"0.0.0.0:81:80\"]}\n",
		"propagation":             web + ", volumes: [{type: bind, source: ./x, target: /mnt, bind: {propagation: \"O,upperdir=/x\"}}]}\n",
	} {
		f, _ := shopFake(t, says103)
		_, err := Up(t.Context(), f.runner(), Auto, UpOptions{File: folder(t, "a", "compose.yaml", text), Detach: true}, quiet)
		if failure := asFailure(t, err); failure.Code != parse.PolicyDenied {
			t.Errorf("%s: got %v", name, err)
		}
		if ran := f.called("podman-compose --podman-path=" + f.dir + "/podman --file"); len(ran) > 0 {
			t.Errorf("%s: ran %q", name, ran)
		}
	}
}

// TestPrivate: the folder is this user's, goes with the call, and one that was left is not kept for ever.
func TestPrivate(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	m := loaded(t, request{file: folder(t, "c", "compose.yaml", "services: {web: {image: x}}\n")})
	first, err := m.private()
	if err != nil {
		t.Fatal(err)
	}
	if about, err := os.Stat(first.dir); err != nil || about.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", about, err)
	}
	second, err := m.private()
	if err != nil || second.dir == first.dir {
		t.Errorf("two at a time have one: %v", err)
	}
	second.remove()
	first.remove()
	if again, err := m.private(); err != nil || again.dir != first.dir {
		t.Errorf("another name the next time: %v, %v", again, err)
	}
	old := time.Now().Add(-forgotten - time.Hour)
	if err := os.Chtimes(first.dir, old, old); err != nil {
		t.Fatal(err)
	}
	if third, err := m.private(); err != nil || third.dir != first.dir {
		t.Errorf("what was left is kept: %v, %v", third, err)
	}
}

// TestChangedMeanwhile: the file, what it includes and extends, and its variables are swapped after they were judged and
// before the provider starts. What was judged is what runs.
func TestChangedMeanwhile(t *testing.T) {
	for _, version := range []string{says103, says150} {
		f, _ := shopFake(t, version)
		files := map[string]string{
			"compose.yaml": "include: [more.yaml]\nservices: {web: {image: \"good-$TAG\", env_file: web.env}, db: {extends: {file: base.yaml, service: b}}}\n",
			"more.yaml":    "services: {also: {image: good-included}}\n",
			"base.yaml":    "services: {b: {image: good-extended}}\n",
			"web.env":      "WORD=good\n",
			".env":         "TAG=tag\n",
		}
		var list []string
		for name, text := range files {
			list = append(list, name, text)
		}
		dir := folder(t, "shop", list...)
		swapped := false
		swap := func(string, bool) JudgeImage {
			return func(string, string, string, map[string]string) error {
				swapped = true
				const evil = "services: {web: {image: evil, privileged: true, volumes: [\"/:/host\"]}, db: {image: evil}, also: {image: evil}, b: {image: evil}}\n"
				for name := range files {
					text := evil
					if strings.HasSuffix(name, ".env") {
						text = "WORD=evil\nTAG=evil\n"
					}
					if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
						t.Error(err)
					}
				}
				return nil
			}
		}
		_, _ = Up(t.Context(), f.runner(), Auto, UpOptions{File: dir, Detach: true, Runnable: swap}, quiet)
		got := f.given("compose.yaml")
		if !swapped || strings.Contains(got, "evil") || strings.Contains(got, "/host") {
			t.Errorf("swapped %v, and it gets\n%s", swapped, got)
		}
		for _, want := range []string{`"good-tag"`, `"good-included"`, `"good-extended"`} {
			if !strings.Contains(got, want) {
				t.Errorf("no %s in\n%s", want, got)
			}
		}
		if kept := f.given("1.env"); kept != "WORD=good\n" {
			t.Errorf("variables: it gets %q", kept)
		}
		for _, line := range f.called("podman-compose --podman-path=" + f.dir + "/podman --file") {
			if strings.Contains(line, dir) {
				t.Errorf("it is told of the user's folder: %s", line)
			}
		}
	}
}
