package tools

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// TestKinds has for each kind words that it takes, with what they become where
// that is something else, and words that it refuses.
func TestKinds(t *testing.T) {
	hex := strings.Repeat("0123456789abcdef", 4)
	for _, test := range []struct {
		kind any
		good map[string]string
		bad  []string
	}{
		{new(Container), map[string]string{"web": "", "A.b_c-9": "", hex: "", strings.Repeat("a", 128): ""},
			[]string{"", "-a", ".a", "_a", "a b", "a/b", "é", strings.Repeat("a", 129), "web\n"}},
		{new(Name), map[string]string{"shop": "", "9": ""}, []string{"", "-", "a:b", "ns:/x", "container:x", "a,b", strings.Repeat("a", 101)}},
		{new(Image), map[string]string{"nginx": "", "docker.io/library/nginx:1.27": "", "localhost:5000/a/b@sha256:" + hex: "", hex: "", "0123456789ab": "", "oci/x": ""},
			[]string{"", "Nginx", "a:b:c", "a//b", "a@b", "dir:/x", "oci:x", "oci-archive:x", "docker-archive:/x", "docker://x", "docker-daemon:x", "containers-storage:x",
				"sif:x", "tarball:x", "ostree:x", "a b", "-a", "a:" + strings.Repeat("b", 200), "http://x/y"}},
		{new(Platform), map[string]string{"linux/amd64": "", "linux/arm/v7": ""}, []string{"linux", "linux/", "a/b/c/d", "Linux/amd64", "-a/b"}},
		{new(Env), map[string]string{"A=": "", "A_1=x=y": "", "A=a\nb": "", "A=-x": ""}, []string{"A", "=x", "1A=x", "A*=", "A B=x", ""}},
		{new(Variable), map[string]string{"TOKEN": "", "_a1": "", strings.Repeat("A", 255): ""}, []string{"", "1A", "A=x", "A B", "-A", "A-B", "é", "A\n", strings.Repeat("A", 256)}},
		{new(Label), map[string]string{"app=shop": "", "a.b/c-d=": "", "a=x,y": "", "a=b=c": ""},
			[]string{"app", "=x", "-a=b", "io.podman.x=1", "io.podman-mcp.call=1", "io.containers.autoupdate=x", "com.docker.compose.project=x", "run.oci.x=1", "a b=c"}},
		{new(PlainLabel), map[string]string{"app=shop": "", "a.b/c-d=": "", "a=b=c d": ""},
			[]string{"app", "=x", "-a=b", "a=b,c=d", "a=b,io.podman.x=1", `a="b"`, "a=b\nc", "io.podman.x=1", "com.docker.compose.project=x", "a=" + strings.Repeat("b", 5000)}},
		{new(IP), map[string]string{"10.89.7.5": "", "fd00::1": "", "0:0:0:0:0:0:0:1": "::1"}, []string{"", "10.89.7", "10.89.7.256", "10.89.7.5/24", "::ffff:10.0.0.1", "fe80::1%eth0", "web", "-1"}},
		{new(Subnet), map[string]string{"10.89.7.0/24": "", "10.89.7.5/24": "10.89.7.0/24", "fd00:7::/64": ""},
			[]string{"", "10.89.7.0", "10.89.7.0/33", "0.0.0.0/0", "10.89.7.0/-1", "::ffff:10.0.0.0/100", "10.89.7.0/24,10.89.8.0/24", "a/b"}},
		{new(Port), map[string]string{
			"80":                            "127.0.0.1::80",
			"8080:80":                       "127.0.0.1:8080:80",
			"0.0.0.0:8080:80":               "",
			"127.0.0.1::80":                 "",
			"8080:80/udp":                   "127.0.0.1:8080:80/udp",
			"8000-8002:80-82":               "127.0.0.1:8000-8002:80-82",
			"[::1]:8080:80":                 "",
			"[0:0:0:0:0:0:0:1]:8080:80":     "[::1]:8080:80",
			"[2001:db8::5]:1-2:3-4/sctp":    "",
			"65535:1":                       "127.0.0.1:65535:1",
			"[::ffff:10.0.0.1]:8080:80/tcp": "",
		}, []string{"", ":", "80:", ":80:80", "0:80", "80:0", "65536:80", "80:65536", "8000-8002:80", "8000:80-82", "80-82", "2-1:3-4", "1.2.3:80:80", "1.2.3.4.5:80:80",
			"256.1.1.1:80:80", "::1:80:80", "[::1:80:80", "host:80:80", "80:80/icmp", "80:80/TCP", "80:80,81:81", "80 :80", "-80:80", "+80:80", "80:80/tcp/udp", "[::1%eth0]:80:80", "1-2-3:1-2-3"}},
		{new(Volume), map[string]string{"data:/data": "", "/srv/x:/x:ro,z": "", "d:/a:Z,nocopy,noexec,nodev,nosuid": "", "/srv/a b:/x y": ""},
			[]string{"", "data", "data:", "data:rel", "rel/x:/x", "./x:/x", "../x:/x", "~/x:/x", "-a:/x", "/srv/../etc:/x", "/srv/:/x", "/srv//x:/x", "d:/", "d:/proc", "d:/proc/x",
				"d:/sys", "d:/dev/x", "d:/x/", "d:/x/..", "d:/x:suid", "d:/x:ro,,z", "d:/x:ro:z", "d:/x:U", "d:/x:O", "a,b:/x", "d:/x,y", "::", "/:"}},
		{new(Restart), map[string]string{"no": "", "always": "", "unless-stopped": "", "on-failure": "", "on-failure:3": ""}, []string{"", "yes", "on-failure:", "on-failure:-1", "always:1", "Always"}},
		{new(Memory), map[string]string{"512m": "", "1g": "", "1b": ""}, []string{"", "0m", "512", "512mb", "1.5g", "-1m", "512M", "1g "}},
		{new(Duration), map[string]string{"30s": "", "1m30s": "", "1.5h": "", "250ms": ""}, []string{"", "0s", "-1s", "30", "1d", "s", "1h 1m", "infinity"}},
		{new(Patience), map[string]string{"30s": "", "1m30s": "", "10m": "", "250ms": ""}, []string{"", "0s", "-1s", "30", "11m", "100h", "2562047h47m16s"}},
		{new(Moment), map[string]string{"10m": "", "2026-01-02T15:04:05Z": "", "2026-01-02T15:04:05.123+02:00": "", "1795400000": "", "1795400000.5": ""},
			[]string{"", "0", "1", "1d", "yesterday", "2026-01-02", "2026-01-02T15:04:05", "-10m", "1e10", "0x1p40", "99999999999999"}},
		{new(User), map[string]string{"0": "", "1000:1000": "", "www-data:www-data": "", "_x": ""}, []string{"", ":", "a:", ":a", "a:b:c", "-a", "a b", "a,b"}},
		{new(Path), map[string]string{"/": "", "/a b/c": "", "/a=b,c": ""}, []string{"", "a", "./a", "/a/", "/a/../b", "//a", "/a\n", "/a\x00"}},
		{new(File), map[string]string{"compose.yaml": "", "../x/y.yml": "", "/srv/x": "", "a:b": ""}, []string{"", strings.Repeat("a", 4097), "-", "-f", "{{.}}", "http://x/y", "git://x", "oci:x", "docker-archive:/x", "a\nb"}},
		{new(NameMatch), map[string]string{"web": "", "^web$": "", "a|b": "", ".*": "", "web-1": ""}, []string{"", "-a", "a,b", "a=b", "a b", "{{.}}", "(a)", "[a]", `a\d`}},
		{new(LabelMatch), map[string]string{"app": "", "app=shop": "", "app=": "", "a.b/c=d e=f": ""}, []string{"", "=x", "-a", "a=b,c=d", "a={{.}}", "a b", "a=\n"}},
		{new(ImageMatch), map[string]string{"nginx": "", "*/nginx*": "", "localhost/*:1": ""}, []string{"", "-a", "a,b", "oci:x", "dir:/x", "{{.}}", "a b", "!a"}},
		{new(IDMatch), map[string]string{"a": "", hex: ""}, []string{"", "g", "A", "-a", hex + "0", "a,b"}},
		{new(Unused), map[string]string{"containers": "", "images": "", "networks": "", "volumes": ""}, []string{"", "-a", "all", "pods", "images,volumes"}},
		{new(VolumeMatch), map[string]string{"data": "", "/data": "", "/a b=c": ""}, []string{"", "-a", "./a", "a/b", "a,b", "/a,b", "/{{.}}", "a=b"}},
		{new(Signal), map[string]string{"KILL": "", "SIGKILL": "", "HUP": "", "SIGUSR1": ""}, []string{"", "kill", "9", "SIG", "RTMIN+1", "KILL ", "-9", "NOPE"}},
		{new(Swap), map[string]string{"-1": "", "1g": ""}, []string{"", "-2", "-1m", "-1 ", "0", "1", "--all"}},
		{new(Change), map[string]string{"ENV A=b c": "", `CMD ["a", "b"]`: "", "USER -x": "", "WORKDIR /x": ""},
			[]string{"", "ENV", "ENV ", "env A=b", "RUN true", "ONBUILD RUN true", "LABEL a=b", "COPY a b", "FROM x", " ENV A=b", "ENV A=b\nRUN true", "ENV\tA=b", "CMD=x"}},
	} {
		name := reflect.TypeOf(test.kind).Elem().Name()
		t.Run(name, func(t *testing.T) {
			for word, becomes := range test.good {
				got, err := read(t, test.kind, word)
				if becomes == "" {
					becomes = word
				}
				if err != "" || got != becomes {
					t.Errorf("%q: got %q (%s), want %q", word, got, err, becomes)
				}
			}
			for _, word := range test.bad {
				if got, err := read(t, test.kind, word); err == "" {
					t.Errorf("%q is taken, as %q", word, got)
				}
			}
		})
	}
	if got := len(kinds); got != 29 {
		t.Errorf("there are %d kinds; a new one belongs into this table", got)
	}
}

// read reads word as a parameter of the kind that kind points to.
func read(t *testing.T, kind any, word string) (got, failure string) {
	t.Helper()
	raw, err := json.Marshal(word)
	if err != nil {
		t.Fatal(err)
	}
	of := reflect.TypeOf(kind).Elem()
	schema := kindSchemas()[of]
	if f := newParams(schema).check(schema, "word", raw); f != nil {
		return "", f.Message
	}
	value := reflect.New(of)
	if u, ok := value.Interface().(encoding.TextUnmarshaler); ok {
		err = u.UnmarshalText([]byte(word))
	} else {
		err = json.Unmarshal(raw, value.Interface())
	}
	if err != nil {
		return "", err.Error()
	}
	return value.Elem().String(), ""
}
