package parse

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the golden files anew")

const catalogue = "../fixtures/errors"

// A recording is one run of podman: fixtures/errors/VERSION/NAME.txtar or testdata/VERSION/NAME.txtar.
type recording struct {
	argv, stdout, stderr string
	exit                 int
}

func readRecording(t testing.TB, path string) recording {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	for _, f := range a.Files {
		text := string(f.Data)
		switch f.Name {
		case "argv":
			r.argv = strings.Join(strings.Fields(text), " ")
		case "exit":
			if r.exit, err = strconv.Atoi(strings.TrimSpace(text)); err != nil {
				t.Fatalf("%s: exit: %v", path, err)
			}
		case "stdout":
			r.stdout = text
		case "stderr":
			r.stderr = text
		}
	}
	return r
}

// versions lists the folders of recordings under dir.
func versions(t testing.TB, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "podman-*"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no recordings under %s (%v)", dir, err)
	}
	return found
}

// TestCatalogue classifies every failed command of the recorded catalogue and compares with errors.golden. Read
// each changed line before you run it with -update.
func TestCatalogue(t *testing.T) {
	for _, dir := range versions(t, catalogue) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			var b strings.Builder
			files, _ := filepath.Glob(filepath.Join(dir, "*.txtar"))
			for _, path := range files {
				r := readRecording(t, path)
				if r.exit == 0 {
					continue
				}
				f := Classify(r.stderr, r.exit)
				checkFailure(t, f)
				fmt.Fprintf(&b, "%s\t%d\t%s\t%s\t%s\n", name(path), r.exit, f.Code, f.Subject, f.Message)
			}
			compareGolden(t, filepath.Join(dir, "errors.golden"), b.String())
		})
	}
}

func name(path string) string { return strings.TrimSuffix(filepath.Base(path), ".txtar") }

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		var g, w string
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Fatalf("%s:%d:\n got %q\nwant %q", path, i+1, g, w)
		}
	}
}

// checkFailure holds what is true of every failure.
func checkFailure(t testing.TB, f *Failure) {
	t.Helper()
	switch {
	case f == nil || f.Code == "" || f.Message == "":
		t.Fatalf("empty failure %+v", f)
	case len(f.Details) > maxDetails || len(f.Subject) > maxSubject || len(f.Message) > maxMessage:
		t.Fatalf("too long: %+v", f)
	case strings.Contains(f.Message, "{}") || strings.Contains(f.Hint, "{}"):
		t.Fatalf("unfilled: %+v", f)
	case Clean(f.Message) != f.Message || Clean(f.Details) != f.Details || Clean(f.Subject) != f.Subject:
		t.Fatalf("not clean: %+v", f)
	}
}

// TestVersionsAgree: the same command fails with the same code on both versions, but where podman itself differs.
func TestVersionsAgree(t *testing.T) {
	reasons := map[string]string{
		"err-crun-ulimit":  "the crun of 5.8.2's recording fails earlier, for want of a cgroup version it knows",
		"err-spec-secname": "5.8.2 allows the name, and the recording had made it before",
	}
	old, err := filepath.Glob(filepath.Join(catalogue, "podman-4.3.1", "*.txtar"))
	if err != nil || len(old) == 0 {
		t.Fatal(err)
	}
	for _, path := range old {
		for _, other := range []string{"podman-5.8.2", "podman-5.8.2-remote"} {
			newer := filepath.Join(catalogue, other, filepath.Base(path))
			if _, err := os.Stat(newer); err != nil {
				continue
			}
			a, b := readRecording(t, path), readRecording(t, newer)
			if a.exit == 0 || b.exit == 0 || strings.Contains(b.stderr, "with the remote podman client") {
				continue
			}
			x, y := Classify(a.stderr, a.exit).Code, Classify(b.stderr, b.exit).Code
			if (x != y) != (reasons[name(path)] != "") {
				t.Errorf("%s: %s, with %s %s", name(path), x, other, y)
			}
		}
	}
}

