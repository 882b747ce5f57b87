package compose

import (
	"errors"
	"os"
	"strings"
	"testing"

	"podman-mcp/parse"
)

// TestAlike: what podman-compose starts or reads in a way of its own is refused before it runs.
func TestAlike(t *testing.T) {
	elsewhere := folder(t, "b", "x.yaml", "services: {c: {image: x, volumes: [\"../../etc:/mnt\"]}}\n")
	const web = "services:\n  web: {image: x"
	for name, files := range map[string][]string{
		"no replicas":             {web + ", depends_on: [evil]}\n  evil: {image: x, scale: 0, privileged: true}\n"},
		"not of the profile":      {web + ", depends_on: {evil: {condition: service_started, required: false}}}\n  evil: {image: x, profiles: [p], devices: [/dev/kvm]}\n"},
		"open ports nobody wants": {web + "}\n  evil: {image: x, scale: 0, ports: [\"0.0.0.0:81:80\"]}\n"},
		"another user's home":     {web + ", volumes: [\"~bin/:/mnt\"]}\n"},
		"propagation":             {web + ", volumes: [{type: bind, source: ./x, target: /mnt, bind: {propagation: \"O,upperdir=/x\"}}]}\n"},
		"another folder":          {web + "}\n  b: {extends: {file: " + elsewhere + "/x.yaml, service: c}}\n"},
		"a variable elsewhere":    {web + "}\n  b: {extends: {file: x.yaml, service: c}}\n", "x.yaml", "services: {c: {image: \"${COMPOSE_FILE:-x}\"}}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f, _ := shopFake(t, says103)
			dir := folder(t, "a", append([]string{"compose.yaml"}, files...)...)
			_, err := Up(t.Context(), f.runner(), Auto, UpOptions{File: dir, Detach: true}, quiet)
			var failure *parse.Failure
			if !errors.As(err, &failure) || failure.Code != parse.PolicyDenied {
				t.Errorf("got %v", err)
			}
			if ran := f.called("podman-compose --podman-path=" + f.dir + "/podman --file"); len(ran) > 0 {
				t.Errorf("ran %q", ran)
			}
		})
	}
}

// TestNoVariables: podman-compose sets variables of its own, and has other rules for defaults. It gets a file without any.
func TestNoVariables(t *testing.T) {
	for text, want := range map[string]string{
		"./${COMPOSE_FILE:-x}":        `"./x"`,
		"./${PYTHONUNBUFFERED:-x}":    `"./x"`,
		"./${A:-a$$b}":                `"./a$$b"`,
		"./${A:-${B-x}}":              `"./x"`,
		"plain":                       "plain",
		"a: >\n    folded\n      $$x": `"folded\n  $$x\n"`,
	} {
		dir := folder(t, "n", "compose.yaml", "services:\n  web:\n    image: x\nx-note: "+strings.TrimPrefix(text, "a: ")+"\nx-more: $$\n")
		m := loaded(t, request{file: dir})
		m.permits = nil
		p := Provider{Name: "podman-compose"}
		if !m.puts(p) {
			t.Errorf("%s: it gets the file as it is", text)
		}
		path, done, err := m.copied(p, true)
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		done()
		if err != nil || !strings.Contains(string(content), "x-note: "+want+"\n") {
			t.Errorf("%s: it gets %s, %v", text, content, err)
		}
	}
}
