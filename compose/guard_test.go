package compose

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/distribution/reference"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// refused loads a file that must be refused at once, and gives the reason.
func refused(t *testing.T, q request) *parse.Failure {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := load(ctx, &exec.Runner{}, q)
	if err == nil {
		t.Fatal("it was taken")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		t.Fatal("it took longer than 10 s")
	}
	f := asFailure(t, err)
	if f.Code != parse.InvalidParams {
		t.Errorf("%s: %v", f.Code, f)
	}
	return f
}

const web = "services:\n  web:\n    image: x\n"

func TestNoContentInMistakes(t *testing.T) {
	for name, content := range map[string]string{
		"passwords":       "root:*:20228:0:99999:7:::\ndaemon:$6$hashhash:20228:0:99999:7:::\n",
		"one":             "root:*:20228:0:99999:7::: x: hashhash\n",
		"a mapping":       "root:*:20228:0:99999: hashhash\n",
		"mappings":        "a: 1\n'root:*:20228 hashhash': 2\n'x hashhash': 3\n",
		"in quotes":       "services:\n  \"it's 'hashhash' x\": {image: x}\n",
		"no YAML":         "services: 'hashhash\n  x: \"\n",
		"a value":         "services:\n  web: 'has hashhash'\n",
		"another value":   web + "    ports: ['hashhash +:x']\n",
		"a variable":      web + "    user: ${has'hashhash\n",
		"a list":          "- hashhash: [1\n",
		"a tag":           "services: !<tag:hashhash/> {a: *hashhash+}\n",
		"an included one": "include: [x.txt]\n",
		"an extended one": "services: {web: {extends: {file: x.txt, service: web}}}\n",
		"an env file":     web + "    env_file: x.txt\n",
		"a variable file": web + "    env_file: y.txt\n",
	} {
		dir := folder(t, "s", "compose.yaml", content, "x.txt", "root:*:20228 hashhash:0:99999:7:::\nx: hash$hashhash ${hashhash\n", "y.txt", "X=${hashhash?a-hashhash\nY=\"${hashhash:\"\n")
		if f := refused(t, request{file: dir}); strings.Contains(f.Error(), "hashhash") && !strings.Contains(f.Error(), `"hashhash"`) {
			t.Errorf("%s: %s", name, f)
		}
	}
	dir := folder(t, "s", "shadow", "root:*:20228: 1\nx: 2\n")
	if f := refused(t, request{file: dir + "/shadow"}); !strings.Contains(f.Message, "is not a compose file") {
		t.Error(f)
	}
}

