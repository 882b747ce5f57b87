package compose

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// A port without an address is opened on 127.0.0.1, however it is written, and
// what has one keeps it.
func TestShutPorts(t *testing.T) {
	for ports, want := range map[string]string{
		"['80']":                   "127.0.0.1::80",
		"[80]":                     "127.0.0.1::80",
		"['8080:80']":              "127.0.0.1:8080:80",
		"[8080:80]":                "127.0.0.1:8080:80", // which a reader of YAML 1.1 takes for a number to the base of 60
		"['8080:80/udp']":          "127.0.0.1:8080:80",
		"['$PORT:80']":             "127.0.0.1:8081:80",
		"['${NONE:-8082}:80']":     "127.0.0.1:8082:80",
		"['$WHOLE']":               "127.0.0.1:8083:83",
		"['8000-8001:80-81']":      "127.0.0.1:8000:80 127.0.0.1:8001:81",
		"['[::1]:8080:80']":        "::1:8080:80",
		"['127.0.0.9:8080:80']":    "127.0.0.9:8080:80",
		"['127.0.0.1::80']":        "127.0.0.1::80",
		"['1:1', '127.0.0.2:2:2']": "127.0.0.1:1:1 127.0.0.2:2:2",
		"[{target: 80}]":           "127.0.0.1::80",
		"[{target: 80, published: 8080, protocol: udp}]":              "127.0.0.1:8080:80",
		"[{target: 80, published: '8080', host_ip: 127.0.0.1}]":       "127.0.0.1:8080:80",
		"[{target: 80, published: '8080', mode: ingress, name: web}]": "127.0.0.1:8080:80",
		"*ports":         "127.0.0.1:7000:70",
		"[*port]":        "127.0.0.1:7001:71",
		"[*long]":        "127.0.0.1:7002:72",
		"['1:1', *port]": "127.0.0.1:1:1 127.0.0.1:7001:71",
	} {
		t.Run(ports, func(t *testing.T) {
			dir := folder(t, "shop", "compose.yaml", "x-a: {ports: &ports ['7000:70'], one: &port '7001:71', long: &long {target: 72, published: 7002}}\n"+
				"services:\n  web:\n    image: a\n    environment: {ONE: *port}\n    ports: "+ports+"\n", ".env", "PORT=8081\nWHOLE=8083:83\n")
			q := request{file: dir}
			m, err := loaded(t, q).shutPorts(t.Context(), &exec.Runner{}, q)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.permitted(t.Context(), nil, nil); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range m.project.Services["web"].Ports {
				got = append(got, fmt.Sprintf("%s:%s:%d", p.HostIP, p.Published, p.Target))
			}
			if words := strings.Join(got, " "); words != want {
				t.Errorf("got %s, want %s", words, want)
			}
			if one := m.project.Services["web"].Environment["ONE"]; one == nil || *one != "7001:71" {
				t.Errorf("a variable of the same value changed: %v", one)
			}
			// Nothing is asked of an operator who allows it.
			q.permits = allowing(publicPorts)
			if m, err := loaded(t, q).shutPorts(t.Context(), &exec.Runner{}, q); err != nil || len(m.shut) > 0 || m.permitted(t.Context(), nil, nil) != nil {
				t.Errorf("allowed: %v, shut %q", err, m.shut)
			}
		})
	}
}

// What cannot be given an address is refused, and so is what would become two ports.
func TestPortsRefused(t *testing.T) {
	for _, c := range []struct {
		name, ports string
		code        parse.Code
	}{
		{"of another file", "[]\n    extends: {file: base.yaml, service: web}", parse.PolicyDenied},
		{"that something else stands for", "[&p '80:80']\n    labels: [*p]", parse.PolicyDenied},
		{"everywhere", "['0.0.0.0:80:80']", parse.PolicyDenied},
		{"everywhere, version 6", "['[::]:80:80']", parse.PolicyDenied},
		{"everywhere by a variable", "['$EVERYWHERE:80:80']", parse.PolicyDenied},
		{"two in one", "[{target: 81, published: '80:80,0.0.0.0:81', host_ip: 127.0.0.1}]", parse.InvalidParams},
		{"two in a protocol", "[{target: 80, published: '80', protocol: 'tcp,0.0.0.0:81:81', host_ip: 127.0.0.1}]", parse.InvalidParams},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, "shop", "compose.yaml", "services:\n  web:\n    image: a\n    ports: "+c.ports+"\n",
				"base.yaml", "services: {web: {image: a, ports: ['80:80']}}\n", ".env", "EVERYWHERE=0.0.0.0\n")
			err := judged(t, dir, nil, nil)
			var f *parse.Failure
			if !errors.As(err, &f) || f.Code != c.code {
				t.Fatalf("got %v, want %s", err, c.code)
			}
			if c.code == parse.PolicyDenied && (!strings.Contains(f.Hint, "127.0.0.1:HOST:CONTAINER") || !strings.Contains(f.Hint, "--allow public-ports")) {
				t.Errorf("the hint: %s", f.Hint)
			}
			if err := judged(t, dir, nil, allowing(publicPorts)); (err == nil) != (c.code == parse.PolicyDenied) {
				t.Errorf("allowed: %v", err)
			}
		})
	}
}

// The provider gets the copy, and the project is that of the file itself.
func TestShutPortsHanded(t *testing.T) {
	for _, version := range []string{says103, says150} {
		f, _ := shopFake(t, version)
		dir := folder(t, "shop", "own.yaml", "services:\n  db: {image: x, ports: ['5432:5432']}\n  web: {image: x, ports: ['127.0.0.1:80:80']}\n")
		out, _ := Up(t.Context(), f.runner(), Auto, UpOptions{File: dir + "/own.yaml", Detach: true}, quiet)
		const note = "Open on 127.0.0.1 only, for the file gives no address: db 5432:5432. Other machines need --allow public-ports."
		if !strings.Contains(out.Note, note) || out.File != dir+"/own.yaml" {
			t.Errorf("%s: %q", out.File, out.Note)
		}
		got := f.called("podman-compose --podman-path=" + f.dir + "/podman --file")
		if file := f.given("own.yaml"); len(got) != 1 || !strings.Contains(file, `"127.0.0.1:5432:5432"`) || !strings.Contains(got[0], " --project-name=shop ") {
			t.Fatalf("ran %q", got)
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != 1 {
			t.Errorf("left: %v, %v", left, err)
		}
		_, _ = Up(t.Context(), f.runner(), Auto, UpOptions{File: dir + "/own.yaml", Detach: true, Permits: allowing(publicPorts)}, quiet)
		if file := f.given("own.yaml"); !strings.Contains(file, `"5432:5432"`) {
			t.Errorf("allowed: it gets\n%s", file)
		}
	}
}
