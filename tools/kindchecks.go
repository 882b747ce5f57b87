package tools

import (
	"encoding"
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

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

// UnmarshalText rebuilds the address, which may have no zone.
func (v *IP) UnmarshalText(text []byte) error {
	ip, err := netip.ParseAddr(string(text))
	if err != nil || ip.Zone() != "" || ip.Is4In6() {
		return fmt.Errorf("%q is no IP address", text)
	}
	*v = IP(ip.String())
	return nil
}

// UnmarshalText cuts the address to the network's own: of 10.89.7.5/24 podman
// takes 10.89.7.0/24.
func (v *Subnet) UnmarshalText(text []byte) error {
	subnet, err := netip.ParsePrefix(string(text))
	if err != nil || subnet.Bits() == 0 || subnet.Addr().Is4In6() {
		return fmt.Errorf("%q is no subnet", text)
	}
	*v = Subnet(subnet.Masked().String())
	return nil
}

// holds tells whether ip lies in the subnet.
func (v Subnet) holds(ip IP) bool {
	subnet, errSubnet := netip.ParsePrefix(string(v))
	addr, errAddr := netip.ParseAddr(string(ip))
	return errSubnet == nil && errAddr == nil && subnet.Contains(addr)
}

var portParts = parse.Lazily(`^(?:(?:\[?([0-9a-fA-F:.]+?)\]?:)?([0-9-]*):)?([0-9-]+)(?:/(tcp|udp|sctp))?$`)

// UnmarshalText rebuilds the port from its checked parts. Without an address
// it binds 127.0.0.1: podman's own default opens the port to the network.
func (v *Port) UnmarshalText(text []byte) error {
	parts := portParts().FindStringSubmatch(string(text))
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

// maxPatience bounds what one call may hold: podman runs a few such at a time.
const maxPatience = 10 * time.Minute

// UnmarshalText refuses zero and more than ten minutes.
func (v *Patience) UnmarshalText(text []byte) error {
	*v = Patience(text)
	if d := v.Value(); d <= 0 || d > maxPatience {
		return fmt.Errorf("%q is not above zero and at most %s", text, maxPatience)
	}
	return nil
}

// Value is 0 where nothing was given.
func (v Patience) Value() time.Duration { d, _ := time.ParseDuration(string(v)); return d }

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

// point is the moment itself; a duration is so long ago.
func (v Moment) point(now time.Time) time.Time {
	if d, err := time.ParseDuration(string(v)); err == nil {
		return now.Add(-d)
	}
	if at, err := time.Parse(time.RFC3339Nano, string(v)); err == nil {
		return at
	}
	seconds, _ := strconv.ParseFloat(string(v), 64) // UnmarshalText lets nothing else through
	return time.Unix(int64(seconds), 0)
}

// until is v as podman's --until reads it: there a duration lies in the future,
// and an hour ago is -1h.
func (v Moment) until() string {
	if _, err := time.ParseDuration(string(v)); err == nil {
		return "-" + string(v)
	}
	return string(v)
}

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