// What is no regular file, or a huge one, is refused wherever it is named.
func TestReferencedFiles(t *testing.T) {
	for name, text := range map[string]string{
		"env_file":         "services:\n  web:\n    image: x\n    env_file: FILE\n",
		"env_file, list":   "services:\n  web:\n    image: x\n    env_file: [{path: FILE, required: false}]\n",
		"label_file":       "services:\n  web:\n    image: x\n    label_file: [FILE]\n",
		"include":          "\n\n\ninclude: [FILE]\n",
		"include, path":    "\n\n\ninclude: [{path: [ok.yaml, FILE]}]\n",
		"include, env":     "\n\n\ninclude: [{path: ok.yaml, env_file: FILE}]\n",
		"extends":          "services:\n  web:\n    image: x\n    extends: {file: FILE, service: web}\n",
		"by a variable":    "services:\n  web:\n    image: x\n    env_file: ${NAMED}\n",
		"by an alias":      "x-a: &a\n  env_file: FILE\nservices:\n  web: *a\n",
		"by a merge":       "x-a: &a\n  env_file: FILE\nservices:\n  web: {image: x, <<: *a}\n",
		"further document": "services: {}\n---\nservices: {web: {image: x,\n env_file: FILE}}\n",
	} {
		for what, path := range map[string]string{"a device": "/dev/zero", "a pipe": "pipe", "too large": "large", "one that reads on": "reads.yaml"} {
			dir := folder(t, "r", "compose.yaml", strings.ReplaceAll(text, "FILE", path), ".env", "NAMED="+path+"\n",
				"ok.yaml", "services: {a: {image: x}}\n", "large", "services: {}\n"+strings.Repeat("#", maxFile))
			if what == "one that reads on" {
				if !strings.HasPrefix(name, "include") || strings.HasSuffix(name, "env") {
					continue
				}
				if err := os.WriteFile(dir+"/reads.yaml", []byte(web+"    env_file: pipe\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			makePipe(t, filepath.Join(dir, "pipe"))
			f := refused(t, request{file: dir, everything: true})
			if !strings.Contains(f.Message, "no regular file") && !strings.Contains(f.Message, "larger than 1 MiB") || !regexp.MustCompile(`\.yaml:\d`).MatchString(f.Message) {
				t.Errorf("%s is %s: %s", name, what, f.Message)
			}
		}
	}
	dir := folder(t, "e", "compose.yaml", "include: [sub/a.yaml]\n")
	if err := os.Mkdir(dir+"/sub", 0o700); err != nil {
		t.Fatal(err)
	}
	makePipe(t, dir+"/sub/.env")
	_ = os.WriteFile(dir+"/sub/a.yaml", []byte(web), 0o600)
	if f := refused(t, request{file: dir}); !strings.Contains(f.Message, "sub/.env is no regular file") {
		t.Error(f)
	}
}

// A file is read where the call may read it, however the compose file comes to
// it, and where an operator trusts compose files.
func TestReferencesAreAllowed(t *testing.T) {
	private := folder(t, "private", "app.env", "A=hashhash\n", "app.yaml", "services: {web: {image: x, labels: {a: hashhash}}}\n")
	denied := &parse.Failure{Code: parse.PolicyDenied, Message: "it is private"}
	allow := func(_, path string) error {
		if actual, err := filepath.EvalSymlinks(path); err == nil && strings.HasPrefix(actual, private) {
			return denied
		}
		return nil
	}
	for name, text := range map[string]string{
		"env_file":               web + "    env_file: PRIVATE/app.env\n",
		"env_file, a link":       web + "    env_file: link.env\n",
		"label_file":             web + "    label_file: [PRIVATE/app.env]\n",
		"extends":                "services: {web: {extends: {file: PRIVATE/app.yaml, service: web}}}\n",
		"include":                "include: [PRIVATE/app.yaml]\n",
		"include, env":           "include: [{path: ok.yaml, env_file: PRIVATE/app.env}]\n",
		"by a file of a file":    "include: [next.yaml]\n",
		".env that is a link":    web + "    labels: {a: '${A}'}\n",
		".env beside an include": "include: [sub/ok.yaml]\n",
	} {
		dir := folder(t, "r", "compose.yaml", strings.ReplaceAll(text, "PRIVATE", private), "ok.yaml", "services: {a: {image: x}}\n",
			"next.yaml", web+"    env_file: "+private+"/app.env\n")
		if err := os.Mkdir(dir+"/sub", 0o700); err != nil {
			t.Fatal(err)
		}
		links := map[string]string{"env_file, a link": "link.env", ".env that is a link": ".env", ".env beside an include": "sub/.env"}
		if err := os.WriteFile(dir+"/sub/ok.yaml", []byte("services: {a: {image: x}}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if link := links[name]; link != "" {
			if err := os.Symlink(private+"/app.env", filepath.Join(dir, link)); err != nil {
				t.Fatal(err)
			}
		}
		for _, everything := range []bool{false, true} {
			q := request{file: dir, allow: allow, everything: everything}
			if _, err := load(t.Context(), &exec.Runner{}, q); !errors.Is(err, denied) {
				t.Errorf("%s: got %v, want %v", name, err, denied)
			}
			q.permits = trusting(true)
			if _, err := load(t.Context(), &exec.Runner{}, q); err != nil {
				t.Errorf("%s, trusted: %v", name, err)
			}
		}
	}
}

func TestBombs(t *testing.T) {
	doubling := "V0=xxxxxxxxxx\n"
	for i := range 40 {
		doubling += fmt.Sprintf("V%d=$V%d${V%d}\n", i+1, i, i)
	}
	again := "A=x\n" + strings.Repeat("A=\"$A$A\"\n", 40)
	quoted := "V0=x\n" + strings.Repeat("V0='\nV1=${V0}${V0}'\nV0=\"$V0$V0\"\n", 40)
	many := "services:\n"
	for i := range 300 {
		many += fmt.Sprintf("  s%d: {image: x, ports: ['1-65535:1-65535']}\n", i)
	}
	chain := []string{"compose.yaml", "include: [f0.yaml]\n"}
	for i := range 15 {
		chain = append(chain, fmt.Sprintf("f%d.yaml", i), fmt.Sprintf("include: [f%d.yaml]\nservices: {s%d: {image: x}}\n", i+1, i))
	}
	files := web + "    env_file:\n"
	more := []string{}
	for i := range 120 {
		files += fmt.Sprintf("    - f%d\n", i)
		more = append(more, fmt.Sprintf("f%d", i), "A=b\n")
	}
	for name, c := range map[string]struct {
		want  string
		files []string
	}{
		".env that doubles":           {"larger than 1 MiB", []string{"compose.yaml", web, ".env", doubling}},
		".env that doubles one":       {"larger than 1 MiB", []string{"compose.yaml", web, ".env", again}},
		".env that doubles in quotes": {"larger than 1 MiB", []string{"compose.yaml", web, ".env", quoted}},
		"an env_file that doubles":    {"larger than 1 MiB", []string{"compose.yaml", web + "    env_file: e\n", "e", doubling}},
		"long .env":                   {"more than 10000 lines", []string{"compose.yaml", web, ".env", strings.Repeat("A=1\n", 20_000)}},
		"a large variable":            {"compose.yaml:6: with the values", []string{"compose.yaml", web + "    command:\n" + strings.Repeat("    - $BIG\n", 50_000), ".env", "BIG=" + strings.Repeat("x", 900_000)}},
		"outside of services":         {"larger than 1 MiB", []string{"compose.yaml", web + "x-a:\n" + strings.Repeat("- $BIG\n", 50_000), ".env", "BIG=" + strings.Repeat("x", 900_000)}},
		"a large text by its alias":   {"larger than 1 MiB", []string{"compose.yaml", "x-a: &a $$" + strings.Repeat("x", 100_000) + "\nx-b: [" + strings.Repeat("*a, ", 90) + "]\n" + web}},
		"variables in variables":      {"20 deep", []string{"compose.yaml", web + "    user: " + strings.Repeat("${A:-", 50) + strings.Repeat("}", 50) + "\n"}},
		"a circle":                    {"more than 200000 values", []string{"compose.yaml", "services:\n  web: &a\n    image: x\n    ports: &b [*b]\n    x-a: *a\n"}},
		"a circle of mappings":        {"more than 200000 values", []string{"compose.yaml", "services: &a\n  web: *a\n  more: {<<: *a}\n"}},
		"a circle of merges":          {"more than 200000 values", []string{"compose.yaml", "services:\n  web: &a\n    image: x\n    <<: *a\n"}},
		"a circle in include":         {"more than 200000 values", []string{"compose.yaml", "include: [{path: &b {'': *b}}]\n"}},
		"many mistakes":               {"invalid interpolation", []string{"compose.yaml", web + "    command:\n" + strings.Repeat("    - \"${'x'\"\n", 50_000)}},
		"a file named often":          {"more than 16 MiB", []string{"compose.yaml", web + "    env_file:\n" + strings.Repeat("    - e\n", 100_000), "e", strings.Repeat("#", maxFile)}},
		"scale":                       {"300000000 containers", []string{"compose.yaml", web + "    scale: 300000000\n"}},
		"replicas":                    {"300000000 containers", []string{"compose.yaml", web + "    deploy: {replicas: 300000000}\n"}},
		"services":                    {"more than 200 services", []string{"compose.yaml", many}},
		"ports":                       {"compose.yaml:5: services.web.ports has more than 1000", []string{"compose.yaml", web + "    ports:\n    - 1-65535:1-65535\n"}},
		"ports, many":                 {"services.web.ports has more than 1000", []string{"compose.yaml", web + "    ports: [" + strings.Repeat("'1-300:1-300',", 4) + "]\n"}},
		"ports by a variable":         {"services.web.ports has more than 1000", []string{"compose.yaml", web + "    ports: ['${P}']\n", ".env", "P=1-65535\n"}},
		"ports, long form":            {"services.web.ports has more than 1000", []string{"compose.yaml", web + "    ports: [{target: 80, published: 1-65535}]\n"}},
		"a deep chain":                {"deeper than 10", chain},
		"many files":                  {"more than 100 files", append(more, "compose.yaml", files)},
		"documents":                   {"more than 10 documents", []string{"compose.yaml", strings.Repeat("services: {}\n---\n", 1000)}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, "b", c.files...)
			if f := refused(t, request{file: dir}); !strings.Contains(f.Message, c.want) {
				t.Errorf("got %.300s\nwant %s", f.Message, c.want)
			}
		})
	}
}

// A loader that is busy does not keep a call past its end.
func TestLoadEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	// The question for the first file stands for a loader that takes long.
	begun, goOn := make(chan struct{}), make(chan struct{})
	defer close(goOn)
	busy := func(string, string) error {
		close(begun)
		<-goOn
		return why
	}
	go func() {
		<-begun
		cancel(why)
	}()
	ended := make(chan error, 1)
	go func() {
		_, err := load(ctx, &exec.Runner{}, request{file: folder(t, "c", "compose.yaml", web), allow: busy})
		ended <- err
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, why) {
			t.Errorf("got %v, want %v", err, why)
		}
	case <-time.After(10 * time.Second):
		t.Error("it went on")
	}
}

