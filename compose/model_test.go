package compose

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

func loaded(t *testing.T, q request) *model {
	t.Helper()
	m, err := load(t.Context(), &exec.Runner{}, q)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestProjectName(t *testing.T) {
	const services = "services: {web: {image: x}}\n"
	for _, c := range []struct{ folder, file, env, parameter, want string }{
		{"shop", services, "", "", "shop"},
		{"My Shop 2.0", services, "", "", "myshop20"},
		{"_Shop-a_b", services, "", "", "shop-a_b"},
		{"shop", services, "COMPOSE_PROJECT_NAME=Other\n", "", "other"},
		{"shop", "name: own\n" + services, "COMPOSE_PROJECT_NAME=other\n", "", "own"},
		{"shop", "name: ${X}-y\n" + services, "X=x\n", "", "x-y"},
		{"shop", "name: own\n" + services, "COMPOSE_PROJECT_NAME=other\n", "given", "given"},
	} {
		dir := folder(t, c.folder, "compose.yaml", c.file, ".env", c.env)
		if m := loaded(t, request{file: dir, name: c.parameter}); m.name != c.want {
			t.Errorf("%+v: got %s", c, m.name)
		}
	}
	for _, name := range []string{"Upper", "a.b", "-x"} {
		_, err := load(t.Context(), &exec.Runner{}, request{file: folder(t, "shop", "compose.yaml", services), name: name})
		if f := asFailure(t, err); f.Code != parse.InvalidParams || f.Subject != "project_name" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWanted(t *testing.T) {
	text, err := os.ReadFile("../fixtures/compose/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t, "shop", "compose.yaml", string(text))
	for _, c := range []struct{ services, profiles, want string }{
		{"", "", "db web"},
		{"db", "", "db"},
		{"web", "", "db web"},
		{"", "debug", "db inspector web"},
		{"", "*", "db inspector seed web"},
		{"seed", "", "db seed"},
	} {
		m := loaded(t, request{file: dir, services: strings.Fields(c.services), profiles: strings.Fields(c.profiles)})
		if got := strings.Join(m.wanted(), " "); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
	env := folder(t, "shop", "compose.yaml", string(text), ".env", "COMPOSE_PROFILES=debug,tools\n")
	if got := strings.Join(loaded(t, request{file: env}).wanted(), " "); got != "db inspector seed web" {
		t.Errorf("COMPOSE_PROFILES: got %s", got)
	}
	for _, q := range []request{{services: []string{"wbe"}}, {profiles: []string{"dbug"}}} {
		q.file = dir
		_, err := load(t.Context(), &exec.Runner{}, q)
		if f := asFailure(t, err); f.Code != parse.InvalidParams || !strings.Contains(f.Message, "there are: d") {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func TestVariablesThatAreNotSet(t *testing.T) {
	t.Setenv("SERVER_SECRET", "s3cret")
	m := loaded(t, request{file: folder(t, "v", "compose.yaml",
		"services:\n  web:\n    image: x\n    environment:\n      A: $ONE-${TWO}-${THREE:-3}-${FOUR-4}-$$FIVE-${SET}-$SERVER_SECRET\n      SERVER_SECRET:\n", ".env", "SET=yes\n")})
	if got := strings.Join(m.unset, " "); got != "ONE TWO SERVER_SECRET" {
		t.Errorf("got %s", got)
	}
	environment := m.project.Services["web"].Environment
	if got := *environment["A"]; got != "--3-4-$FIVE-yes-" {
		t.Errorf("A is %s", got)
	}
	if value := environment["SERVER_SECRET"]; value != nil {
		t.Errorf("the server's variable came in: %s", *value)
	}
}

func TestSecretsAndFurtherLines(t *testing.T) {
	m := loaded(t, request{file: folder(t, "s", "compose.yaml", `services:
  web:
    image: x
    environment:
      DB_PASSWORD: hunter22
      PLAIN: plain value
      CERTIFICATE: "BEGIN\nfirst line\nEND!"
    labels: {note: "a\nb"}
    command: [sh, -c, "one\ntwo\nthree"]
    scale: 2
`)})
	if got := m.secrets(); !slices.Equal(got, []string{"first line", "hunter22", "BEGIN", "END!"}) {
		t.Errorf("secrets %q", got)
	}
	lines := m.furtherLines()
	want := map[string]int{"s_web_1": 5, "s-web-1": 5, "s_web_2": 5, "s-web-2": 5}
	if !maps.Equal(lines, want) {
		t.Errorf("lines %v", lines)
	}
}

func TestMistakes(t *testing.T) {
	const web = "services:\n  web:\n    image: x\n"
	for text, want := range map[string]string{
		"services:\n  web:\n    image: [x\n":  ":3: while parsing a flow sequence at line 3",
		web + "   bad: x\n":                   ":2: while parsing a block mapping at line 2, column 3: line 4",
		"services:\n\tweb: x\n":               ":2: ",
		web + "    imag: y\n":                 ":4: there is no key services.web.imag",
		"servces:\n  web: {}\n":               ":1: there is no key servces",
		web + "    ports: 3\n":                ":4: services.web.ports must be a",
		web + "    stop_grace_period: abc\n":  ":4: ",
		"services:\n  web:\n    command: x\n": `:2: service "web" has neither an image nor a build`,
		web + "    depends_on:\n      - db\n": `:5: service "web" depends on undefined service "db"`,
		web + "    depends_on: [b]\n  b:\n    image: x\n    depends_on: [web]\n": "dependency cycle detected",
		web + "    networks:\n      - foo\n":                                     `:5: service "web" refers to undefined network foo`,
		web + "    volumes:\n      - foo:/x\n":                                   `:5: service "web" refers to undefined volume foo`,
		web + "    env_file: nope.env\n":                                         ":4: env file ",
		web + "    env_file: bad.env\n":                                          ":4: ",
		web + "    environment:\n      A: ${X:?needs X}\n":                       ":5: error while interpolating services.web.environment.A",
		"services:\n  web:\n    image: ${X\n":                                    ":3: invalid interpolation format",
		web + "  web:\n    image: y\n":                                           ":4: mapping key \"web\" already defined",
		"services:\n  web:\n    extends: {file: nope.yml, service: x}\n":         ":3: ",
		"services:\n  web:\n    extends: {service: nosuch}\n":                    `:3: `,
		"include: [nope.yaml]\n" + web:                                           ":1: ",
		"include: [other.yaml]\n" + web:                                          "other.yaml",
		"services:\n":                                                            ":1: services must be a mapping",
		"services:\n  --detach:\n    image: x\n":                                 "begins with a dash",
		"- a\n":                                                                  "top-level object must be a mapping",
		"":                                                                       "empty compose file",
		web + "    profiles: [a]\n":                                              "starts no service",
		"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n": "with what its aliases stand for",
	} {
		dir := folder(t, "m", "compose.yaml", text, "bad.env", "%root secret\n", "other.yaml", "services: {web: {imag: x}}\n")
		_, err := load(t.Context(), &exec.Runner{}, request{file: dir})
		if err == nil {
			t.Errorf("no mistake in\n%s", text)
			continue
		}
		f := asFailure(t, err)
		if f.Code != parse.InvalidParams || !strings.Contains(f.Message, "compose.yaml") || !strings.Contains(f.Message, want) || strings.Contains(f.Message, "secret") {
			t.Errorf("got %s\nwant %s\nfor\n%s", f.Message, want, text)
		}
	}
}
