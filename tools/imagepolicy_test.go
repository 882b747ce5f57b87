package tools

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

func TestImagePolicyNames(t *testing.T) {
	const digest = "@sha256:9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0"
	for _, of := range []struct {
		policy   ImagePolicy
		yes, not []string
	}{
		{ImagePolicy{}, []string{"docker.io/library/nginx", "evil.example/x"}, nil},
		{ImagePolicy{Images: []string{"docker.io/library/*", "quay.io/team/web:1.*"}},
			[]string{"docker.io/library/nginx", "docker.io/nginx:1", "index.docker.io/library/nginx", "docker.io/library/nginx" + digest, "quay.io/team/web:1.2"},
			[]string{"docker.io/evil/nginx", "docker.io/library/x/y", "quay.io/team/web", "quay.io/team/web:2", "quay.io/team/web:1.2" + digest, "localhost/nginx",
				"evil.example/docker.io/library/nginx", "docker.io.evil.example/library/nginx"}},
		{ImagePolicy{Images: []string{"quay.io/**", "localhost/*", "docker.io/library/alpine" + digest}},
			[]string{"quay.io/a/b/c:1", "localhost/app", "docker.io/library/alpine" + digest, "docker.io/library/alpine:9" + digest},
			[]string{"xquay.io/a", "localhost:5000/app", "docker.io/library/alpine", "docker.io/library/alpine:9"}},
		{ImagePolicy{Registries: []string{"quay.io", "localhost:5000"}},
			[]string{"quay.io/a/b", "localhost:5000/x", "localhost/x"}, []string{"docker.io/library/nginx", "quay.io:443/a", "quay.io.evil.example/a", "QUAY.IO.x/a"}},
		{ImagePolicy{Images: []string{"**"}, Registries: []string{"quay.io"}}, []string{"quay.io/a"}, []string{"docker.io/library/a"}},
		{ImagePolicy{Images: []string{"docker.io/l.brary/nginx"}}, nil, []string{"docker.io/library/nginx"}},
	} {
		for _, name := range of.yes {
			if err := of.policy.named("image", name); err != nil {
				t.Errorf("%+v: %v", of.policy, err)
			}
		}
		for _, name := range of.not {
			var f *parse.Failure
			if err := of.policy.named("image", name); !errors.As(err, &f) || f.Code != parse.PolicyDenied && f.Code != parse.InvalidParams {
				t.Errorf("%+v allows %s: %v", of.policy, name, err)
			}
		}
	}
}

