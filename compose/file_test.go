package compose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

func TestLocate(t *testing.T) {
	all := folder(t, "all", "compose.yaml", "", "compose.yml", "", "docker-compose.yml", "", "docker-compose.yaml", "", "own.yml", "")
	yml := folder(t, "yml", "docker-compose.yaml", "", "compose.yml", "")
	none := folder(t, "none", "podman-compose.yaml", "")
	link := filepath.Join(none, "link.yaml")
	if err := os.Symlink(filepath.Join(all, "own.yml"), link); err != nil {
		t.Skip(err)
	}
	for path, want := range map[string]string{
		all: filepath.Join(all, "compose.yaml"), yml: filepath.Join(yml, "compose.yml"),
		filepath.Join(all, "own.yml"): filepath.Join(all, "own.yml"), link: filepath.Join(all, "own.yml"),
		none: "INVALID_PARAMS", filepath.Join(all, "missing.yml"): "INVALID_PARAMS", os.DevNull: "INVALID_PARAMS",
	} {
		got, err := locate(path)
		if err != nil {
			got = string(asFailure(t, err).Code)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	t.Chdir(yml)
	if got, err := locate(""); err != nil || got != filepath.Join(yml, "compose.yml") {
		t.Errorf("the server's folder: %s, %v", got, err)
	}
}

func TestVariables(t *testing.T) {
	dir := folder(t, "v", ".env", "GREETING=hello\nTWICE=$GREETING$GREETING\n", "other.env", "GREETING=other\n", "bad.env", "%root secret\n")
	t.Setenv("SERVER_SECRET", "s3cret")
	t.Setenv("PASSED_ON", "yes")
	t.Setenv("USER", "me")
	r := &exec.Runner{Pass: []string{"PASSED_ON"}}
	vars, err := variables(r, dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"GREETING": "hello", "TWICE": "hellohello", "SERVER_SECRET": "", "PASSED_ON": "yes", "USER": "me"} {
		if vars[key] != want {
			t.Errorf("%s: got %q, want %q", key, vars[key], want)
		}
	}
	vars, err = variables(r, dir, filepath.Join(dir, "other.env"), nil)
	if err != nil || vars["GREETING"] != "other" || vars["TWICE"] != "" {
		t.Errorf("another file: %v, %v", vars, err)
	}
	_, err = variables(r, dir, filepath.Join(dir, "bad.env"), nil)
	if f := asFailure(t, err); f.Code != parse.InvalidParams || strings.Contains(f.Error(), "secret") {
		t.Errorf("a bad file: %v", err)
	}
	_, err = variables(r, dir, filepath.Join(dir, "missing.env"), nil)
	if f := asFailure(t, err); f.Code != parse.InvalidParams || f.Subject != "env_file" {
		t.Errorf("no file: %v", err)
	}
}

func TestFilesAreBounded(t *testing.T) {
	dir := folder(t, "big", "compose.yaml", strings.Repeat("#", maxFile+1))
	_, err := read("file", filepath.Join(dir, "compose.yaml"))
	if f := asFailure(t, err); !strings.Contains(f.Message, "1 MiB") {
		t.Error(err)
	}
}
