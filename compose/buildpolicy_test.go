package compose

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"podman-mcp/parse"
)

// What may not be built is neither built nor brought up, unless the operator
// trusts compose files.
func TestBuildsThatAreRefused(t *testing.T) {
	private := folder(t, "private", "shadow", "root:x\n")
	allow := func(_, path string) error {
		if actual, err := filepath.EvalSymlinks(path); err == nil && strings.HasPrefix(actual, private) {
			return &parse.Failure{Code: parse.PolicyDenied, Message: "it is private"}
		}
		return nil
	}
	harmless := func(_ context.Context, parameter, path, text string, _ map[string]string) error {
		if strings.HasSuffix(path, ".in") || strings.Contains(text, "FROM dir:") {
			return &parse.Failure{Code: parse.PolicyDenied, Message: parameter + ": it does harm"}
		}
		return nil
	}
	for name, c := range map[string]struct{ build, why string }{
		"a folder":                       {"., labels: {a: b}", ""},
		"a file beside it":               {"., dockerfile: own", ""},
		"a file outside of the folder":   {"./sub, dockerfile: ../own", ""},
		"a file that is not there":       {"., dockerfile: none", ""},
		"text":                           {"., dockerfile_inline: FROM scratch", ""},
		"an argument like an image":      {"., args: {B: 'docker:27'}", ""},
		"a private folder":               {"PRIVATE", "private"},
		"a private file":                 {"., dockerfile: PRIVATE/shadow", "private"},
		"a private file by dots":         {"., dockerfile: DOTS/shadow", "private"},
		"a private file by a link":       {"., dockerfile: link", "private"},
		"a further private folder":       {"., additional_contexts: {x: PRIVATE}", "private"},
		"a private secret":               {"., secrets: [key]", "private"},
		"the preprocessor":               {"., dockerfile: own.in", "services.web.build.dockerfile: it does harm"},
		"a transport":                    {"., dockerfile: harm", "it does harm"},
		"a transport in text":            {"., dockerfile_inline: 'FROM dir:/x'", "services.web.build.dockerfile_inline: it does harm"},
		"a file that is found":           {"./found", "it does harm"},
		"a transport by an argument":     {"., args: {B: 'dir:/x'}", "services.web.build.args.B"},
		"a transport by another context": {"., additional_contexts: {x: 'docker-image://dir:/x'}", "additional_contexts.x"},
		"an address":                     {"https://example.com/x.git", "services.web.build.context"},
		"the host's network":             {"., network: host", "services.web.build.network"},
		"privileges":                     {"., privileged: true", "services.web.build.privileged"},
		"the keys of an agent":           {"., ssh: [default]", "services.web.build.ssh"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, "shop", "own", "FROM scratch\n", "own.in", "FROM scratch\n", "harm", "FROM dir:/x\n", "Dockerfile", "FROM scratch\n")
			for _, sub := range []string{"sub", "found"} {
				if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range []string{"Containerfile", "Dockerfile"} { // which one is taken is the provider's choice
				if err := os.WriteFile(filepath.Join(dir, "found", name), []byte(map[string]string{"Containerfile": "FROM dir:/x\n", "Dockerfile": "FROM scratch\n"}[name]), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(filepath.Join(private, "shadow"), filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
			dots, err := filepath.Rel(dir, private)
			if err != nil {
				t.Fatal(err)
			}
			text := "services: {web: {build: {context: " + strings.NewReplacer("PRIVATE", private, "DOTS", dots).Replace(c.build) + "}}}\n"
			if strings.Contains(c.build, "secrets") {
				text += "secrets: {key: {file: " + private + "/shadow}}\n"
			}
			file := filepath.Join(dir, "compose.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			for verb, run := range map[string]func(f *fake, trust bool) error{
				"up": func(f *fake, trust bool) error {
					_, err := Up(t.Context(), f.runner(), Auto, UpOptions{File: file, Detach: true, Allow: allow, Permits: trusting(trust), Harmless: harmless}, quiet)
					return err
				},
				"build": func(f *fake, trust bool) error {
					o := BuildOptions{FileOptions: FileOptions{File: file, Allow: allow, Permits: trusting(trust)}, Harmless: harmless}
					_, err := Build(t.Context(), f.runner(), Auto, o, quiet)
					return err
				},
			} {
				for _, trust := range []bool{false, true} {
					if trust && name != "a transport" && name != "an address" { // two stand for all
						continue
					}
					f := newFake(t, "podman", "podman-compose")
					f.says("podman-compose.version", says150)
					f.says("podman.ps", ps())
					f.says("podman-compose.up.fails", "Error: enough\n") // so that nothing waits for containers
					f.says("podman.image-inspect.fails", "Error: shop_web: image not known\n")
					err, ran := run(f, trust), len(f.called("podman-compose --podman-path="+f.dir+"/podman --file")) > 0
					var failure *parse.Failure
					switch {
					case c.why == "" || trust:
						if !ran {
							t.Errorf("%s, trust %v: it did not run: %v", verb, trust, err)
						}
					case ran:
						t.Errorf("%s: it ran", verb)
					case !errors.As(err, &failure) || failure.Code != parse.PolicyDenied || !strings.Contains(failure.Message, c.why):
						t.Errorf("%s: got %v, want %s: %s", verb, err, parse.PolicyDenied, c.why)
					}
				}
			}
		})
	}
}
