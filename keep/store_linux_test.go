package keep

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"podman-mcp/parse"
)

// disk is podman's state on a disk of its own.
type disk struct {
	t      *testing.T
	dir    string
	podman string
	places parse.Places
}

func newDisk(t *testing.T) *disk {
	d := &disk{t: t, dir: t.TempDir()}
	d.podman = filepath.Join(d.dir, "bin/podman")
	root, tmp := filepath.Join(d.dir, "root"), filepath.Join(d.dir, "tmp")
	d.places = parse.Places{GraphRoot: root, RunRoot: filepath.Join(d.dir, "run"), StaticDir: filepath.Join(root, "libpod"), TmpDir: tmp,
		Volumes: filepath.Join(root, "volumes"), Driver: "vfs"}
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		t.Setenv(name, filepath.Join(d.dir, "home"))
	}
	t.Setenv("CONTAINERS_CONF", filepath.Join(d.dir, "containers.conf"))
	d.write("bin/podman", "\x7fELF and so on")
	d.write("containers.conf", "[network]\nnetwork_config_dir = \""+filepath.Join(d.dir, "networks")+"\"\n")
	d.write("root/libpod/bolt_state.db", "containers")
	d.write("root/vfs-images/images.json", "[]")
	d.write("networks/net.json", "{}")
	d.write("tmp/alive", "")
	d.write("run/x", "")
	d.write("tmp/exits/0123", "0")
	return d
}

func (d *disk) path(name string) string { return filepath.Join(d.dir, name) }

func (d *disk) write(name, text string) {
	d.t.Helper()
	d.must(os.MkdirAll(filepath.Dir(d.path(name)), 0o700))
	d.must(os.WriteFile(d.path(name), []byte(text), 0o600))
}

func (d *disk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *disk) tell() (parse.Places, error) { return d.places, nil }

// settle waits until what was written is old enough.
func (d *disk) settle(s *Store) State {
	d.t.Helper()
	for {
		state, err := s.State(d.podman)
		d.must(err)
		if state.Settled(time.Now()) {
			return state
		}
		time.Sleep(time.Millisecond)
	}
}

// learn does so as soon as the settings are old enough.
func (d *disk) learn() *Store {
	d.t.Helper()
	for {
		s, err := Learn(d.podman, d.tell)
		if err == nil {
			return s
		}
		if !errors.Is(err, ErrChanged) {
			d.t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestState(t *testing.T) {
	d := newDisk(t)
	s := d.learn()
	for _, change := range []struct {
		what string
		make func()
	}{
		{"a database that is written in place", func() { d.write("root/libpod/bolt_state.db", "Containers") }},
		{"one that is put back as it was", func() {
			at, err := os.Stat(d.path("root/libpod/bolt_state.db"))
			d.must(err)
			d.write("root/libpod/bolt_state.db", "containers")
			d.must(os.Chtimes(d.path("root/libpod/bolt_state.db"), at.ModTime(), at.ModTime()))
		}},
		{"a database of podman 5", func() { d.write("root/db.sql", "x") }},
		{"what it wrote ahead", func() { d.write("root/db.sql-wal", "x") }},
		{"images", func() {
			d.write("root/new", "[]")
			d.must(os.Rename(d.path("root/new"), d.path("root/vfs-images/images.json")))
		}},
		{"layers", func() { d.write("root/vfs-layers/layers.json", "[]") }},
		{"containers of the storage", func() { d.write("root/vfs-containers/containers.json", "[]") }},
		{"a mount", func() { d.write("run/vfs-layers/mountpoints.json", "[]") }},
		{"a container that ended", func() { d.write("tmp/exits/4567", "1") }},
		{"a reboot", func() { d.must(os.Remove(d.path("tmp/alive"))) }},
		{"a network", func() { d.write("networks/other.json", "{}") }},
		{"a network that is written in place", func() { d.write("networks/net.json", "[]") }},
		{"a secret", func() { d.write("root/secrets/secrets.json", "{}") }},
		{"a volume", func() { d.write("root/volumes/v/_data/x", "") }},
	} {
		before := d.settle(s)
		if same, err := s.State(d.podman); err != nil || same.Text != before.Text {
			t.Fatalf("before %s: it changes by itself: %v", change.what, err)
		}
		change.make()
		begin := time.Now()
		after, err := s.State(d.podman)
		if err != nil || after.Text == before.Text {
			t.Errorf("%s is not seen: %v", change.what, err)
		}
		if change.what != "a reboot" && after.Settled(begin) { // what is gone can come back only as a new file
			t.Errorf("%s may go on within the same tick, and it counts as settled", change.what)
		}
	}
	for _, name := range []string{"root/libpod/bolt_state.db", "root/db.sql"} {
		d.must(os.Remove(d.path(name)))
	}
	if _, err := s.State(d.podman); err == nil {
		t.Error("there is no database, and it has a state")
	}
}

func TestStateOfOtherSettings(t *testing.T) {
	for what, change := range map[string]func(*disk){
		"settings":       func(d *disk) { d.write("containers.conf", "") },
		"more settings":  func(d *disk) { d.write("home/containers/containers.conf.d/x.conf", "") },
		"storage":        func(d *disk) { d.write("home/containers/storage.conf", "") },
		"registries":     func(d *disk) { d.write("home/containers/registries.conf.d/x.conf", "") },
		"another podman": func(d *disk) { d.write("bin/podman", "\x7fELF") },
		"another path":   func(d *disk) { d.podman = d.path("podman") },
	} {
		d := newDisk(t)
		s := d.learn()
		change(d)
		if _, err := s.State(d.podman); !errors.Is(err, ErrChanged) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

func TestLearnDoubts(t *testing.T) {
	for what, doubt := range map[string]func(*disk){
		"a script": func(d *disk) { d.write("bin/podman", "#!/bin/sh\n") },
		"further images": func(d *disk) {
			d.write("home/containers/storage.conf", "[storage.options]\nadditionalimagestores = [\n \"/mnt\" ]\n")
		},
		"networks by a variable": func(d *disk) { d.write("containers.conf", "network_config_dir = \"$HOME/x\"\n") },
		"no database":            func(d *disk) { d.must(os.Remove(d.path("root/libpod/bolt_state.db"))) },
		"no store":               func(d *disk) { d.must(os.RemoveAll(d.path("root"))) },
		"changing settings": func(d *disk) {
			d.places.Driver = "overlay"
			d.write("containers.conf", "# new\n")
		},
	} {
		d := newDisk(t)
		doubt(d)
		tell := d.tell
		if what == "changing settings" {
			tell = func() (parse.Places, error) { d.write("containers.conf", "# newer\n"); return d.places, nil }
		}
		for {
			_, err := Learn(d.podman, tell)
			if errors.Is(err, ErrChanged) && what != "changing settings" {
				time.Sleep(time.Millisecond)
				continue
			}
			if err == nil {
				t.Errorf("%s: it is not doubted", what)
			}
			break
		}
	}
}

func TestEmptyListsOfImageStores(t *testing.T) {
	d := newDisk(t)
	d.write("home/containers/storage.conf", "[storage.options]\n# additionalimagestores = [\"/mnt\"]\nadditionalimagestores = [\n]\n")
	d.learn()
}
