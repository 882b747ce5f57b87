package tools

import (
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// generator makes arguments of a tool from its schema.
type generator struct {
	*rand.Rand
	files []string // paths of files and folders that are there
	dir   string   // where new ones may be made
}

// good are words of each kind that a call may hold, by the kind's name.
func good() map[string][]string {
	return map[string][]string{
		"Container": {"web", "h2-web", "db", "shop_web_1", "0123456789abcdef", "a.b-c"},
		"Name":      {"data", "h2-vol", "shop", "default", "none", "n-1", "web"},
		"Image": {"localhost/podman-mcp-test:latest", "alpine", "docker.io/library/nginx:1.27", "registry.example.com/web:1",
			"registry.example.com:5000/a/b@sha256:" + strings.Repeat("ab", 32), strings.Repeat("0a", 32)},
		"Platform":    {"linux/amd64", "linux/arm64/v8", "linux/arm64"},
		"Variable":    {"KEY", "_x1"},
		"Env":         {"KEY=value", "EMPTY=", "A=b=c", "LIST=a,b", "LINES=a\nb", "FLAG=--privileged", "T={{.ID}}"},
		"Label":       {"key=value", "a.b/c=d", "list=a,b", "k=", "flag=--all", "t={{.}}"},
		"PlainLabel":  {"key=value", "a.b/c=d", "k="},
		"IP":          {"10.89.7.5", "fd00::5", "FD00:0::0:6"},
		"Subnet":      {"10.89.7.0/24", "fd00:1::/64", "10.89.7.9/24"},
		"Port":        {"8080:80", "80", "127.0.0.1:1-3:4-6/udp", "[::1]:80:80", "127.0.0.1::80/tcp"},
		"Volume":      {"data:/data", "data:/a b:ro,z", "h2-vol:/x:nocopy"},
		"Restart":     {"no", "always", "unless-stopped", "on-failure", "on-failure:3"},
		"Memory":      {"512m", "1g", "65536k"},
		"Duration":    {"30s", "1m30s", "1.5h"},
		"Patience":    {"1s", "100ms"},
		"Moment":      {"10m", "2026-01-02T15:04:05Z", "1767366245"},
		"User":        {"root", "1000:1000", "nobody:nogroup"},
		"Path":        {"/data", "/a b/c", "/tmp/x,y", "/-rf", "/{{.}}"},
		"NameMatch":   {"web", "^shop.*$", "a|b", "w?"},
		"LabelMatch":  {"key", "key=value", "a.b/c=d e"},
		"ImageMatch":  {"alpine", "docker.io/*", "*:latest"},
		"IDMatch":     {"0a", "0123456789ab"},
		"VolumeMatch": {"data", "/data"},
		"Unused":      {"containers", "networks", "images", "volumes"},
		"Signal":      {"KILL", "SIGTERM"},
		"Swap":        {"-1", "1g"},
		"Change":      {"CMD /bin/sh -c true", "ENV KEY=VALUE", "USER root", "EXPOSE 80", `ENTRYPOINT ["a", "--b"]`},
	}
}

// hostile are words, and pieces of words, that would be more than a value where
// podman, a shell, a file system or a reader of JSON looked at them otherwise.
func hostile() []string {
	return []string{"-", "--", "-a", "-af", "-it", "--all", "--help", "--privileged", "--url=tcp://evil", "--volume=/:/host", "--hooks-dir=/x", "--runtime=/x",
		"-v/:/host", "-f", "--format={{.}}", "--", "a,b", ",", ",0.0.0.0:1:1", "127.0.0.1:1:80,0.0.0.0:2:81", ",src=/", "=", "a=b", "=x", "a=--b",
		"\n", "a\nb", "\r\n--all", "\t", "\x00", "a\x00b", "\x1b[31m", "\u0085", "\u2028", "\ufeff", "\u202e", "ａｌｌ", "−−all", "\u00ad", "😀", "é", "é",
		" ", "  ", "a b", " --all", "a --all", "'", `"`, `'; rm -rf /'`, "`id`", "$(id)", "$HOME", "${PATH}", "%s%n", `\`, `\\`, "{{", "{{.}}", "{{json .}}", "}}", "{}", "[]", "*", "?",
		"~", "~/.ssh", "/", "//", "/etc/passwd", "../../etc/passwd", "..", ".", "./-x", "/proc/self/root", "/run/podman/podman.sock",
		"oci:", "oci:x", "oci:/etc", "dir:/etc", "docker-archive:/etc/passwd", "containers-storage:x", "docker://x", "docker-daemon:x", "oci-archive:x", "sif:x",
		"ostree:x", "tarball:x", "http://evil/x", "git://x", "container:web", "ns:/proc/1/ns/net", "host", "none", "private", "all", "latest", "true", "0", "-1", "null",
		"unix:///run/podman/podman.sock", "ssh://x", "name=x", "label=a=b", "id=1", "::", ":", "a:b", "a:b:c", "/:/host", "/etc:/x:ro", "a:/b:z,exec", "x@y", "#", ";", "|", "&", "!", "@/etc/passwd", "@"}
}

// word makes one string for a place in a schema.
func (g *generator) word(s *jsonschema.Schema, bad bool) string {
	k, _ := kindOf(s.Pattern)
	var some []string
	if k.of != nil {
		some = good()[k.of.Name()]
	}
	switch {
	case len(s.Enum) > 0:
		some = nil
		for _, v := range s.Enum {
			if word, ok := v.(string); ok {
				some = append(some, word)
			}
		}
	case k.of != nil && k.of.Name() == "File":
		some = append(slices.Clone(g.files), filepath.Join(g.dir, "new"+string(rune('a'+g.IntN(26)))))
	case some == nil:
		some = []string{"text", "a line\nand another", "x: y", "-", "^a+$"}
	}
	fine := some[g.IntN(len(some))]
	if !bad {
		return fine
	}
	evil := hostile()[g.IntN(len(hostile()))]
	switch g.IntN(12) {
	case 0, 1, 2, 3:
		return evil
	case 4, 5:
		return evil + fine
	case 6, 7:
		return fine + evil
	case 8, 9:
		at := g.IntN(len(fine) + 1)
		return fine[:at] + evil + fine[at:]
	case 10:
		return evil + hostile()[g.IntN(len(hostile()))]
	}
	if g.IntN(50) == 0 {
		return strings.Repeat("a", 33<<10)
	}
	return fine + strings.Repeat("x", g.IntN(600))
}

// value makes one value for a schema.
func (g *generator) value(s *jsonschema.Schema, bad bool) any {
	if bad && g.IntN(40) == 0 { // of another type
		return []any{nil, true, 1, 1.5, "x", []any{}, []any{nil}, map[string]any{}, map[string]any{"--all": true}}[g.IntN(9)]
	}
	switch s.Type {
	case "object":
		record := map[string]any{}
		for _, name := range s.PropertyOrder {
			if g.IntN(3) == 0 || slices.Contains(s.Required, name) {
				record[name] = g.value(s.Properties[name], bad)
			}
		}
		return record
	case "array":
		list := []any{}
		for range 1 + g.IntN(3) {
			list = append(list, g.value(s.Items, bad))
		}
		return list
	case "boolean":
		return g.IntN(2) == 0
	case "integer", "number":
		low, high := 0, 100
		if s.Minimum != nil {
			low = int(*s.Minimum)
		}
		if s.Maximum != nil {
			high = int(min(*s.Maximum, 1<<20))
		}
		if bad {
			return []any{low - 1, 1 << 53, -1, 0.5, 1e300}[g.IntN(5)]
		}
		return low + g.IntN(max(high-low, 1))
	}
	return g.word(s, bad)
}

// arguments are those of an example, with some of the tool's parameters made
// anew; where bad, at least one of those is hostile.
func (g *generator) arguments(s *jsonschema.Schema, example json.RawMessage, bad bool) (json.RawMessage, error) {
	record := map[string]any{}
	if err := json.Unmarshal(example, &record); err != nil {
		return nil, err
	}
	if names := s.PropertyOrder; len(names) > 0 {
		for n := range 1 + g.IntN(3) {
			name := names[g.IntN(len(names))]
			record[name] = g.value(s.Properties[name], bad && (n == 0 || g.IntN(2) == 0))
		}
	}
	return json.Marshal(record)
}

// stringsOf are all the strings in a value, its numbers as they are written, and
// its lists as JSON.
func stringsOf(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		text, err := compact(v)
		if err != nil {
			panic(err) // it was read from JSON
		}
		list := []string{string(text)}
		for _, item := range v {
			list = append(list, stringsOf(item)...)
		}
		return list
	case map[string]any:
		var list []string
		for _, item := range v {
			list = append(list, stringsOf(item)...)
		}
		return list
	case json.Number:
		return []string{v.String()}
	}
	return nil
}