// TestClassify holds what no recording here could show: other hosts, other runtimes, podman's words from its
// issues and source.
func TestClassify(t *testing.T) {
	const machine = "Cannot connect to Podman. Please verify your connection to the Linux system using `podman system connection list`, or try `podman machine init` and `podman machine start` to manage a new Linux VM\n"
	for _, c := range []struct {
		stderr  string
		code    Code
		subject string
		says    string // in message or hint
	}{
		{machine + "Error: unable to connect to Podman socket: failed to connect: dial tcp 127.0.0.1:52111: connect: connection refused\n", NotConnected, "127.0.0.1:52111", "podman machine start"},
		{machine + "Error: unable to connect to Podman. failed to create sshClient: connection to bastion host (ssh://core@localhost:56102/run/x.sock) failed: dial tcp 127.0.0.1:56102: connect: connection refused", NotConnected, "127.0.0.1:56102", "podman machine start"},
		{machine + "Error: unable to connect to Podman socket: failed to connect: dial tcp 127.0.0.1:63733: connectex: No connection could be made because the target machine actively refused it.", NotConnected, "127.0.0.1:63733", "podman machine start"},
		{"Error: unable to connect to Podman socket: Get \"http://d/v5.8.2/libpod/_ping\": dial unix /run/podman/podman.sock: connect: permission denied", PermissionDenied, "/run/podman/podman.sock", "systemctl --user"},
		{"Error: unable to connect to Podman socket: Get \"http://d/v5/_ping\": dial unix /run/p.sock: connect: connection refused", NotConnected, "/run/p.sock", "podman.socket"},
		{"Error: crun: executable file `nope` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found", PodmanError, "nope", "not in the image"},
		{"Error: crun: open executable: Permission denied: OCI permission denied", PermissionDenied, "", "can be run"},
		{"Error: rootlessport cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf (currently 1024), or choose a larger port number (>= 1024): listen tcp 0.0.0.0:80: bind: permission denied", PermissionDenied, "80", "1024"},
		{"Error: rootlessport listen tcp 0.0.0.0:8080: bind: address already in use", PortInUse, "8080", "another host port"},
		{"Error: pasta failed with exit code 1:\nFailed to bind port 8000 (Address already in use) for option '-t 8000-8000:80-80', exiting", PortInUse, "8000", "port 8000"},
		{"Error: initializing source docker://docker.io/library/x:latest: reading manifest latest in docker.io/library/x: toomanyrequests: You have reached your pull rate limit.", RegistryUnreachable, "docker.io/library/x:latest", "podman login"},
		{"Error: initializing source docker://docker.io/a/b:latest: reading manifest latest in docker.io/a/b: requested access to the resource is denied", PermissionDenied, "docker.io", "podman login docker.io"},
		{"Error: initializing source docker://r.example/a:1: pinging container registry r.example: Get \"https://r.example/v2/\": tls: failed to verify certificate: x509: certificate signed by unknown authority", RegistryUnreachable, "r.example", "certs.d/r.example"},
		{"\x1b[34m?\x1b[0m Please select an image: \r\n  \x1b[1m▸\x1b[0m docker.io/library/x:latest\r\n    quay.io/x:latest\r\nError: short-name resolution enforced but cannot prompt without a TTY\r\n", ImageNotFound, "", "docker.io/library/x:latest, quay.io/x:latest"},
		{"time=\"…\" level=warning msg=\"Error: no such container\"\nWARN[0000] no such pod\nError: volume v1 is being used by the following container(s): x: volume is being used", InUse, "v1", "volume v1"},
		{"npm Error: permission denied\nError: building at STEP \"RUN npm ci\": while running runtime: exit status 1", PodmanError, "RUN npm ci", "failed"},
		{"Error: looking up compose provider failed\n7 errors occurred:\n\t* exec: \"docker-compose\": executable file not found in $PATH\n", ComposeNotAvailable, "", "Install"},
		{`Error: "" is not supported: invalid network mode`, InvalidParams, "", "on a network"},
		{`Error: cannot create network with name "host" because it conflicts with a valid network mode`, InvalidParams, "host", "another name"},
		{"Error: writing blob: write /var/x: no space left on device", PodmanError, "", "prune"},
		{"Error: no containers in pod 261f3ec88074c4a91e9d4f147f7e31241868c53ee8ceccf09cab7e8b19363bca have no dependencies, cannot start pod: no such container", NotRunning, "261f3ec88074", "podman_run with pod"},
		{"Error: secret data must be larger than 0 and less than 512000 bytes", InvalidParams, "512000", "empty, or 512000 bytes"},
		{"Error: cannot create store secret data: environment variable TOKEN is not set", InvalidParams, "TOKEN", "no environment variable TOKEN"},
		{"Error: inspecting secret: no such secret \"token\"", SecretNotFound, "token", `there is no secret "token"`}, // of a remote 4.3
		{"Error: something TOKEN=hunter2 new", PodmanError, "", "TOKEN=***"},
		{"", PodmanError, "", "status 125"},
	} {
		f := Classify(c.stderr, 125)
		checkFailure(t, f)
		if f.Code != c.code || f.Subject != c.subject || !strings.Contains(f.Message+" "+f.Hint, c.says) || strings.Contains(f.Details, "hunter2") {
			t.Errorf("%q:\n%+v", c.stderr, f)
		}
		if !strings.HasPrefix(f.Error(), string(f.Code)+": ") {
			t.Error(f.Error())
		}
	}
}

