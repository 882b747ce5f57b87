package parse

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// stdout gives the recorded output of a command for each version.
func stdout(t testing.TB, name string) map[string][]byte {
	t.Helper()
	out := make(map[string][]byte)
	for _, dir := range versions(t, "testdata") {
		out[filepath.Base(dir)] = []byte(readRecording(t, filepath.Join(dir, name+".txtar")).stdout)
	}
	return out
}

func TestContainers(t *testing.T) {
	for version, out := range stdout(t, "ps-a-pod") {
		t.Run(version, func(t *testing.T) {
			list, err := Containers(out)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.IsSortedFunc(list, func(a, b Container) int { return compareInt(b.CreatedUnix, a.CreatedUnix) }) {
				t.Error("not newest first")
			}
			web := find(t, list, "h2-web")
			want := []string{"0.0.0.0:18053->53/tcp", "0.0.0.0:18080->80/tcp", "0.0.0.0:18053->53/udp", "127.0.0.1:18443-18445->443-445/udp"}
			if !reflect.DeepEqual(web.Ports, want) {
				t.Errorf("ports %q, want %q", web.Ports, want)
			}
			if web.Command != "httpd -f -p 80" || web.Image != "localhost/bb:latest" || web.State != "running" ||
				web.ExitCode != nil || len(web.ID) != 12 || len(web.FullID) != 64 || web.Labels["app"] != "web" ||
				!strings.HasPrefix(web.Created, "2026-11-22T13:") || web.Health != "" || !strings.HasPrefix(web.Status, "Up ") {
				t.Errorf("web: %+v", web)
			}
			if c := find(t, list, "h2-exit3"); c.ExitCode == nil || *c.ExitCode != 3 || c.State != "exited" {
				t.Errorf("exit3: %+v", c)
			}
			if c := find(t, list, "h2-podc1"); c.Pod != "h2-pod" || len(c.Ports) != 1 || c.IsInfra {
				t.Errorf("podc1: %+v", c)
			}
			if c := find(t, list, "h2-health"); c.Health == "" || strings.Contains(c.Status, "(") {
				t.Errorf("health: %+v", c)
			}
			if c := find(t, list, "h2-long"); len([]rune(c.Command)) != maxCommand || !strings.HasSuffix(c.Command, "…") {
				t.Errorf("long: %q", c.Command)
			}
			if !slices.ContainsFunc(list, func(c Container) bool { return c.IsInfra }) {
				t.Error("no infra container")
			}
		})
	}
}

