package parse

import (
	"fmt"
	"strconv"
	"strings"
)

// Versions are those of the podman binary and of the service it talks to.
type Versions struct {
	Client string `json:"client"`
	Server string `json:"server,omitempty"` // empty where podman works by itself, without a service
}

// Version reads podman version --format json.
func Version(out []byte) (Versions, error) {
	v, err := firstObject("podman's version", out)
	if err != nil {
		return Versions{}, err
	}
	s := Versions{Client: clean(v.Get("Client.Version")), Server: clean(v.Get("Server.Version"))}
	if s.Client == "" {
		return Versions{}, OutputInvalidError("podman's version", out, nil)
	}
	return s, nil
}

// Semver is a version number; what follows the patch number does not count.
type Semver struct{ Major, Minor, Patch int }

// SemverOf reads "4.3.1", "5.8.2-dev", "v5.0" and "1.0.3+really". It is not ok where no number begins the text.
func SemverOf(s string) (v Semver, ok bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "v")
	if i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); i >= 0 {
		s = s[:i]
	}
	for i, part := range strings.SplitN(s, ".", 4) {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		switch i {
		case 0:
			v.Major, ok = n, true
		case 1:
			v.Minor = n
		case 2:
			v.Patch = n
		}
	}
	return v, ok
}

// AtLeast tells whether v is major.minor or newer.
func (v Semver) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

func (v Semver) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }
