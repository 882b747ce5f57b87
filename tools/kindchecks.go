package tools

import (
	"encoding"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	"podman-mcp/parse"
)

// Kinds that a pattern cannot check to the end.
var (
	_ encoding.TextUnmarshaler = (*Image)(nil)
	_ encoding.TextUnmarshaler = (*Env)(nil)
	_ encoding.TextUnmarshaler = (*Label)(nil)
	_ encoding.TextUnmarshaler = (*PlainLabel)(nil)
	_ encoding.TextUnmarshaler = (*IP)(nil)
	_ encoding.TextUnmarshaler = (*Subnet)(nil)
	_ encoding.TextUnmarshaler = (*Port)(nil)
	_ encoding.TextUnmarshaler = (*Volume)(nil)
	_ encoding.TextUnmarshaler = (*Duration)(nil)
	_ encoding.TextUnmarshaler = (*Moment)(nil)
	_ encoding.TextUnmarshaler = (*Path)(nil)
	_ encoding.TextUnmarshaler = (*File)(nil)
	_ encoding.TextUnmarshaler = (*ImageMatch)(nil)
)

// transports are the words before a colon by which podman would read an image
// from the host's files or another engine, and which also fit the grammar of a
// reference.
var transports = []string{"dir", "oci", "oci-archive", "docker-archive", "docker-daemon",
	"containers-storage", "tarball", "sif", "ostree", "docker"}

func noTransport(s string) error {
	if before, _, ok := strings.Cut(s, ":"); ok && slices.Contains(transports, before) {
		return fmt.Errorf("%q names a transport, which would read it from somewhere else than a registry", s)
	}
	return nil
}

// UnmarshalText checks the reference's grammar, and that it names no transport.
func (v *Image) UnmarshalText(text []byte) error {
	s := string(text)
	if err := noTransport(s); err != nil {
		return err
	}
	ref, err := reference.ParseAnyReference(s)
	if err != nil {
		return fmt.Errorf("%q is no image: %w", s, err)
	}
	// The grammar takes an upper-case word before the first slash for a registry, podman does not.
	if named, ok := ref.(reference.Named); ok && !strings.ContainsAny(reference.Domain(named), ".:") && strings.ToLower(reference.Domain(named)) != reference.Domain(named) {
		return fmt.Errorf("%q is no image: names are lower-case", s)
	}
	*v = Image(s)
	return nil
}

// UnmarshalText refuses transports.
func (v *ImageMatch) UnmarshalText(text []byte) error {
	*v = ImageMatch(text)
	return noTransport(string(text))
}

// UnmarshalText bounds the value, which is free text.
func (v *Env) UnmarshalText(text []byte) error {
	*v = Env(text)
	if len(text) > 32<<10 {
		return fmt.Errorf("the value of %s is longer than 32 KiB", v.Key())
	}
	return nil
}

// Key is the variable's name.
func (v Env) Key() string { key, _, _ := strings.Cut(string(v), "="); return key }

// ownLabels are the namespaces by which podman, compose and this server know
// what is theirs.
var ownLabels = []string{"io.podman.", "io.podman-mcp.", "io.containers.", "com.docker.compose.", "run.oci."}

// UnmarshalText refuses keys of the engines' own namespaces.
func (v *Label) UnmarshalText(text []byte) error {
	for _, prefix := range ownLabels {
		if strings.HasPrefix(string(text), prefix) {
			return fmt.Errorf("%q: keys that begin with %s are kept for the engine", text, prefix)
		}
	}
	*v = Label(text)
	return nil
}

// UnmarshalText refuses keys of the engines' own namespaces.
func (v *PlainLabel) UnmarshalText(text []byte) error {
	*v = PlainLabel(text)
	return new(Label).UnmarshalText(text)
}

var volumeName = parse.Lazily(namePattern)

var volumeOptions = []string{"ro", "rw", "z", "Z", "nocopy", "noexec", "nodev", "nosuid"}

// UnmarshalText checks source, target and options.
func (v *Volume) UnmarshalText(text []byte) error {
	source, rest, _ := strings.Cut(string(text), ":")
	target, options, _ := strings.Cut(rest, ":")
	switch {
	case strings.HasPrefix(source, "/"):
		if path.Clean(source) != source {
			return fmt.Errorf("%q: the source must be written plainly, as %s", text, path.Clean(source))
		}
	case !volumeName().MatchString(source):
		return fmt.Errorf("%q: %q is neither an absolute path nor a volume's name", text, source)
	case noTransport(source+":") != nil:
		return noTransport(string(text))
	}
	if path.Clean(target) != target {
		return fmt.Errorf("%q: the target must be written plainly, as %s", text, path.Clean(target))
	}
	for _, no := range []string{"/", "/proc", "/sys", "/dev"} {
		if target == no || no != "/" && strings.HasPrefix(target, no+"/") {
			return fmt.Errorf("%q: nothing may be mounted on %s", text, target)
		}
	}
	if options != "" {
		for _, o := range strings.Split(options, ",") {
			if !slices.Contains(volumeOptions, o) {
				return fmt.Errorf("%q: option %q is none of %s", text, o, strings.Join(volumeOptions, ", "))
			}
		}
	}
	*v = Volume(text)
	return nil
}

// bytes is 0 where nothing, or no number, was given.
func (v Memory) bytes() int64 {
	if v == "" {
		return 0
	}
	n, err := strconv.ParseInt(string(v[:len(v)-1]), 10, 64)
	if err != nil {
		return 0
	}
	return n << (10 * strings.IndexByte("bkmg", v[len(v)-1]))
}

// UnmarshalText refuses a path that is not plain.
func (v *Path) UnmarshalText(text []byte) error {
	if clean := path.Clean(string(text)); clean != string(text) {
		return fmt.Errorf("%q must be written plainly, as %s", text, clean)
	}
	*v = Path(text)
	return nil
}

const maxPath = 4 << 10 // bytes; Linux takes no longer one

// UnmarshalText refuses transports and addresses, which compose providers would read.
func (v *File) UnmarshalText(text []byte) error {
	*v = File(text)
	if len(text) > maxPath {
		return fmt.Errorf("it is longer than the %d bytes that a path can have", maxPath)
	}
	if strings.Contains(string(text), "://") {
		return fmt.Errorf("%q is an address; a path on the server's machine is meant", text)
	}
	return noTransport(string(text))
}

// words turns kinds into plain strings.
func words[S ~string](list []S) []string {
	plain := make([]string, len(list))
	for i, s := range list {
		plain[i] = string(s)
	}
	return plain
}