func TestOptionsInTheFile(t *testing.T) {
	for _, text := range []string{
		"services: {web: {image: --hooks-dir=/tmp/x}}",
		"services: {web: {image: '${X}'}}",
		"services: {web: {image: 'docker-archive:/tmp/x.tar'}}",
		"services: {web: {image: 'oci:x'}}",
		"services: {web: {image: 'dir:/x'}}",
		"services: {web: {image: ' --rm'}}",
		"services: {web: {image: x, container_name: -af}}",
		"services: {web: {image: x, container_name: a b}}",
		"services: {web: {image: x, user: --privileged}}",
		"services: {web: {image: x, user: '${X}'}}",
		"services: {web: {image: x, hostname: -x}}",
		"services: {web: {image: x, working_dir: -x}}",
		"services: {web: {image: x, restart: -x}}",
		"services: {web: {image: x, privileged: 'false'}}",
		"services: {web: {image: x, privileged: '${X:-false}'}}",
		"services: {web: {image: x, network_mode: -x}}",
		"services: {web: {image: x, ports: [-x]}}",
		"services: {web: {image: x, volumes: ['-x:/y']}}",
		"services: {web: {image: x, devices: [-x]}}",
		"services: {web: {image: x, tmpfs: -x}}",
		"services: {web: {image: x, labels: {-x: y}}}",
		"services: {web: {image: x, labels: [-x=y]}}",
		"services: {web: {image: x, environment: {-x: y}}}",
		"services: {web: {image: x, environment: [-x=y]}}",
		"services: {web: {image: x, networks: {a: {aliases: [-x]}}}}\nnetworks: {a: {}}",
		"services: {web: {image: x, healthcheck: {test: x, interval: -x}}}",
		"services: {web: {build: --volume=/:/x}}",
		"services: {web: {build: {context: ., dockerfile: -x}}}",
		"services: {web: {build: {context: ., target: -x}}}",
		"services: {web: {build: {context: ., args: {-x: y}}}}",
		"services: {-x: {image: x}}",
		"services: {web: {image: x, networks: [a]}}\nnetworks: {a: {name: --internal}}",
		"services: {web: {image: x, networks: [a]}}\nnetworks: {a: {name: a b}}",
		"services: {web: {image: x, networks: [a]}}\nnetworks: {a: {external: true, name: -x}}",
		"services: {web: {image: x, volumes: ['a:/x']}}\nvolumes: {a: {name: --all}}",
		"services: {web: {image: x, volumes: ['a:/x']}}\nvolumes: {a: {labels: [-x]}}",
		"services: {web: {image: x, secrets: [a]}}\nsecrets: {a: {file: -x}}",
	} {
		for _, everything := range []bool{false, true} {
			t.Run(text, func(t *testing.T) {
				_ = refused(t, request{file: folder(t, "o", "compose.yaml", text, ".env", "X=--privileged\n"), everything: everything})
			})
		}
	}
	loaded(t, request{file: folder(t, "o", "compose.yaml", `services:
  web:
    image: docker.io/library/alpine:3.20
    container_name: ${NAME}-web
    command: [-c, --x]
    entrypoint: [--x]
    environment: {A: -x, B: --y}
    labels: {a: -x}
    memswap_limit: -1
    oom_score_adj: -500
    healthcheck: {test: [CMD, -x]}
    build: {context: ., args: {CFLAGS: -O2}}
    sysctls: {net.x: -1}
    logging: {options: {a: -x}}
    ports: ["8000-8099:8000-8099", {target: 80, published: "9000"}]
    deploy: {resources: {limits: {memory: 1G}}}
networks: {default: {labels: {a: -x}, driver_opts: {o: -x}}}
volumes: {v: {driver_opts: {o: -x}}}
`, ".env", "NAME=shop\n")})
}

