// Package quadlet reads and judges unit files of podman's quadlet, from which
// systemd makes services.
//
// A unit file can run any command of the host and mount any of its folders.
// [Read] takes only keys that are known to do neither; what it does not know it
// refuses. It runs nothing and opens no file.
package quadlet

import (
	"fmt"
	"slices"
	"strings"

	"podman-mcp/parse"
)

// Judge decides what the host has to say to. Each returns the value as it is to
// stand in the file.
type Judge struct {
	Image  func(image string) error
	Port   func(port string) (string, error)
	Volume func(volume string) (string, error) // SOURCE:TARGET[:OPTIONS], of which SOURCE is a name or an absolute path
	File   func(path string) (string, error)   // that a container's variables are read from
	Label  func(label string) error
	// HostNetwork decides on a container or pod that is to have this machine's network.
	HostNetwork func() error
}

// MaxBytes is the most that a unit file may hold.
const MaxBytes = 64 << 10

// Kinds are the endings of files that can be installed. Not .kube and .build:
// what they name can change after it was judged.
func Kinds() []string { return []string{".container", ".pod", ".volume", ".network", ".image"} }

var fileName = parse.Lazily(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}\.(container|pod|volume|network|image|kube|build)$`)

// Named checks the name of a unit file that is there.
func Named(name string) error {
	if !fileName().MatchString(name) {
		return invalid("got %q; takes NAME.container, .pod, .volume, .network or .image", name)
	}
	return nil
}

// Service is the systemd service that a unit file becomes.
func Service(name string) string {
	stem, kind := cutLast(name)
	if kind == "container" || kind == "kube" {
		return stem + ".service"
	}
	return stem + "-" + kind + ".service"
}

func cutLast(name string) (stem, kind string) {
	i := max(0, strings.LastIndexByte(name, '.'))
	return name[:i], strings.TrimPrefix(name[i:], ".")
}

// Read judges the text of a unit file and returns what may be installed. The
// error is a *parse.Failure that says which line.
func Read(name, text string, judge Judge) (string, error) {
	if err := Named(name); err != nil {
		return "", err
	}
	_, kind := cutLast(name)
	if !slices.Contains(Kinds(), "."+kind) {
		return "", denied("%s: what a .%s file names can change after it was judged; use podman_kube_play or podman_build", name, kind)
	}
	if len(text) > MaxBytes {
		return "", invalid("it is larger than 64 KiB")
	}
	own := strings.ToUpper(kind[:1]) + kind[1:]
	var out []string
	section, seen := "", map[string]bool{}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		line = strings.TrimSpace(line)
		at := fmt.Sprintf("line %d", i+1)
		switch {
		case strings.ContainsFunc(line, control):
			return "", invalid("%s holds a control character", at)
		case strings.HasSuffix(line, `\`):
			return "", invalid("%s goes on in the next one; write it in one line", at)
		case line == "" || line[0] == '#' || line[0] == ';':
			out = append(out, line)
			continue
		case line[0] == '[':
			section = strings.Trim(line, "[]")
			if line != "["+section+"]" || !slices.Contains([]string{"Unit", own, "Service", "Install"}, section) {
				return "", denied("%s: the section %.40s; takes [Unit], [%s], [Service] and [Install]", at, line, own)
			}
			seen[section] = true
			out = append(out, line)
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok || section == "" {
			return "", invalid("%s is no KEY=VALUE in a section", at)
		}
		check, known := keys(section, judge)[key]
		if !known {
			return "", denied("%s: the key %.40s in [%s] is not among those that are known to be harmless", at, key, section)
		}
		if expands(value) {
			return "", denied("%s: systemd would put something else in for %% or $; write %%%% and $$ for themselves", at)
		}
		value, err := check(value)
		if err != nil {
			return "", placedAt(at, key, err)
		}
		out = append(out, key+"="+value)
	}
	if !seen[own] {
		return "", invalid("it has no section [%s]", own)
	}
	return strings.Join(out, "\n") + "\n", nil
}

func control(r rune) bool { return r < 0x20 && r != '\t' || r == 0x7f || r == '\uFFFD' }

// expands tells whether systemd would put something in for a part of a value.
func expands(value string) bool {
	return strings.ContainsAny(strings.NewReplacer("%%", "", "$$", "").Replace(value), "%$")
}

func invalid(format string, args ...any) *parse.Failure {
	return failure(parse.InvalidParams, "Nothing was installed. Correct the unit and call again.", format, args...)
}

func denied(format string, args ...any) *parse.Failure {
	return failure(parse.PolicyDenied, "Nothing was installed. Leave it out and call again, or have a person install the file.", format, args...)
}

func failure(code parse.Code, hint, format string, args ...any) *parse.Failure {
	return &parse.Failure{Code: code, Subject: "content", Hint: hint,
		Message: "content: " + parse.Mask(parse.Clean(fmt.Sprintf(format, args...)))}
}

// placedAt says in which line a value is wrong.
func placedAt(at, key string, err error) error {
	if f, ok := err.(*parse.Failure); ok { //nolint:errorlint // a judge returns its own, not wrapped
		placed := *f
		placed.Message = fmt.Sprintf("content: %s: %s: %s", at, key, strings.TrimPrefix(f.Message, "content: "))
		if f.Code != parse.PolicyDenied { // whose hint may name what the operator can allow
			placed.Hint = "Nothing was installed. Correct the unit and call again."
		}
		return &placed
	}
	return invalid("%s: %s: %v", at, key, err)
}
