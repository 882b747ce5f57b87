package compose

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"podman-mcp/parse"
)

// shopFake is a machine where the services of fixtures/compose/shop.yaml come up.
func shopFake(t *testing.T, version string) (*fake, string) {
	t.Helper()
	f := newFake(t, "podman", "podman-compose")
	f.says("podman-compose.version", version)
	f.says("podman.compose-version", version)
	f.says("podman.ps", "[]")
	f.says("podman.ps.after", ps(row("shop", "db", "shop_db_1", "running", 0, ""), row("shop", "web", "shop_web_1", "running", 0, ""),
		row("shop", "inspector", "shop_inspector_1", "running", 0, ""), row("other", "web", "other_web_1", "exited", 1, "")))
	return f, shopFolder(t)
}

func shopFolder(t *testing.T) string {
	t.Helper()
	text, err := read("file", "../fixtures/compose/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return folder(t, "shop", "compose.yaml", string(text), "other.env", "DB_PASSWORD=a=b\n")
}

func TestUpCommandLine(t *testing.T) {
	for name, c := range map[string]struct {
		version string
		choice  Choice
		o       UpOptions
		want    string
	}{
		"some services are off": {says103, Auto, UpOptions{Detach: true},
			"podman-compose --podman-path=PODMAN --file=compose.yaml --podman-path=PRIVATE/podman --project-name=shop --podman-run-args=--http-proxy=false up --detach -- db web"},
		"all services": {says103, Auto, UpOptions{Detach: true, Build: true, Profiles: []string{"debug", "tools"}},
			"podman-compose --podman-path=PODMAN --file=compose.yaml --podman-path=PRIVATE/podman --project-name=shop --podman-run-args=--http-proxy=false up --detach --build"},
		"a new podman-compose": {says150, Auto, UpOptions{Detach: true, Profiles: []string{"debug"}, Project: "mine"},
			"podman-compose --podman-path=PODMAN --file=compose.yaml --podman-path=PRIVATE/podman --project-name=mine --profile=debug --podman-run-args=--http-proxy=false up --detach -- db inspector web"},
		"a service of a profile": {says150, Auto, UpOptions{Services: []string{"inspector"}},
			"podman-compose --podman-path=PODMAN --file=compose.yaml --podman-path=PRIVATE/podman --project-name=shop --profile=debug --podman-run-args=--http-proxy=false up -- inspector"},
		"docker-compose": {saysDocker, Podman, UpOptions{Detach: true, EnvFile: "other.env"},
			"podman compose --file=compose.yaml --project-directory=DIR --env-file=PRIVATE/1.env --project-name=shop up --detach -- db web"},
	} {
		t.Run(name, func(t *testing.T) {
			f, dir := shopFake(t, c.version)
			c.o.File = dir
			if c.o.EnvFile != "" {
				c.o.EnvFile = filepath.Join(dir, c.o.EnvFile)
			}
			_, _ = Up(t.Context(), f.runner(), c.choice, c.o, quiet)
			got := f.called("podman-compose --podman-path="+f.dir+"/podman --file", "podman compose --file")
			want := strings.NewReplacer("PODMAN", f.dir+"/podman", "DIR", dir).Replace(c.want)
			if !slices.Equal(got, []string{want}) {
				t.Errorf("got %q\nwant %q", got, want)
			}
		})
	}
}

func TestUpResult(t *testing.T) {
	f, dir := shopFake(t, says103)
	var lines []string
	f.says("podman-compose.up", "podman run --name=shop_db_1 -e DB_PASSWORD=changeme x\nmade with changeme\n")
	out, err := Up(t.Context(), f.runner(), Auto, UpOptions{File: dir, Detach: true}, func(line string) { lines = append(lines, line) })
	if err != nil {
		t.Fatal(err)
	}
	if out.Project != "shop" || out.File != filepath.Join(dir, "compose.yaml") || out.Provider != "podman-compose 1.0.3" || out.Note != "" {
		t.Errorf("%+v", out)
	}
	want := []string{"podman run shop_db_1", "made with ***"}
	if !slices.Equal(lines, want) || out.Output != strings.Join(want, "\n") {
		t.Errorf("lines %q, output %q", lines, out.Output)
	}
	if len(out.Services) != 2 || out.Services[0].Container != "shop_db_1" || out.Services[1].State != "running" {
		t.Errorf("services %+v", out.Services)
	}
}

func TestUpFails(t *testing.T) {
	for name, c := range map[string]struct {
		version, up, ps string // what up prints, and ps afterwards
		code            parse.Code
		says            []string
	}{
		"a service has no container": {says103,
			"podman run --name=shop_db_1 -d x\nid\nexit code: 0\npodman run --name=shop_web_1 -d y\nError: initializing source docker://y:latest: pinging container registry 127.0.0.1:1: connection refused\nexit code: 125\npodman start shop_web_1\nError: no container with name or ID \"shop_web_1\" found: no such container\n",
			ps(row("shop", "db", "shop_db_1", "running", 0, "")), parse.ComposeFailed,
			[]string{"1 of 2 services did not come up: web: the registry 127.0.0.1:1 does not answer", "REGISTRY_UNREACHABLE"}},
		"one has ended": {says103, "", ps(row("shop", "db", "shop_db_1", "exited", 3, ""), row("shop", "web", "shop_web_1", "exited", 0, "")),
			parse.ComposeFailed, []string{"db: shop_db_1 has ended with status 3", "podman_logs shop_db_1"}},
		"one was not started": {says103, "", ps(row("shop", "db", "shop_db_1", "created", 0, ""), row("shop", "web", "shop_web_1", "running", 0, "")),
			parse.ComposeFailed, []string{"db: shop_db_1 is created"}},
		"a build failed and the old image runs": {says103, "podman build -t x .\nError: building at STEP \"COPY a b\": no such file or directory\n",
			ps(row("shop", "db", "shop_db_1", "running", 0, ""), row("shop", "web", "shop_web_1", "running", 0, "")),
			parse.ComposeFailed, []string{"an image could not be built", "COPY a b"}},
		"a name that is another project's": {says103, "", ps(row("other", "db", "shop_db_1", "running", 0, "")), parse.NameInUse,
			[]string{"shop_db_1", "belongs to the project other"}},
	} {
		t.Run(name, func(t *testing.T) {
			f, dir := shopFake(t, c.version)
			f.says("podman-compose.up", c.up)
			f.says("podman.ps.after", c.ps)
			if c.code == parse.NameInUse {
				f.says("podman.ps", c.ps)
			}
			out, err := Up(t.Context(), f.runner(), Auto, UpOptions{File: dir, Detach: true}, quiet)
			if err == nil {
				t.Fatalf("no error: %+v", out)
			}
			failure := asFailure(t, err)
			if failure.Code != c.code {
				t.Errorf("code %s", failure.Code)
			}
			for _, word := range c.says {
				if !strings.Contains(failure.Error(), word) {
					t.Errorf("%q does not say %q", failure.Error(), word)
				}
			}
			if c.code == parse.NameInUse && len(f.called("podman-compose --podman-path="+f.dir+"/podman --file")) > 0 {
				t.Error("the provider has run")
			}
		})
	}
}

// The status of a newer provider counts too: it is honest.
func TestUpProviderFails(t *testing.T) {
	f, dir := shopFake(t, says150)
	f.says("podman-compose.up.fails", "Error: something broke\n")
	_, err := Up(t.Context(), f.runner(), Auto, UpOptions{File: dir, Detach: true}, quiet)
	if failure := asFailure(t, err); failure.Code != parse.ComposeFailed || failure.ExitCode != 125 || !strings.Contains(failure.Message, "something broke") {
		t.Errorf("%+v", failure)
	}
}