func TestFromPodman(t *testing.T) {
	for _, c := range []struct {
		stderr string
		exit   int
		want   bool
	}{
		{"Error: no such container", 125, true},
		{"out\nError: runc: exec failed: OCI runtime attempted to invoke a command that was not found\n", 127, true},
		{"sh: nosuchcmd: not found\n", 127, false},
		{"Error: my own\n", 1, false},
		{"", 125, false},
	} {
		if got := FromPodman(c.stderr, c.exit); got != c.want {
			t.Errorf("%q %d: %v", c.stderr, c.exit, got)
		}
	}
}

// serviceLost is what podman 4.3.1 says of an exec whose service was killed.
const serviceLost = "Error: Get \"http://d/v4.3.1/libpod/exec/d7d49089b9e6f3e5876809084e796a1b4e606ef5ab9894688098e23d449cf5cc/json\": dial unix /tmp/s.sock: connect: connection refused\n"

// TestServiceLost: podman's service ends in the middle of what a client does.
func TestServiceLost(t *testing.T) {
	for _, words := range []string{"line 5\n" + serviceLost, "Error: unable to decode event response: unexpected EOF"} {
		if f := Classify(words, 125); f.Code != NotConnected {
			t.Errorf("%s\n gives %s: %s", words, f.Code, f.Message)
		}
	}
}

// An exec's output is one text: podman's own failure stands alone in it, but
// for podman's warnings.
func TestFromExec(t *testing.T) {
	const notThere = "Error: runc: exec failed: OCI runtime attempted to invoke a command that was not found\n"
	for _, c := range []struct {
		output string
		exit   int
		want   bool
	}{
		{notThere, 127, true},
		{"time=\"2026-01-02T03:04:05Z\" level=warning msg=\"Using cgroups-v1\"\n" + notThere, 127, true},
		{"out\n" + notThere, 127, false},
		{"out\nError: my own\n", 255, false},
		{"Error: my own\n", 1, false},
		{"", 125, false},
		{"line 5\n" + serviceLost, 125, true},
		{serviceLost, 125, true},
		{"line 5\n" + serviceLost, 1, false},
		{"line 5\n" + serviceLost + "line 6\n", 125, false},
		{"line 5\n" + strings.Replace(serviceLost, "/json", "/start", 1), 125, false},
	} {
		if got := FromExec(c.output, c.exit); got != c.want {
			t.Errorf("%q %d: %v", c.output, c.exit, got)
		}
	}
}

// TestShared: an id's first digits that several things share name none of them. Podman says "already exists" there.
func TestShared(t *testing.T) {
	for words, want := range map[string]Failure{
		"Error: more than one result for container ID 2: container already exists":                                     {Code: ContainerNotFound, Message: "several containers' ids begin with 2"},
		"Error: more than one result for ID or name 2: container already exists":                                       {Code: ContainerNotFound, Message: "several containers' ids begin with 2"},
		`Error: more than one result for container "5": container already exists`:                                      {Code: ContainerNotFound, Message: "several containers' ids begin with 5"},
		"Error: more than one result for ID or name 0: pod already exists":                                             {Code: PodNotFound, Message: "several pods' ids begin with 0"},
		`Error: inspecting volume 3: more than one result for volume name "3": volume already exists`:                  {Code: VolumeNotFound, Message: "several volumes' names begin with 3"},
		"Error: inspecting network 0: more than one result for network ID 0":                                           {Code: NetworkNotFound, Message: "several networks' ids begin with 0"},
		"Error: inspecting secret b: more than one result secret with prefix b: secret name or id prefix is ambiguous": {Code: SecretNotFound, Message: "several secrets' ids begin with b"},
	} {
		if f := Classify(words, 125); f.Code != want.Code || f.Message != want.Message {
			t.Errorf("%s\n gives %s: %s", words, f.Code, f.Message)
		}
	}
}
