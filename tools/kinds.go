package tools

import (
	"reflect"
	"slices"

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
	// Variable is the name of an environment variable.
	Variable string
	// Env is KEY=VALUE.
	Env string
	// Label is KEY=VALUE with a key outside of the engines' own namespaces.
	Label string
	// PlainLabel is a Label that podman before 5 cannot split: it takes a comma
	// in a volume's label for the end of one label and the begin of the next.
	PlainLabel string
	// IP is an address.
	IP string
	// Subnet is an address and how many bits of it are the network's.
	Subnet string
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
	// Patience is a Duration of at most ten minutes.
	Patience string
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
	// Unused is a sort of things that may be removed where nothing needs them.
	Unused string
	// Signal is a signal's name, with or without SIG.
	Signal string
	// Swap is a Memory, or -1 for no limit.
	Swap string
	// Change is an instruction of a Containerfile that changes no file.
	Change string
)

// kind says how a word is written: as a pattern for the schema and in words
// for an error.
type kind struct {
	of      reflect.Type
	pattern string
	takes   string
	code    parse.Code
}

// The patterns are plain enough to mean the same in Go and in ECMAScript, and
// short: every session reads each as often as it stands in a schema.
const (
	namePattern  = `^[a-zA-Z0-9][\w.-]{0,127}$`
	keyPattern   = `[a-zA-Z0-9][\w./-]{0,127}`
	imagePattern = `^[a-zA-Z0-9][\w./:@-]{0,511}$`
	digits       = `\d{1,5}`
)

var kinds = []kind{
	{reflect.TypeFor[Container](), namePattern, "a name of letters, digits, '_', '.' and '-', the first a letter or digit, or an id of at least 12 digits", parse.InvalidContainerName},
	{reflect.TypeFor[Name](), `^[a-zA-Z0-9][\w.-]{0,99}$`, "a name of at most 100 letters, digits, '_', '.' and '-', the first a letter or digit", ""},
	{reflect.TypeFor[Image](), imagePattern, "an image such as docker.io/library/nginx:1.27", ""},
	{reflect.TypeFor[Platform](), `^[a-z0-9]+/[a-z0-9]+(/[a-z0-9]+)?$`, "OS/ARCH or OS/ARCH/VARIANT, such as linux/arm64", ""},
	{reflect.TypeFor[Variable](), `^[A-Za-z_]\w{0,254}$`, "a variable's name of letters, digits and '_', the first no digit", ""},
	{reflect.TypeFor[Env](), `^[A-Za-z_]\w{0,254}=`, "KEY=VALUE", ""},
	{reflect.TypeFor[Label](), `^` + keyPattern + `=`, "KEY=VALUE", ""},
	{reflect.TypeFor[PlainLabel](), `^` + keyPattern + `=[^,"\x00-\x1f\x7f]{0,1000}$`, "KEY=VALUE without commas and quotes", ""},
	{reflect.TypeFor[IP](), `^[0-9a-fA-F:.]{2,45}$`, "an IP address", ""},
	{reflect.TypeFor[Subnet](), `^[0-9a-fA-F:.]{2,45}/[0-9]{1,3}$`, "ADDRESS/BITS, such as 10.89.7.0/24", ""},
	{reflect.TypeFor[Port](), `^(((\[[0-9a-fA-F:.]+\]|[0-9.]+):)?(` + digits + `(-` + digits + `)?)?:)?` + digits + `(-` + digits + `)?(/(tcp|udp|sctp))?$`,
		"HOST:CONTAINER, IP:HOST:CONTAINER or CONTAINER, each a port or a range, with /tcp, /udp or /sctp", ""},
	{reflect.TypeFor[Volume](), `^(/|[a-zA-Z0-9])[^:,]*:/[^:,]*(:[a-zA-Z,]+)?$`, "SOURCE:TARGET[:OPTIONS], where SOURCE is an absolute path or a volume's name", ""},
	{reflect.TypeFor[Restart](), `^(no|always|unless-stopped|on-failure(:[0-9]{1,4})?)$`, "no, always, unless-stopped, on-failure or on-failure:N", ""},
	{reflect.TypeFor[Memory](), `^[1-9][0-9]{0,14}[bkmg]$`, "a number and a unit of b, k, m or g, such as 512m", ""},
	{reflect.TypeFor[Duration](), `^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$`, "a duration such as 30s or 1m30s", ""},
	{reflect.TypeFor[Patience](), `^(\d+(\.\d+)?(ms|s|m))+$`, "a duration of at most 10m, such as 30s or 1m30s", ""},
	{reflect.TypeFor[Moment](), `^\d[\w:.+-]{0,40}$`, "a duration such as 10m, a time such as 2026-01-02T15:04:05Z, or Unix seconds", ""},
	{reflect.TypeFor[User](), `^\w[\w.-]{0,63}(:\w[\w.-]{0,63})?$`, "USER or USER:GROUP, by name or number", ""},
	{reflect.TypeFor[Path](), `^/[^\x00-\x1f\x7f]*$`, "an absolute path", ""},
	{reflect.TypeFor[File](), `^[^-{\x00-\x1f\x7f][^\x00-\x1f\x7f]*$`, "a path", ""},
	{reflect.TypeFor[NameMatch](), `^[\w^.*][\w.^$*+?|-]{0,127}$`, "a part of a name, or a regular expression of letters, digits and ^ $ . * + ? |", ""},
	{reflect.TypeFor[LabelMatch](), `^` + keyPattern + `(=[^,{}\x00-\x1f\x7f]{0,255})?$`, "KEY or KEY=VALUE without commas or braces", ""},
	{reflect.TypeFor[ImageMatch](), `^[a-zA-Z0-9*][\w./:@*-]{0,511}$`, "an image's name, in which * stands for anything", ""},
	{reflect.TypeFor[IDMatch](), `^[a-f0-9]{1,64}$`, "the first hexadecimal digits of an id", ""},
	{reflect.TypeFor[Unused](), `^(containers|networks|images|volumes)$`, "containers, networks, images or volumes", ""},
	{reflect.TypeFor[VolumeMatch](), `^(/[^,{}\x00-\x1f\x7f]{0,511}|[a-zA-Z0-9][\w.-]{0,127})$`, "a volume's name, or the absolute path that it is mounted on", ""},
	{reflect.TypeFor[Signal](), `^(SIG)?(ABRT|ALRM|CONT|HUP|INT|KILL|PIPE|QUIT|STOP|TERM|TSTP|TTIN|TTOU|USR1|USR2|WINCH)$`, "a signal's name such as KILL, TERM, HUP, INT or USR1", ""},
	{reflect.TypeFor[Swap](), `^(-1|[1-9][0-9]{0,14}[bkmg])$`, "a number and a unit of b, k, m or g, such as 1g, or -1 for no limit", ""},
	{reflect.TypeFor[Change](), `^(CMD|ENTRYPOINT|ENV|EXPOSE|STOPSIGNAL|USER|VOLUME|WORKDIR) [^\x00-\x1f\x7f]+$`,
		"an instruction CMD, ENTRYPOINT, ENV, EXPOSE, STOPSIGNAL, USER, VOLUME or WORKDIR with its value, such as ENV KEY=VALUE", ""},
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
