package tools

import (
	"encoding"
	"fmt"
	"net/netip"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/distribution/reference"
	"github.com/google/jsonschema-go/jsonschema"

	"podman-mcp/parse"
)

// The kinds of words that parameters are made of. Each is a type of its own,
// which carries its pattern into the schema and, where a pattern cannot say it
// all, checks the rest when it is decoded. A word of a kind is fit for podman's
// command line: it never begins with a dash and holds no control character.
type (
	// Container is a name, or an id of 12 to 64 hexadecimal digits.
	Container string
	// Name is the name of a volume, network, pod, project or service.
	Name string
	// Image is a reference such as docker.io/library/nginx:1.27, or an id.
	Image string
	// Platform is OS/ARCH or OS/ARCH/VARIANT.
	Platform string
	// Env is KEY=VALUE.
	Env string
	// Label is KEY=VALUE with a key outside of the engines' own namespaces.
	Label string
	// Port is [IP:]HOST:CONTAINER[/PROTOCOL].
	Port string
	// Volume is SOURCE:TARGET[:OPTIONS].
	Volume string
	// Restart is a restart policy.
	Restart string
	// Memory is a number with a unit.
	Memory string
	// Duration is Go's notation, such as 1m30s.
	Duration string
	// Moment is a point in time or how long ago it was.
	Moment string
	// User is USER[:GROUP], by name or number.
	User string
	// Path is absolute and clean.
	Path string
	// File is a path on the server's machine, relative to its folder or absolute.
	File string
	// NameMatch is a part of a name, or a regular expression of plain marks.
	NameMatch string
	// LabelMatch is KEY or KEY=VALUE.
	LabelMatch string
	// ImageMatch is a reference in which * stands for anything.
	ImageMatch string
	// IDMatch is the beginning of an id.
	IDMatch string
	// VolumeMatch is a volume's name or a mount's absolute target.
	VolumeMatch string
)

// kind says how a word is written: as a pattern for the schema and in words
// for an error.
type kind struct {
	of      reflect.Type
	pattern string
	takes   string
	code    parse.Code
}

// The patterns are plain enough to mean the same in Go and in ECMAScript.
const (
	namePattern  = `^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$`
	keyPattern   = `[A-Za-z0-9][A-Za-z0-9._/-]{0,127}`
	imagePattern = `^[a-zA-Z0-9][a-zA-Z0-9._/:@-]{0,511}$`
	digits       = `[0-9]{1,5}`
)

var kinds = []kind{
	{reflect.TypeFor[Container](), namePattern, "a container's name, or its id of at least 12 digits", parse.InvalidContainerName},
	{reflect.TypeFor[Name](), `^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}$`, "a name of at most 100 letters, digits, '_', '.' and '-', the first a letter or digit", ""},
	{reflect.TypeFor[Image](), imagePattern, "an image such as docker.io/library/nginx:1.27", ""},
	{reflect.TypeFor[Platform](), `^[a-z0-9]+/[a-z0-9]+(/[a-z0-9]+)?$`, "OS/ARCH or OS/ARCH/VARIANT, such as linux/arm64", ""},
	{reflect.TypeFor[Env](), `^[A-Za-z_][A-Za-z0-9_]{0,254}=`, "KEY=VALUE", ""},
	{reflect.TypeFor[Label](), `^` + keyPattern + `=`, "KEY=VALUE", ""},
	{reflect.TypeFor[Port](), `^(((\[[0-9a-fA-F:.]+\]|[0-9.]+):)?(` + digits + `(-` + digits + `)?)?:)?` + digits + `(-` + digits + `)?(/(tcp|udp|sctp))?$`,
		"HOST:CONTAINER, IP:HOST:CONTAINER or CONTAINER, each a port or a range, with /tcp, /udp or /sctp", ""},
	{reflect.TypeFor[Volume](), `^(/|[a-zA-Z0-9])[^:,]*:/[^:,]*(:[a-zA-Z,]+)?$`, "SOURCE:TARGET[:OPTIONS], where SOURCE is an absolute path or a volume's name", ""},
	{reflect.TypeFor[Restart](), `^(no|always|unless-stopped|on-failure(:[0-9]{1,4})?)$`, "no, always, unless-stopped, on-failure or on-failure:N", ""},
	{reflect.TypeFor[Memory](), `^[1-9][0-9]{0,14}[bkmg]$`, "a number and a unit of b, k, m or g, such as 512m", ""},
	{reflect.TypeFor[Duration](), `^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$`, "a duration such as 30s or 1m30s", ""},
	{reflect.TypeFor[Moment](), `^[0-9][0-9A-Za-z:.+-]{0,40}$`, "a duration such as 10m, a time such as 2026-01-02T15:04:05Z, or Unix seconds", ""},
	{reflect.TypeFor[User](), `^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,63}(:[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,63})?$`, "USER or USER:GROUP, by name or number", ""},
	{reflect.TypeFor[Path](), `^/[^\x00-\x1f\x7f]{0,4095}$`, "an absolute path", ""},
	{reflect.TypeFor[File](), `^[^-{\x00-\x1f\x7f][^\x00-\x1f\x7f]{0,4095}$`, "a path", ""},
	{reflect.TypeFor[NameMatch](), `^[a-zA-Z0-9^._*][a-zA-Z0-9_.^$*+?|-]{0,127}$`, "a part of a name, or a regular expression of letters, digits and ^ $ . * + ? |", ""},
	{reflect.TypeFor[LabelMatch](), `^` + keyPattern + `(=[^,{}\x00-\x1f\x7f]{0,255})?$`, "KEY or KEY=VALUE without commas or braces", ""},
	{reflect.TypeFor[ImageMatch](), `^[a-zA-Z0-9*][a-zA-Z0-9._/:@*-]{0,511}$`, "an image's name, in which * stands for anything", ""},
	{reflect.TypeFor[IDMatch](), `^[a-f0-9]{1,64}$`, "the first hexadecimal digits of an id", ""},
	{reflect.TypeFor[VolumeMatch](), `^(/[^,{}\x00-\x1f\x7f]{0,511}|[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127})$`, "a volume's name, or the absolute path that it is mounted on", ""},
}

