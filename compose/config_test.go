package compose

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"podman-mcp/exec"
)

// What is secret does not leave, wherever in the file it stands or came from.
func TestResolveMasks(t *testing.T) {
	t.Setenv("XDG_API_TOKEN", "fromtheserver")
	dir := folder(t, "shop", "compose.yaml", `
services:
  web:
    image: x
    command: [serve, --password, inthecommand, "--url=http://me:inaurl@host/", "$DB_PASSWORD"]
    environment: {DB_PASSWORD: "$DB_PASSWORD", EMPTY_PASSWORD: "", PASSWORD_FILE: /run/secrets/pw, LIST: "a $DB_PASSWORD b"}
    env_file: [private.env]
    label_file: [private.env]
    labels: {app.secret: inalabel, colour: green}
    build: {context: ., args: {NPM_TOKEN: inanargument, TOKEN_TTL: "60"}}
    healthcheck: {test: [CMD, curl, -H, "Authorization: Bearer inaheader123"]}
    secrets: [pw]
    configs: [settings, fromenv]
secrets:
  pw: {environment: DB_PASSWORD}
configs:
  settings: {content: "password=insettings\ncolour=blue"}
  fromenv: {environment: XDG_API_TOKEN}
x-shared: {nested: [{api_key: 12345678}], deep: {client_secret: [inalist]}, enabled: true}
`, ".env", "DB_PASSWORD=fromdotenv\n", "private.env", "COLOUR=ofmoney\n")
	out, err := Resolve(t.Context(), &exec.Runner{}, FileOptions{File: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"inthecommand", "inaurl", "fromdotenv", "ofmoney", "inalabel", "inanargument", "inaheader", "fromtheserver", "insettings", "12345678", "inalist"} {
		if strings.Contains(out.YAML, secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	for _, plain := range []string{"private.env", "EMPTY_PASSWORD: \"\"", "/run/secrets/pw", "colour: green", `TOKEN_TTL: "60"`, "colour=blue", "a *** b", "enabled: true", "source: pw"} {
		if !strings.Contains(out.YAML, plain) {
			t.Errorf("%s is not shown", plain)
		}
	}
	if t.Failed() {
		t.Log(out.YAML)
	}
}

func TestResolveServices(t *testing.T) {
	dir := shopFolder(t)
	for name, c := range map[string]struct {
		o    FileOptions
		want string
	}{
		"all that would run":         {FileOptions{}, "db web"},
		"with a profile":             {FileOptions{Profiles: []string{"debug"}}, "db inspector web"},
		"one and what it depends on": {FileOptions{Services: []string{"seed"}}, "db seed"},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.File = dir
			out, err := Resolve(t.Context(), &exec.Runner{}, c.o)
			if err != nil || strings.Join(out.Services, " ") != c.want {
				t.Errorf("got %v, %v; want %s", out.Services, err, c.want)
			}
		})
	}
}

// A file that the operator keeps closed is not read, by whatever way it was named.
func TestAllow(t *testing.T) {
	dir := folder(t, "shop", "compose.yaml", "services: {web: {build: {context: inside, dockerfile: ../../other/Containerfile}}}\n", "some.env", "A=b\n")
	for name, closed := range map[string]string{"the file of a folder": "compose.yaml", "its variables": "some.env", "what it builds from": "inside", "how it builds": "Containerfile"} {
		t.Run(name, func(t *testing.T) {
			refusal := errors.New("refused")
			o := FileOptions{File: dir, EnvFile: filepath.Join(dir, "some.env"), Allow: func(_, path string) error {
				if !filepath.IsAbs(path) {
					t.Errorf("asked for %s, which is not absolute", path)
				}
				if filepath.Base(path) == closed {
					return refusal
				}
				return nil
			}}
			if _, err := Build(t.Context(), &exec.Runner{Podman: "/nonexistent/podman"}, Auto, BuildOptions{FileOptions: o}, quiet); !errors.Is(err, refusal) {
				t.Errorf("build: %v", err)
			}
		})
	}
}
