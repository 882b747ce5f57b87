package parse

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
)

// Places are where a local podman keeps its state.
type Places struct {
	GraphRoot string // images, layers and, since 5.0, the database
	RunRoot   string // what is gone after a reboot
	StaticDir string // the database up to 4.x
	TmpDir    string // a mark of the boot, and a file for each container that ended
	Volumes   string
	Driver    string // of storage, such as overlay: a part of its folders' names
	Database  string // up to 4.x; "" where podman does not tell
}

// LoggedPlaces reads the places from what podman --log-level=debug writes on its standard error. podman info
// tells most of them too, and takes three to ten times as long.
func LoggedPlaces(stderr string) (Places, error) {
	var p Places
	var wanted, prior string
	for line := range strings.Lines(stderr) {
		said := logged(line)
		for prefix, place := range map[string]*string{
			"Using graph root ": &p.GraphRoot, "Using run root ": &p.RunRoot, "Using static dir ": &p.StaticDir,
			"Using tmp dir ": &p.TmpDir, "Using volume path ": &p.Volumes, "Initializing boltdb state at ": &p.Database,
			"Using graph driver ": &wanted, "[graphdriver] using prior storage driver: ": &prior,
		} {
			if value, ok := strings.CutPrefix(said, prefix); ok {
				*place = value
			}
		}
	}
	p.Driver = wanted
	if prior != "" {
		p.Driver = prior
	}
	for _, path := range []string{p.GraphRoot, p.RunRoot, p.StaticDir, p.TmpDir, p.Volumes} {
		if !filepath.IsAbs(path) {
			return Places{}, errors.New("podman does not tell where it keeps its state")
		}
	}
	if p.Driver == "" || strings.Contains(p.Driver, "/") {
		return Places{}, errors.New("podman does not tell its storage driver")
	}
	return p, nil
}

// logged is the msg of a line of podman's log, as logrus writes it; "" where it has none.
func logged(line string) string {
	_, rest, _ := strings.Cut(line, " msg=")
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return ""
	}
	text, err := strconv.Unquote(quoted)
	if err != nil {
		return ""
	}
	return text
}