func kindOf(pattern string) (kind, bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.pattern == pattern })
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}

// kindSchemas maps each kind to its schema, for jsonschema.For.
func kindSchemas() map[reflect.Type]*jsonschema.Schema {
	schemas := make(map[reflect.Type]*jsonschema.Schema, len(kinds))
	for _, k := range kinds {
		schemas[k.of] = &jsonschema.Schema{Type: "string", Pattern: k.pattern}
	}
	return schemas
}

// Kinds that a pattern cannot check to the end.
var (
	_ encoding.TextUnmarshaler = (*Image)(nil)
	_ encoding.TextUnmarshaler = (*Env)(nil)
	_ encoding.TextUnmarshaler = (*Label)(nil)
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
	if _, err := reference.ParseAnyReference(s); err != nil {
		return fmt.Errorf("%q is no image: %w", s, err)
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

var portParts = regexp.MustCompile(`^(?:(?:\[?([0-9a-fA-F:.]+?)\]?:)?([0-9-]*):)?([0-9-]+)(?:/(tcp|udp|sctp))?$`)

// UnmarshalText rebuilds the port from its checked parts. Without an address
// it binds 127.0.0.1: podman's own default opens the port to the network.
func (v *Port) UnmarshalText(text []byte) error {
	parts := portParts.FindStringSubmatch(string(text))
	if parts == nil {
		return fmt.Errorf("%q is no port", text)
	}
	address, host, container, protocol := parts[1], parts[2], parts[3], parts[4]
	if address == "" {
		address = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return fmt.Errorf("%q: %q is no IP address", text, address)
	}
	inside, err := portRange(container)
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	if host != "" {
		outside, err := portRange(host)
		if err != nil {
			return fmt.Errorf("%q: %w", text, err)
		}
		if outside != inside {
			return fmt.Errorf("%q: a range of %d ports cannot serve %d", text, outside, inside)
		}
	} else if inside != 1 {
		return fmt.Errorf("%q: a range needs its ports on the host", text)
	}
	address = ip.String()
	if ip.Is6() {
		address = "[" + address + "]"
	}
	*v = Port(address + ":" + host + ":" + container)
	if protocol != "" {
		*v += Port("/" + protocol)
	}
	return nil
}

// portRange returns how many ports N or N-M are.
func portRange(s string) (int, error) {
	from, to, ok := strings.Cut(s, "-")
	if !ok {
		to = from
	}
	a, errA := strconv.Atoi(from)
	b, errB := strconv.Atoi(to)
	if errA != nil || errB != nil || a < 1 || b > 65535 || b < a {
		return 0, fmt.Errorf("%s is no port or range from 1 to 65535", s)
	}
	return b - a + 1, nil
}

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
	case !regexp.MustCompile(namePattern).MatchString(source):
		return fmt.Errorf("%q: %q is neither an absolute path nor a volume's name", text, source)
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

// UnmarshalText refuses what Go's notation does not mean, and zero.
func (v *Duration) UnmarshalText(text []byte) error {
	*v = Duration(text)
	d, err := time.ParseDuration(string(text))
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is no duration above zero", text)
	}
	return nil
}

// Value is 0 where nothing was given.
func (v Duration) Value() time.Duration { d, _ := time.ParseDuration(string(v)); return d }

// UnmarshalText refuses what podman's --since does not read the same way in
// every version and subcommand, such as days or a time without a zone.
func (v *Moment) UnmarshalText(text []byte) error {
	*v = Moment(text)
	s := string(text)
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return nil
	}
	if _, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return nil
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && n > 1e8 && n < 1e11 && !strings.ContainsAny(s, "eExX") {
		return nil
	}
	return fmt.Errorf("%q is no duration above zero, no RFC 3339 time and no Unix time in seconds", s)
}

// UnmarshalText refuses a path that is not plain.
func (v *Path) UnmarshalText(text []byte) error {
	if clean := path.Clean(string(text)); clean != string(text) {
		return fmt.Errorf("%q must be written plainly, as %s", text, clean)
	}
	*v = Path(text)
	return nil
}

// UnmarshalText refuses transports and addresses, which compose providers would read.
func (v *File) UnmarshalText(text []byte) error {
	*v = File(text)
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
