package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDefaultUlimits(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	first := write("first", "[containers]\n#default_ulimits = [\"nofile=1\"]\ndefault_ulimits = [\n  \"nofile=2:3\", # files\n  'nproc=4',\n]\n")
	empty := write("empty", "[containers]\ndefault_ulimits=[]\n")
	none := write("none", "[containers]\n# default_ulimits = [\"nofile=5\"]\n")
	for _, test := range []struct {
		files []string
		want  string
		path  string
	}{
		{[]string{first}, "nofile=2:3 nproc=4", first},
		{[]string{first, none, filepath.Join(dir, "missing"), ""}, "nofile=2:3 nproc=4", first},
		{[]string{first, empty}, "", empty},
		{[]string{none}, "", ""},
	} {
		if got, path := defaultUlimits(test.files); strings.Join(got, " ") != test.want || path != test.path {
			t.Errorf("%v: got %v of %q", test.files, got, path)
		}
	}
}

func TestTooHigh(t *testing.T) {
	most := map[string]int64{"nofile": 20000}
	for limit, want := range map[string]bool{"nofile=20000:20000": false, "nofile=20001": true, "RLIMIT_NOFILE=1:20001": true, "nproc=9999999": false, "nofile=-1:-1": false, "host": false} {
		if got, may := tooHigh([]string{"core=0", limit}, most); (got == limit) != want || want && may != 20000 {
			t.Errorf("%s: got %q, %d", limit, got, may)
		}
	}
}

func TestEngineConfigs(t *testing.T) {
	t.Setenv("CONTAINERS_CONF_OVERRIDE", "")
	t.Setenv("CONTAINERS_CONF", "/x.conf")
	if got := engineConfigs(1000); got[0] != "/x.conf" || len(got) != 2 {
		t.Errorf("got %v", got)
	}
	t.Setenv("CONTAINERS_CONF", "")
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", dir)
	own, more := filepath.Join(dir, "containers/containers.conf"), filepath.Join(dir, "containers/containers.conf.d/a.conf")
	if err := os.MkdirAll(filepath.Dir(more), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(more, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if usersDir, err := os.UserConfigDir(); err != nil || usersDir != dir {
		t.Skip("the user's folder is elsewhere on this system")
	}
	got := engineConfigs(1000)
	if i := slices.Index(got, own); i < 0 || got[i+1] != more || i < slices.Index(got, "/etc/containers/containers.conf") {
		t.Errorf("got %v", got)
	}
	if got := engineConfigs(0); slices.Contains(got, own) {
		t.Errorf("root's own is there: %v", got)
	}
}

func TestQuickstartConf(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	if got := quickstartConf(); got != "" {
		t.Errorf("got %q where there is none", got)
	}
	want := filepath.Join(dir, "podman-mcp/containers.conf")
	if err := os.MkdirAll(filepath.Dir(want), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(want, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := quickstartConf(); got != want {
		t.Errorf("got %q", got)
	}
}

// The scripts and doctor speak of the same machine: what quickstart would write
// can be given.
func TestMostOf(t *testing.T) {
	most, raises := mostOf()
	if !exists("/proc/self/limits") {
		t.Skip("this is no Linux")
	}
	if raises && len(most) > 1 {
		t.Errorf("what may raise limits is bound by %v", most)
	}
	for name, n := range most {
		if n < 0 {
			t.Errorf("%s: %d", name, n)
		}
	}
}
