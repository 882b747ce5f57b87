package keep

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"podman-mcp/parse"
)

// Store is all that a local podman's answers depend on.
type Store struct {
	podman    string
	settings  []string // files and folders
	databases []string // of which one has to be there
	state     []string // further files, and folders that only gain and lose files
	networks  []string // folders of settings
	under     string   // the settings' stamp when the places were told
}

// State is what a store was like at a moment.
type State struct {
	Text   string    // equal where nothing has changed
	newest time.Time // change
}

// Settled tells whether a run that began then saw all of the state: what was
// written right before it may have been written on within one tick of the clock.
func (s State) Settled(begin time.Time) bool { return s.newest.Add(settled).Before(begin) }

// Learn asks podman for the places of its state, by tell, and checks that they
// can be stamped. podman is the executable's path.
func Learn(podman string, tell func() (parse.Places, error)) (*Store, error) {
	s := &Store{podman: podman, settings: settingsFiles()}
	if err := executable(podman); err != nil {
		return nil, err
	}
	begin := time.Now()
	before := s.stampSettings()
	places, err := tell()
	if err != nil {
		return nil, err
	}
	text, err := s.settingsText()
	if err != nil {
		return nil, err
	}
	after := s.stampSettings()
	switch {
	case before.failed != nil:
		return nil, before.failed
	case string(before.text) != string(after.text) || !before.newest.Add(settled).Before(begin):
		return nil, ErrChanged
	}
	s.under = string(before.text)
	if err := s.use(places, text); err != nil {
		return nil, err
	}
	_, err = s.State(podman)
	return s, err
}

// State stamps the store for a podman of that path.
func (s *Store) State(podman string) (State, error) {
	if podman != s.podman {
		return State{}, ErrChanged
	}
	at := s.stampSettings()
	if at.failed == nil && string(at.text) != s.under {
		return State{}, ErrChanged
	}
	found := false
	for _, path := range s.databases {
		found = at.file(path) || found
	}
	for _, path := range s.state {
		at.file(path)
	}
	for _, path := range s.networks {
		at.folder(path, configuration)
	}
	switch {
	case at.failed != nil:
		return State{}, at.failed
	case !found:
		return State{}, fmt.Errorf("there is no database of podman's at %s", s.databases[0])
	}
	return State{string(at.text), at.newest}, nil
}

func (s *Store) stampSettings() stamp {
	var at stamp
	at.file(s.podman)
	for _, path := range s.settings {
		at.folder(path, configuration)
	}
	return at
}

// use notes the files of a store at these places.
func (s *Store) use(p parse.Places, settings string) error {
	if p.Database != "" {
		s.databases = []string{p.Database}
	}
	s.databases = append(s.databases, filepath.Join(p.StaticDir, "bolt_state.db"))
	for _, dir := range []string{p.GraphRoot, p.StaticDir, p.RunRoot} {
		s.databases = append(s.databases, filepath.Join(dir, "db.sql"))
		s.state = append(s.state, filepath.Join(dir, "db.sql-wal"), filepath.Join(dir, "db.sql-journal"))
	}
	for _, dir := range []string{p.GraphRoot, p.RunRoot} {
		for _, file := range []string{"-images/images.json", "-layers/layers.json", "-layers/volatile-layers.json", "-layers/mountpoints.json",
			"-containers/containers.json", "-containers/volatile-containers.json"} {
			s.state = append(s.state, filepath.Join(dir, p.Driver+file))
		}
	}
	s.state = append(s.state, filepath.Join(p.GraphRoot, "secrets/secrets.json"), filepath.Join(p.GraphRoot, "defaultNetworkBackend"),
		p.Volumes, filepath.Join(p.TmpDir, "alive"), filepath.Join(p.TmpDir, "exits"), filepath.Join(p.TmpDir, "persist"))
	var err error
	if s.networks, err = networkFolders(p, settings); err != nil {
		return err
	}
	s.databases, s.state, s.networks = once(s.databases), once(s.state), once(s.networks)
	for _, dir := range []string{p.GraphRoot, p.RunRoot, p.TmpDir} {
		if err := local(dir); err != nil {
			return err
		}
	}
	return nil
}

