//go:build unix

package tools

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// grounds are an allowed root, a home that is one too, and what lies outside of
// both: each of the three holds a file and a folder of the same names.
type grounds struct {
	dir, work, home, outside string
}

// newGrounds makes them, with every sort of link in the root that leads out, and
// makes the root the server's folder.
func newGrounds(t *testing.T) grounds {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g := grounds{dir, dir + "/work", dir + "/home", dir + "/outside"}
	t.Setenv("HOME", g.home)
	for _, folder := range []string{g.work, g.home, g.outside, g.home + "/.ssh", g.work + "2", dir + "/WORK", dir + "/w\u043erk", g.work + "/in"} {
		g.fill(t, folder)
	}
	link := func(to, at string) {
		if err := os.Symlink(to, filepath.Join(g.work, at)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"file", "folder"} {
		link(g.outside+"/"+name, "link-"+name)
		link("../outside/"+name, "relative-"+name)
		link("relative-"+name, "chain3-"+name)
		link("./in/../chain3-"+name, "chain2-"+name)
		link(g.work+"/chain2-"+name, "chain-"+name)
		link("up/outside/"+name, "through-"+name)
		link(g.home+"/.ssh/"+name, "hidden-"+name)
		link("/proc/self/root"+g.outside+"/"+name, "proc-"+name)
		link("file/../../outside/"+name, "dots-"+name)
	}
	link("..", "up")
	link(".", "here")
	link("..", "in/up")
	link(g.outside, "mid")
	link("/", "all")
	link(g.outside+"/none", "dangling")
	link("dangling", "dangling2")
	link("loop", "loop")
	if err := syscall.Mkfifo(g.outside+"/fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(g.work)
	for _, socket := range []string{"../outside/socket", "socket"} { // relative, for a socket's path must be short
		listener, err := net.Listen("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
	}
	link(g.outside+"/socket", "link-socket")
	return g
}

// fill makes a folder with a file and a folder that are what every door takes.
func (g grounds) fill(t *testing.T, dir string) {
	t.Helper()
	for name, text := range map[string]string{
		"file":                 "A=canary\n",
		"yaml":                 "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: localhost/web}]}\n",
		"compose":              "services: {web: {image: localhost/web, build: folder}}\n",
		"folder/compose.yaml":  "services: {web: {image: localhost/web, build: .}}\n",
		"folder/Containerfile": "FROM localhost/web\n",
		"folder/inner":         "canary\n",
		"folder/.env":          "A=canary\n",
		"web.container":        "[Container]\nImage=localhost/web\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// way is a path that leads out, by what it leads to: file, folder, or both.
type way struct {
	name, path string
	kind       string // file or folder; "" for a door of either sort
	plain      bool   // the path is a plain absolute one, as a volume's source must be
	unknown    bool   // it is no path: the kind of the parameter refuses it, and no root is named
}

// waysOut are the paths that no door may open.
func (g grounds) waysOut(t *testing.T) []way {
	t.Helper()
	open, err := os.Open(g.outside)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = open.Close() })
	var list []way
	for _, kind := range []string{"file", "folder"} {
		plain := func(name, path string) { list = append(list, way{name: name, path: path, kind: kind, plain: true}) }
		written := func(name, path string) { list = append(list, way{name: name, path: path, kind: kind}) }
		plain("outside", g.outside+"/"+kind)
		plain("a link", g.work+"/link-"+kind)
		plain("a relative link", g.work+"/relative-"+kind)
		plain("a chain of links", g.work+"/chain-"+kind)
		plain("a link through a link", g.work+"/through-"+kind)
		plain("a link with dots", g.work+"/dots-"+kind)
		plain("a link to what is hidden in the home", g.work+"/hidden-"+kind)
		plain("a link by /proc", g.work+"/proc-"+kind)
		plain("a link in the middle", g.work+"/mid/"+kind)
		plain("a link to the parent", g.work+"/up/outside/"+kind)
		plain("links to parents", g.work+"/in/up/here/up/outside/"+kind)
		plain("a link to the root folder", g.work+"/all"+g.outside+"/"+kind)
		plain("what is hidden in the home", g.home+"/.ssh/"+kind)
		plain("a name that begins alike", g.work+"2/"+kind)
		plain("another case", g.dir+"/WORK/"+kind)
		plain("a look-alike letter", g.dir+"/w\u043erk/"+kind)
		written("the process's folder", "/proc/self/cwd/../outside/"+kind)
		plain("the process's root", "/proc/self/root"+g.outside+"/"+kind)
		plain("a thread's root", "/proc/thread-self/root"+g.outside+"/"+kind)
		plain("an open folder", "/proc/self/fd/"+strconv.Itoa(int(open.Fd()))+"/"+kind)
		plain("an open folder of /dev", "/dev/fd/"+strconv.Itoa(int(open.Fd()))+"/"+kind)
		written("dots", g.work+"/../outside/"+kind)
		written("relative dots", "../outside/"+kind)
		written("dots after a folder", g.work+"/in/folder/../../../outside/"+kind)
		written("dots after what is not there", g.work+"/none/../../outside/"+kind)
		written("dots behind a link", g.work+"/here/../outside/"+kind)
		written("dots out of the home", g.home+"/folder/../.ssh/"+kind)
		written("doubled slashes", g.work+"//..//outside///"+kind)
		written("three slashes", "//"+g.outside+"/"+kind)
		written("a relative link in the middle", "mid/"+kind)
		written("a dot at the end", g.outside+"/"+kind+"/.")
		written("a slash at the end", g.outside+"/"+kind+"/")
		written("a slash behind a link", g.work+"/link-"+kind+"/")
		written("relative dots behind a link", "here/../outside/"+kind)
		written("dots that come back", g.outside+"/folder/../"+kind)
	}
	for name, path := range map[string]string{
		"not there":                  g.outside + "/none",
		"not there, behind a link":   g.work + "/mid/none/deep",
		"not there, hidden":          g.home + "/.config/none",
		"a link to what is not":      g.work + "/dangling",
		"a link to such a link":      g.work + "/dangling2",
		"a link to itself":           g.work + "/loop",
		"the home itself":            g.home,
		"what holds the root":        g.dir,
		"the root folder":            "/",
		"the machine's settings":     "/etc",
		"the passwords":              "/etc/shadow",
		"podman's socket":            "/run/podman/podman.sock",
		"podman's older socket":      "/var/run/podman/podman.sock",
		"podman's storage":           "/var/lib/containers/storage",
		"a rootless podman's":        g.home + "/.local/share/containers/storage",
		"its settings":               g.home + "/.config/containers/auth.json",
		"the shell's history":        g.home + "/.bash_history",
		"the processes":              "/proc/1/environ",
		"the kernel's settings":      "/sys/kernel",
		"a device":                   "/dev/null",
		"a disk":                     "/dev/sda",
		"the boot loader":            "/boot",
		"programs":                   "/usr/bin",
		"scheduled tasks":            "/var/spool/cron",
		"a socket":                   g.outside + "/socket",
		"a socket in the root":       g.work + "/socket",
		"a link to a socket":         g.work + "/link-socket",
		"a pipe":                     g.outside + "/fifo",
		"a link in the processes":    "/proc/self/exe",
		"another user's hidden file": "/root/.ssh/id_rsa",
	} {
		list = append(list, way{name: name, path: path, plain: true})
	}
	return append(list,
		way{name: "a NUL byte", path: g.work + "/file\x00" + g.outside, unknown: true},
		way{name: "a line break", path: g.work + "/\n" + g.outside, unknown: true},
		way{name: "an escape", path: g.work + "/\x1b[2K" + g.outside, unknown: true},
	)
}

// door is a place where a call takes a path of this machine: a parameter, or a
// word of a file that it names. PATH stands for the path there.
type door struct {
	name      string // tool.parameter, and what of the file
	arguments string
	file      string // what compose.yaml in the server's folder says
	kind      string // what the path is of: file, folder, or "" for any
	plain     bool   // it takes plain absolute paths alone
	absolute  bool   // a relative path is another folder's than the server's
	in        string // the honest way in, where it is another file than "file" and "folder"
	new       bool   // it takes what is not there
}

const web = `{image: localhost/web`

const built = `services: {web: {image: localhost/web, build: folder}}` + "\n"

func doors() []door {
	list := []door{
		{name: "podman_run.volumes", arguments: `{"image":"localhost/web","volumes":["PATH:/data"]}`, plain: true},
		{name: "podman_cp.from", arguments: `{"container":"web","path":"/x","from":"PATH"}`},
		{name: "podman_cp.to", arguments: `{"container":"web","path":"/x","to":"PATH"}`, new: true},
		{name: "podman_build.context", arguments: `{"context":"PATH"}`, kind: "folder"},
		{name: "podman_farm_build.context", arguments: `{"context":"PATH","tag":"registry.example.com/web"}`, kind: "folder"},
		{name: "podman_save.file", arguments: `{"images":["localhost/web"],"file":"PATH"}`, new: true},
		{name: "podman_load.file", arguments: `{"file":"PATH"}`, kind: "file"},
		{name: "podman_volume_export.file", arguments: `{"volume":"data","file":"PATH"}`, new: true},
		{name: "podman_volume_import.file", arguments: `{"volume":"data","file":"PATH"}`, kind: "file"},
		{name: "podman_secret_create.file", arguments: `{"name":"s","file":"PATH"}`, kind: "file"},
		{name: "podman_kube_play.file", arguments: `{"file":"PATH"}`, kind: "file", in: "yaml"},
		{name: "podman_kube_down.file", arguments: `{"file":"PATH"}`, kind: "file", in: "yaml"},
		{name: "podman_kube_apply.file", arguments: `{"file":"PATH","kubeconfig":"file"}`, kind: "file", in: "yaml"},
		{name: "podman_kube_apply.kubeconfig", arguments: `{"names":["web-container"],"kubeconfig":"PATH"}`, kind: "file"},
		{name: "podman_kube_generate.file", arguments: `{"names":["web-container"],"file":"PATH"}`, new: true},
		{name: "podman_quadlet_install.file", arguments: `{"file":"PATH","name":"web.container"}`, kind: "file", in: "web.container"},
		{name: "podman_quadlet_install.content Volume", plain: true,
			arguments: `{"name":"web.container","content":"[Container]\nImage=localhost/web\nVolume=PATH:/data\n"}`},
		{name: "podman_quadlet_install.content EnvironmentFile", plain: true, kind: "file",
			arguments: `{"name":"web.container","content":"[Container]\nImage=localhost/web\nEnvironmentFile=PATH\n"}`},
		{name: "podman_kube_play.yaml hostPath", plain: true, arguments: `{"yaml":` + quoted("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"+
			"spec: {volumes: [{name: v, hostPath: {path: 'PATH'}}], containers: [{name: c, image: localhost/web, volumeMounts: [{name: v, mountPath: /d}]}]}\n") + `}`},
	}
	for _, tool := range []string{"up", "down", "ps", "logs", "start", "stop", "restart", "pull", "build", "config"} {
		list = append(list, door{name: "podman_compose_" + tool + ".file", arguments: `{"file":"PATH"}`, in: "compose"})
	}
	list = append(list, door{name: "podman_compose_exec.file", arguments: `{"file":"PATH","service":"web","command":["true"]}`, in: "compose"})
	for _, tool := range []string{"up", "pull", "build", "config"} {
		list = append(list, door{name: "podman_compose_" + tool + ".env_file", file: built, arguments: `{"file":"compose.yaml","env_file":"PATH"}`, kind: "file"})
	}
	for what, d := range map[string]door{
		"volumes":             {file: "services: {web: " + web + ", volumes: ['PATH:/data']}}\n", plain: true},
		"volumes as a record": {file: "services: {web: " + web + ", volumes: [{type: bind, source: 'PATH', target: /data}]}}\n"},
		"driver_opts":         {file: "services: {web: " + web + ", volumes: ['vol:/data']}}\nvolumes: {vol: {driver_opts: {type: none, o: bind, device: 'PATH'}}}\n", plain: true},
		"env_file":            {file: "services: {web: " + web + ", env_file: ['PATH']}}\n", kind: "file"},
		"label_file":          {file: "services: {web: " + web + ", label_file: ['PATH']}}\n", kind: "file"},
		"extends":             {file: "services: {web: {extends: {file: 'PATH', service: web}}}\n", kind: "file", in: "compose"},
		"include":             {file: "include: ['PATH']\nservices: {other: " + web + "}}\n", kind: "file", in: "compose"},
		"include's env_file":  {file: "include: [{path: compose, env_file: 'PATH'}]\nservices: {other: " + web + "}}\n", kind: "file"},
		"include's folder":    {file: "include: [{path: compose, project_directory: 'PATH'}]\nservices: {other: " + web + "}}\n", kind: "folder"},
		"build":               {file: "services: {web: {build: 'PATH'}}\n", kind: "folder"},
		"build.dockerfile":    {file: "services: {web: {build: {context: folder, dockerfile: 'PATH'}}}\n", kind: "file", absolute: true},
		"additional_contexts": {file: "services: {web: {build: {context: folder, additional_contexts: {more: 'PATH'}}}}\n", kind: "folder"},
		"build secrets":       {file: "services: {web: {build: {context: folder, secrets: [s]}}}\nsecrets: {s: {file: 'PATH'}}\n", kind: "file"},
		"secrets":             {file: "services: {web: " + web + ", secrets: [s]}}\nsecrets: {s: {file: 'PATH'}}\n", kind: "file"},
		"configs":             {file: "services: {web: " + web + ", configs: [s]}}\nconfigs: {s: {file: 'PATH'}}\n", kind: "file"},
	} {
		d.name, d.arguments = "podman_compose_up.file "+what, `{"file":"compose.yaml"}`
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b door) int { return strings.Compare(a.name, b.name) })
	return list
}

func quoted(text string) string {
	words, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string
	}
	return string(words)
}

// takes tells whether a way can be tried at a door.
func (d door) takes(w way) bool {
	switch {
	case d.plain && !w.plain, d.absolute && !filepath.IsAbs(w.path), w.kind != "" && d.kind != "" && w.kind != d.kind:
		return false
	case w.unknown:
		return d.file == "" && !strings.Contains(d.name, " ")
	}
	return true
}

// enter makes the call of a door with a path, and tells how often podman or a
// compose provider was to be run.
func (g grounds) enter(t *testing.T, d door, path string) (ran int, err error) {
	t.Helper()
	if d.file != "" {
		if err := os.WriteFile(g.work+"/compose.yaml", []byte(strings.ReplaceAll(d.file, "PATH", path)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inner := quoted(path)
	arguments := strings.ReplaceAll(d.arguments, "PATH", inner[1:len(inner)-1])
	runner := exec.Rehearsal(func(exec.Process) (string, int) { ran++; return "[]", 0 })
	c := &Call{Host: &Host{Runner: runner, Roots: Roots{g.work, g.home}, Units: g.dir + "/units"}, Progress: func(context.Context, string, float64, float64) {}}
	tool, _, _ := strings.Cut(d.name, ".")
	_, err = toolNamed(t, tool).run(t.Context(), c, json.RawMessage(arguments))
	return ran, err
}

// TestWaysOut tries every way out of the allowed folders at every door: none is
// opened, podman is not run, and the refusal says what was asked for, what is
// allowed and which flag would allow more.
func TestWaysOut(t *testing.T) {
	g := newGrounds(t)
	tried := 0
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			for _, w := range g.waysOut(t) {
				if !d.takes(w) || strings.HasSuffix(d.name, "include's env_file") && w.path == os.DevNull { // which means none
					continue
				}
				tried++
				ran, err := g.enter(t, d, w.path)
				var f *parse.Failure
				if !errors.As(err, &f) || ran > 0 {
					t.Errorf("%s %s (%q): %d processes, %v", w.kind, w.name, w.path, ran, err)
					continue
				}
				if w.unknown && f.Code == parse.InvalidParams {
					continue
				}
				said, named := f.Message+"\n"+f.Hint, short([]byte(w.path))
				if d.file != "" && !strings.Contains(said, named) {
					named = strings.TrimLeft(filepath.Clean(w.path), "./") // as the loader has read it
				}
				for _, part := range []string{named, g.work, g.home, "--allow-root"} {
					if f.Code != parse.PolicyDenied || !strings.Contains(said, part) {
						t.Errorf("%s %s (%q): %s: %s\nlacks %q", w.kind, w.name, w.path, f.Code, said, part)
						break
					}
				}
			}
		})
	}
	if tried < 200 {
		t.Errorf("only %d ways were tried", tried)
	}
	t.Logf("%d ways at %d doors", tried, len(doors()))
}

// TestWaysIn: what lies in the allowed folders goes in at every door, also by a
// link, by dots that stay inside, and out of the home; it is the way out that is
// refused above, and not every way.
func TestWaysIn(t *testing.T) {
	g := newGrounds(t)
	provider := "#!/bin/sh\necho podman-compose version 1.0.6\n"
	if err := os.WriteFile(g.dir+"/podman-compose", []byte(provider), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", g.dir)
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			name := d.in
			switch {
			case d.new:
				name = "new"
			case name == "" && d.kind == "":
				name = "folder"
			case name == "":
				name = d.kind
			}
			for _, link := range []string{"honest-" + name, "honest2-" + name} {
				to := map[bool]string{true: g.home + "/" + name, false: "in/" + name}[link == "honest-"+name]
				if err := errors.Join(os.RemoveAll(g.work+"/"+link), os.Symlink(to, g.work+"/"+link)); err != nil {
					t.Fatal(err)
				}
			}
			ways := []string{g.work + "/" + name, g.home + "/" + name, g.work + "/in/" + name}
			if !d.new { // for a link is there
				ways = append(ways, g.work+"/honest-"+name, g.work+"/honest2-"+name)
			}
			if !d.plain {
				ways = append(ways, g.work+"/in/../"+name, g.work+"//in/./"+name, g.dir+"/outside/../work/"+name)
				if !d.absolute {
					ways = append(ways, name, "./in/"+name, "../work/"+name)
				}
			}
			for _, path := range ways {
				if d.absolute && !strings.HasPrefix(path, g.work) {
					continue
				}
				ran, err := g.enter(t, d, path)
				if d.new {
					if err := os.RemoveAll(path); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.RemoveAll(g.dir + "/units"); err != nil { // where a quadlet was installed
					t.Fatal(err)
				}
				var f *parse.Failure
				if errors.As(err, &f) && f.Code == parse.PolicyDenied || ran == 0 && err != nil {
					t.Errorf("%q: %d processes, %v", path, ran, err)
				}
			}
		})
	}
}

// TestEveryDoor: no parameter that takes a path of this machine is left out.
func TestEveryDoor(t *testing.T) {
	named := map[string]bool{
		"podman_build.file": true, "podman_farm_build.file": true, // of the context: TestBuildStaysInside
	}
	for _, d := range doors() {
		name, _, _ := strings.Cut(d.name, " ")
		named[name] = true
	}
	for _, tool := range All() {
		input, _ := tool.Schemas()
		for name, parameter := range input.Properties {
			if parameter.Items != nil {
				parameter = parameter.Items
			}
			k, _ := kindOf(parameter.Pattern)
			if k.of == nil || k.of.Name() != "File" && k.of.Name() != "Volume" || named[tool.Name+"."+name] {
				continue
			}
			t.Errorf("%s.%s takes a path of this machine; give it a door", tool.Name, name)
		}
	}
}