func find(t *testing.T, list []Container, name string) Container {
	t.Helper()
	for _, c := range list {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no container %s", name)
	return Container{}
}

// TestContainersTemplate: {{json .}} is an array in 4.3 and JSON lines in 5, with other types in its fields.
func TestContainersTemplate(t *testing.T) {
	lists, lines := stdout(t, "ps-a"), stdout(t, "ps-tmpljson")
	for version, out := range lines {
		list, err := Containers(out)
		if err != nil {
			t.Fatal(version, err)
		}
		if c := find(t, list, "h2-health"); c.Created == "" || c.ID == "" {
			t.Errorf("%s: %+v", version, c)
		}
		if full, _ := Containers(lists[version]); len(list) > len(full) || len(list) == 0 {
			t.Errorf("%s: %d of %d", version, len(list), len(full))
		}
	}
}

func TestContainersEmpty(t *testing.T) {
	for _, out := range []string{"", "  \n", "[]", "[]\n"} {
		if list, err := Containers([]byte(out)); err != nil || list == nil || len(list) != 0 {
			t.Errorf("%q: %v, %v", out, list, err)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, out := range []string{"json", "json\n", "null", "3", `"x"`, "[1]", `["a"]`, "[{]", `{"Id":"a"}{`, "{\"Id\":1}\nx", "NAMES\nweb"} {
		list, err := Containers([]byte(out))
		var f *Failure
		if list != nil || !errors.As(err, &f) || f.Code != OutputInvalid {
			t.Errorf("%q: %v, %v", out, list, err)
		}
		if _, err := Images([]byte(out)); err == nil {
			t.Errorf("images took %q", out)
		}
		if _, err := InspectContainer([]byte(out)); err == nil {
			t.Errorf("inspect took %q", out)
		}
	}
	for version, out := range stdout(t, "system-df") { // the word json in 4.3
		if _, err := Containers(out); (err == nil) != (version != "podman-4.3.1") {
			t.Errorf("%s: %v", version, err)
		}
	}
	if _, err := InspectContainer([]byte("[]")); err == nil {
		t.Error("an empty inspect was taken")
	}
}

func TestHealth(t *testing.T) {
	for _, c := range []struct{ in, text, health string }{
		{"Up 2 minutes (healthy)", "Up 2 minutes", "healthy"},
		{"Up 2 minutes (unhealthy)", "Up 2 minutes", "unhealthy"},
		{"Up 5 seconds ago (starting)", "Up 5 seconds ago", "starting"},
		{"starting", "", "starting"},
		{"Exited (3) 2 hours ago", "Exited (3) 2 hours ago", ""},
		{"Up 3 days", "Up 3 days", ""},
	} {
		if text, health := splitHealth(c.in); text != c.text || health != c.health {
			t.Errorf("%q: %q %q", c.in, text, health)
		}
	}
}

func TestPortText(t *testing.T) {
	for _, c := range []struct {
		host        string
		out, in, n  int64
		proto, want string
	}{
		{"", 8080, 80, 1, "tcp", "0.0.0.0:8080->80/tcp"},
		{"127.0.0.1", 8080, 80, 0, "", "127.0.0.1:8080->80/tcp"},
		{"::1", 53, 53, 1, "udp", "[::1]:53->53/udp"},
		{"", 8000, 80, 3, "tcp", "0.0.0.0:8000-8002->80-82/tcp"},
		{"", 0, 80, 1, "tcp", "80/tcp"},
	} {
		if got := portText(c.host, c.out, c.in, c.n, c.proto); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestImages(t *testing.T) {
	for version, out := range stdout(t, "images-multitag") {
		list, err := Images(out)
		if err != nil {
			t.Fatal(version, err)
		}
		seen := make(map[string]bool)
		three := false
		for _, m := range list {
			if seen[m.FullID] {
				t.Errorf("%s: %s twice", version, m.ID)
			}
			seen[m.FullID] = true
			three = three || len(m.Names) == 3 && m.Containers > 0 && m.SizeBytes > 2e6 && strings.HasPrefix(m.Digest, "sha256:")
			if m.Dangling && len(m.Names) > 0 || m.Names == nil {
				t.Errorf("%s: %+v", version, m)
			}
		}
		if !three {
			t.Errorf("%s: no image with its three names: %+v", version, list)
		}
	}
	for version, out := range stdout(t, "images-a") {
		list, err := Images(out)
		if err != nil || len(list) < 5 {
			t.Fatal(version, err)
		}
		dangling := 0
		for _, m := range list {
			if m.Dangling {
				dangling++
			}
		}
		if dangling != 1 { // intermediate layers have no names either
			t.Errorf("%s: %d dangling", version, dangling)
		}
	}
}

func TestVersion(t *testing.T) {
	for version, out := range stdout(t, "version") {
		v, err := Version(out)
		if err != nil || "podman-"+v.Client != version || v.Server != "" {
			t.Errorf("%s: %+v, %v", version, v, err)
		}
	}
	for in, want := range map[string]Semver{
		"4.3.1": {4, 3, 1}, "5.8.2-dev": {5, 8, 2}, "v6.0": {6, 0, 0}, "1.0.3+git.4": {1, 0, 3}, "5": {5, 0, 0},
	} {
		if got, ok := SemverOf(in); !ok || got != want {
			t.Errorf("%s: %v %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "x", "-1", "v"} {
		if _, ok := SemverOf(in); ok {
			t.Errorf("%q is no version", in)
		}
	}
	v := Semver{5, 8, 2}
	if !v.AtLeast(5, 8) || !v.AtLeast(4, 9) || v.AtLeast(5, 9) || v.AtLeast(6, 0) || v.String() != "5.8.2" {
		t.Error(v)
	}
}

// rows repeats the recorded rows up to n, each with an id of its own.
func rows(b testing.TB, name string, n int) []byte {
	var list, many []map[string]any
	if err := json.Unmarshal(stdout(b, name)["podman-5.8.2"], &list); err != nil {
		b.Fatal(err)
	}
	for i := range n {
		row := make(map[string]any)
		for k, v := range list[i%len(list)] {
			row[k] = v
		}
		row["Id"] = fmt.Sprintf("%064x", i)
		many = append(many, row)
	}
	out, err := json.MarshalIndent(many, "", "  ")
	if err != nil {
		b.Fatal(err)
	}
	return out
}

func BenchmarkContainers(b *testing.B) {
	out := rows(b, "ps-a-pod", 200)
	b.ReportAllocs()
	b.SetBytes(int64(len(out)))
	for b.Loop() {
		if list, err := Containers(out); err != nil || len(list) != 200 {
			b.Fatal(err)
		}
	}
}

func BenchmarkImages(b *testing.B) {
	out := rows(b, "images", 200)
	b.ReportAllocs()
	for b.Loop() {
		if list, err := Images(out); err != nil || len(list) != 200 {
			b.Fatal(err)
		}
	}
}

func TestRegistries(t *testing.T) {
	for out, want := range map[string][]string{
		"": {}, "json": {}, `{"registries":{}}`: {},
		`{"registries":{"search":["docker.io","quay.io"]}}`: {"docker.io", "quay.io"},
	} {
		if got := Registries([]byte(out)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q", out, got)
		}
	}
}

// What podman leaves null is not there, and not a thing without a name.
func TestNullFields(t *testing.T) {
	list, err := Containers([]byte(`[{"Id":"76df5b17db6f","Names":["a"],"Command":null,"Ports":null,"Labels":null,"Networks":null}]`))
	if err != nil || len(list) != 1 || list[0].Ports != nil || list[0].Labels != nil || list[0].Command != "" {
		t.Errorf("%+v, %v", list, err)
	}
}