func TestImages(t *testing.T) {
	for _, s := range []string{"x", "alpine:3.20", "docker.io/library/alpine", "localhost:5000/a/b_c--d.e:T_1", "[::1]:5000/x",
		"x@sha256:" + strings.Repeat("ab", 32), "x:1@sha256:" + strings.Repeat("ab", 32), strings.Repeat("ab", 32),
		"", "-x", "a b", "x:", "a//b", "x@sha256:1", "a/-b", "http://x/y", "x:-y", "Upper"} {
		_, err := reference.ParseAnyReference(s)
		if got := isImage(s); got != (err == nil) {
			t.Errorf("%q: %v, and %v", s, got, err)
		}
	}
}

// The reader of podman-compose 1.0.3 takes .env otherwise, and lets it go before the environment: it gets no .env, but the
// values as they were checked.
func TestEnvThatReadersReadDifferently(t *testing.T) {
	t.Setenv("USER", "me")
	dir := folder(t, "shop", "compose.yaml", "services: {web: {image: '${USER}'}}\n", ".env", "USER=--hooks-dir=/tmp/x\n")
	if got := rendered(t, request{file: dir}, Provider{Name: "podman-compose"}); !strings.Contains(got, `"image": "me"`) {
		t.Errorf("it gets\n%s", got)
	}
}

// seen agrees with package exec, whose own words these are.
func TestSeenAgreesWithExec(t *testing.T) {
	source, err := os.ReadFile("../exec/environ.go")
	if err != nil {
		t.Fatal(err)
	}
	f := newFake(t, "podman")
	var names []string
	for _, match := range regexp.MustCompile(`"([A-Za-z_]+)"`).FindAllStringSubmatch(string(source), -1) {
		name := match[1]
		for _, name := range []string{name, strings.ToUpper(name), name + "X", "X" + name} {
			if strings.HasPrefix(name, "PATH") {
				continue
			}
			t.Setenv(name, "v")
			names = append(names, name)
		}
	}
	if !slices.Contains(names, "REGISTRY_AUTH_FILE") {
		t.Fatal("the source reads otherwise now")
	}
	result, err := f.runner().Run(t.Context(), exec.Podman("environ").Pulls())
	if err != nil {
		t.Fatal(err)
	}
	passed := strings.Split(string(result.Stdout), "\n")
	for _, name := range names {
		if got, want := seen(name), slices.Contains(passed, name+"=v"); got != want {
			t.Errorf("%s: seen %v, passed %v", name, got, want)
		}
	}
}