// settingsFiles are where podman and its storage read their settings, and the
// folders around them.
func settingsFiles() []string {
	home, _ := os.UserHomeDir() // without one podman reads none of its own
	config, cache := os.Getenv("XDG_CONFIG_HOME"), os.Getenv("XDG_CACHE_HOME")
	dirs := []string{"/usr/share/containers", "/etc/containers"}
	if home != "" {
		dirs = append(dirs, filepath.Join(home, ".config/containers"))
	}
	if config != "" {
		dirs = append(dirs, filepath.Join(config, "containers"))
	}
	var list []string
	for _, dir := range dirs {
		list = append(list, dir, filepath.Join(dir, "containers.conf.d"), filepath.Join(dir, "storage.conf.d"), filepath.Join(dir, "registries.conf.d"))
	}
	for _, variable := range []string{"CONTAINERS_CONF", "CONTAINERS_CONF_OVERRIDE", "CONTAINERS_STORAGE_CONF", "CONTAINERS_REGISTRIES_CONF"} {
		if path := os.Getenv(variable); path != "" {
			list = append(list, path)
		}
	}
	for _, dir := range []string{"/var/cache", filepath.Join(home, ".cache"), cache} {
		if dir != "" {
			list = append(list, filepath.Join(dir, "containers/short-name-aliases.conf"))
		}
	}
	return once(list)
}

// once leaves out what comes again: every call looks at all of them.
func once(paths []string) []string {
	var list []string
	for _, path := range paths {
		if !slices.Contains(list, path) {
			list = append(list, path)
		}
	}
	return list
}

// settingsText is all that the settings say, without comments.
func (s *Store) settingsText() (string, error) {
	var all strings.Builder
	for _, path := range s.settings {
		files := []string{path}
		if list, err := os.ReadDir(path); err == nil {
			files = nil
			for _, e := range list {
				if filepath.Ext(e.Name()) == ".conf" {
					files = append(files, filepath.Join(path, e.Name()))
				}
			}
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return "", err
			}
			all.Write(text)
			all.WriteByte('\n')
		}
	}
	return regexp.MustCompile(`(?m)^[ \t]*#.*$`).ReplaceAllString(all.String(), ""), nil
}

// networkFolders are all in which podman may keep its networks. It does not tell
// in which it does: that depends on its version and who runs it.
func networkFolders(p parse.Places, settings string) ([]string, error) {
	list := []string{"/etc/containers/networks", filepath.Join(p.GraphRoot, "networks"), "/etc/cni/net.d"}
	if home, err := os.UserHomeDir(); err == nil {
		list = append(list, filepath.Join(home, ".config/cni/net.d"), filepath.Join(home, ".local/share/containers/storage/networks"))
	}
	if dir := os.Getenv("XDG_CONFIG_HOME"); dir != "" {
		list = append(list, filepath.Join(dir, "cni/net.d"))
	}
	const key = "network_config_dir"
	named := regexp.MustCompile(`(?m)^[ \t]*`+key+`[ \t]*=[ \t]*"([^"\\$]*)"[ \t]*(#.*)?$`).FindAllStringSubmatch(settings, -1)
	if len(named) != strings.Count(settings, key) {
		return nil, errors.New("the settings name a folder of networks in a way that is not known here")
	}
	for _, m := range named {
		if m[1] != "" {
			list = append(list, m[1])
		}
	}
	// Images in other places can change without a trace in these.
	for _, m := range regexp.MustCompile(`(?:additionalimagestores|additionallayerstores|imagestore)"?[ \t]*=([^\n]*\n[^\n]*)`).FindAllStringSubmatch(settings, -1) {
		if value := strings.TrimSpace(m[1]); !regexp.MustCompile(`^(\[\s*\]|"")`).MatchString(value) {
			return nil, errors.New("the settings name further places of images")
		}
	}
	return list, nil
}

// executable refuses a script in podman's place: it may ask a podman that works
// elsewhere.
func executable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	magic := make([]byte, 4)
	if _, err := f.Read(magic); err != nil || string(magic) != "\x7fELF" {
		return fmt.Errorf("%s is a script, whose podman may work elsewhere", path)
	}
	return nil
}

// local refuses file systems that others may change without its times telling.
func local(dir string) error {
	var at syscall.Statfs_t
	if err := syscall.Statfs(dir, &at); err != nil {
		return &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	const (
		ext, xfs, btrfs, tmpfs, overlay, zfs, f2fs, bcachefs = 0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0xca451a4e
	)
	if !slices.Contains([]uint32{ext, xfs, btrfs, tmpfs, overlay, zfs, f2fs, bcachefs}, uint32(at.Type)) {
		return fmt.Errorf("%s is on a file system whose times may not tell every change", dir)
	}
	return nil
}