func TestBases(t *testing.T) {
	for text, want := range map[string]string{
		"FROM a.io/b\nFROM scratch\n": "a.io/b",
		"FROM a.io/b AS one\nFROM one\nCOPY --from=one /x /x\nCOPY --from=0 /x /x\n": "a.io/b",
		"FROM late\nFROM a.io/b AS late\n":                                           "late a.io/b",
		"from --platform=$P \\\n a.io/b as one\nFROM one\n":                          "a.io/b",
		"FROM 0\n":                             "0",
		"FROM a.io/b\nCOPY --from=c.io/d /x /": "a.io/b c.io/d",
		"FROM a.io/b\nRUN --mount=from=c.io/d,target=/x true\nRUN --mount=type=bind,from=e.io/f,target=/x true": "a.io/b c.io/d e.io/f",
		"ARG V=1\nFROM a.io/b:${V}":                      "a.io/b:1",
		"FROM a.io/b:${V:-2}":                            "a.io/b:2",
		"ARG B=a.io/b\nARG B=a.io/b\nFROM $B":            "a.io/b",
		"ARG B=c.io/d\nFROM $B\nARG B=a.io/b\n":          "c.io/d",
		"FROM a.io/b\nARG X=c.io/d\nFROM ${X:-e.io/f}\n": "a.io/b e.io/f",
		"FROM ${GIVEN:-c.io/d}\n":                        "c.io/d",
		"FROM a.io/b AS C.IO/D\nFROM c.io/d":             "a.io/b c.io/d",
		"FROM a.io/b\"\"evil":                            "?",
		"FROM a.io/b\nCOPY --fr\"o\"m=c.io/d / /":        "?",
		"ARG X=''c.io/d\nFROM ${X:-a.io/b}":              "?",
		"ARG A=a.io/b\nARG B=$A:1\nFROM $B":              "a.io/b:1",
		"ARG GIVEN\nFROM $GIVEN":                         "given.io/x",
		"FROM a.io/b-$TARGETARCH":                        "?",
		"FROM a.io/b AS s\nARG S=s\nCOPY --from=$S / /":  "?",
		"FROM ${B}":         "?",
		"FROM ${B:+c.io/d}": "?",
		"ARG GIVEN=a.io/b\nFROM $GIVEN\n# FROM no\n": "given.io/x",
	} {
		list, ok := bases(text, []Env{"GIVEN=given.io/x"})
		got := strings.Join(list, " ")
		if !ok {
			got = "?"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestImagesRefused calls every tool that names an image, with a podman that is
// not there: what is refused never came to it.
func TestImagesRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("Dockerfile", "FROM evil.example/base\n")
	archive := write("a.tar", "x")
	compose := func(name, service string) string {
		return write(name+".yaml", "services:\n  web:\n    "+strings.ReplaceAll(service, "\n", "\n    ")+"\n")
	}
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: evil.example/x}]}\n"
	calls := []struct {
		tool       string
		parameters map[string]any
	}{
		{"podman_run", map[string]any{"image": "evil.example/x"}},
		{"podman_pull", map[string]any{"image": "evil.example/x:1"}},
		{"podman_search", map[string]any{"term": "evil.example/x"}},
		{"podman_search", map[string]any{"term": "x"}},
		{"podman_manifest_push", map[string]any{"name": "l", "destination": "evil.example/x:1"}},
		{"podman_manifest_add", map[string]any{"name": "l", "image": "evil.example/x:1"}},
		{"podman_manifest_create", map[string]any{"name": "l", "images": []string{"evil.example/x:1"}}},
		{"podman_manifest_inspect", map[string]any{"name": "evil.example/x:1"}},
		{"podman_build", map[string]any{"containerfile": "FROM evil.example/x\n"}},
		{"podman_build", map[string]any{"containerfile": "FROM evil\n"}},
		{"podman_build", map[string]any{"containerfile": "ARG B=good.example/x\nFROM $B\n", "build_args": []string{"B=evil.example/x"}}},
		{"podman_build", map[string]any{"containerfile": "FROM scratch\nCOPY --from=evil.example/x /a /a\n"}},
		{"podman_build", map[string]any{"containerfile": "FROM scratch\n", "tags": []string{"evil.example/x"}}},
		{"podman_build", map[string]any{"context": dir}},
		{"podman_farm_build", map[string]any{"context": dir, "tag": "good.example/x"}},
		{"podman_commit", map[string]any{"container": "c", "image": "evil.example/x"}},
		{"podman_tag", map[string]any{"image": "evil.example/x", "tags": []string{"good.example/x"}}},
		{"podman_tag", map[string]any{"image": "good.example/x", "tags": []string{"evil.example/x"}}},
		{"podman_load", map[string]any{"file": archive}},
		{"podman_kube_play", map[string]any{"yaml": pod}},
		{"podman_quadlet_install", map[string]any{"name": "x.container", "content": "[Container]\nImage=evil.example/x\n"}},
		{"podman_compose_up", map[string]any{"file": compose("image", "image: evil.example/x")}},
		{"podman_compose_up", map[string]any{"file": compose("short", "image: evil")}},
		{"podman_compose_up", map[string]any{"file": compose("build", "build: .")}},
		{"podman_compose_up", map[string]any{"file": compose("args", "build:\n  context: .\n  args: {B: evil.example/x}\n  dockerfile_inline: |\n    ARG B=good.example/x\n    FROM $$B")}},
		{"podman_compose_build", map[string]any{"file": compose("inline", "build: {context: ., dockerfile_inline: FROM evil.example/x}")}},
		{"podman_compose_pull", map[string]any{"file": compose("pull", "image: evil.example/x")}},
	}
	for _, policy := range []ImagePolicy{{Images: []string{"good.example/**"}, Registries: []string{"good.example"}}, {Registries: []string{"good.example"}}, {Images: []string{"good.example/**"}}, {}} {
		for _, allowed := range [][]string{nil, {RawCompose}} {
			host := &Host{Runner: &exec.Runner{Podman: "/nonexistent/podman"}, Images: policy, Policy: Policy{Allowed: allowed}, Roots: Roots{dir}, Units: filepath.Join(dir, "units")}
			for _, call := range calls {
				_, err := host.Do(t.Context(), call.tool, call.parameters)
				var f *parse.Failure
				if !errors.As(err, &f) {
					t.Errorf("%s %v: %v", call.tool, call.parameters, err)
					continue
				}
				denied := f.Code == parse.PolicyDenied
				// Where a name is pushed to or given is the registries' to say.
				names := slices.Contains([]string{"podman_search", "podman_manifest_push", "podman_commit"}, call.tool) || call.parameters["tags"] != nil && call.parameters["image"] != "evil.example/x"
				want := !policy.empty() && (!names || len(policy.Registries) > 0)
				if denied != want {
					t.Errorf("%+v: %s %v: %v", policy, call.tool, call.parameters, f)
				}
				if denied && !strings.Contains(f.Error(), "--images") && !strings.Contains(f.Error(), "--registries") {
					t.Errorf("%s %v names no flag: %v", call.tool, call.parameters, f)
				}
			}
		}
	}
}
