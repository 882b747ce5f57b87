package kube

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"podman-mcp/parse"
)

// judge allows host paths below /srv, which it writes as /actual.
func judge() Judge {
	refuse := func(at, what string) error {
		return &parse.Failure{Code: parse.PolicyDenied, Message: at + ": " + what, Hint: "x"}
	}
	return Judge{
		HostPath: func(at, path string) (string, error) {
			if !strings.HasPrefix(path, "/srv/") {
				return "", refuse(at, path)
			}
			return "/actual" + path, nil
		},
		Image: func(at, image string) error {
			if strings.HasPrefix(image, "dir:") {
				return refuse(at, image)
			}
			return nil
		},
		Label: func(at, label string) error {
			if strings.HasPrefix(label, "io.podman.") {
				return refuse(at, label)
			}
			return nil
		},
		Address: func(at, address string) error {
			if address == "192.0.2.1" {
				return refuse(at, address)
			}
			return nil
		},
		Mount: func(at, target string) error {
			if strings.HasPrefix(target, "/proc") || strings.HasSuffix(target, ":U") {
				return refuse(at, target)
			}
			return nil
		},
	}
}

func podWith(spec string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec:\n  containers: [{name: web, image: web}]\n  " + spec + "\n"
}

func containerWith(field string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec:\n  volumes: [{name: data, hostPath: {path: /srv/data}}, {name: v, emptyDir: {}}]\n" +
		"  containers: [{name: web, image: web, " + field + "}]\n"
}

func claimWith(annotations string) string {
	return "kind: PersistentVolumeClaim\nmetadata: {name: data, annotations: {" + annotations + "}}\nspec: {}\n---\n" + podWith("")
}

// TestRefused: what would reach into the host, by every door and in every case.
func TestRefused(t *testing.T) {
	denied, invalid := parse.PolicyDenied, parse.InvalidParams
	for text, code := range map[string]parse.Code{
		podWith("hostNetwork: true"): denied,
		podWith("hostnetwork: true"): invalid,
		podWith("HostNetwork: true"): invalid,
		podWith("hostNetwork: yes"):  denied, // which podman's reader may take for true
		podWith("hostPID: true"):     denied,
		podWith("hostIPC: true"):     denied,
		containerWith("ports: [{containerPort: 80, hostPort: 80, hostIP: 192.0.2.1}]"):   denied,
		containerWith("ports: [{containerPort: 80, hostPort: 80, hostIP: [192.0.2.1]}]"): invalid,
		podWith("hostUsers: true"):                                                                  invalid,
		podWith("runtimeClassName: evil"):                                                           invalid,
		podWith("securityContext: {sysctls: [{name: a, value: b}]}"):                                denied,
		podWith("securityContext: {seLinuxOptions: {type: spc_t}}"):                                 denied,
		podWith("volumes: [{name: a, hostPath: {path: /etc}}]"):                                     denied,
		podWith("volumes: [{name: a, hostPath: {path: /srv/../etc}}]"):                              invalid,
		podWith("volumes: [{name: a, hostpath: {path: /etc}}]"):                                     invalid,
		podWith("volumes: [{name: a, hostPath: {path: /srv/a, Path: /etc}}]"):                       invalid,
		podWith("volumes: [{name: a, hostPath: {path: /srv/a, path: /etc}}]"):                       invalid,
		podWith("volumes: [{name: a, hostPath: {path: [/etc]}}]"):                                   invalid,
		podWith("volumes: [{name: a, hostPath: {path: /srv/a, type: Socket}}]"):                     denied,
		podWith("volumes: [{name: a, hostPath: {path: /srv/a, type: CharDevice}}]"):                 denied,
		podWith("volumes: [{name: a, persistentVolumeClaim: {claimName: /etc}}]"):                   invalid,
		podWith("volumes: [{name: a, configMap: {name: c, items: [{key: k, path: ../../etc}]}}]"):   invalid,
		podWith("volumes: [{name: a, image: {reference: 'dir:/etc'}}]"):                             denied,
		podWith("initContainers: [{name: i, image: web, securityContext: {privileged: true}}]"):     denied,
		podWith("ephemeralContainers: [{name: i, image: web}]"):                                     invalid,
		containerWith("securityContext: {privileged: true}"):                                        denied,
		containerWith("securityContext: {Privileged: true}"):                                        invalid,
		containerWith("securityContext: {capabilities: {add: [SYS_ADMIN]}}"):                        denied,
		containerWith("securityContext: {capabilities: {Add: [SYS_ADMIN]}}"):                        invalid,
		containerWith("securityContext: {procMount: Unmasked}"):                                     denied,
		containerWith("securityContext: {seccompProfile: {type: Unconfined}}"):                      denied,
		containerWith("securityContext: {seccompProfile: {type: Localhost, localhostProfile: /x}}"): invalid,
		containerWith("resources: {limits: {podman.io/device=/dev/sda: 1}}"):                        invalid,
		containerWith("volumeDevices: [{name: d, devicePath: /dev/sda}]"):                           invalid,
		containerWith("volumeMounts: [{name: data, mountPath: /proc/x}]"):                           denied,
		containerWith("volumeMounts: [{name: data, mountPath: '/x:U'}]"):                            denied,
		containerWith("volumeMounts: [{name: data, mountPath: /x, subPath: link}]"):                 denied,
		containerWith("volumeMounts: [{name: v, mountPath: /x, subPath: ../y}]"):                    denied,
		containerWith("volumeMounts: [{name: v, mountPath: /x, subPathExpr: $(A)}]"):                invalid,
		containerWith("volumeMounts: [{name: v, mountPath: /x, mountPropagation: Bidirectional}]"):  denied,
		containerWith("env: [{name: PASSWORD, value: '***'}]"):                                      invalid,
		strings.Replace(podWith(""), "image: web", "image: 'dir:/etc'", 1):                          denied,
		strings.Replace(podWith(""), "name: web", "name: -f", 1):                                    invalid,
		strings.Replace(podWith(""), "name: shop", "name: shop, labels: {io.podman.x: y}", 1):       denied,
		strings.Replace(podWith(""), "name: shop",
			"name: shop, annotations: {io.podman.annotations.privileged/web: 'TRUE'}", 1): denied,
		strings.Replace(podWith(""), "name: shop",
			"name: shop, annotations: {io.podman.annotations.seccomp/web: unconfined}", 1): denied,
		strings.Replace(podWith(""), "name: shop", "name: shop, annotations: {run.oci.handler: krun}", 1): denied,
		claimWith("volume.podman.io/device: /etc"):                                                        denied,
		claimWith("volume.podman.io/driver: local, volume.podman.io/mount-options: bind"):                 denied,
		claimWith("volume.podman.io/import-source: /etc/shadow.tar"):                                      denied,
		"kind: ConfigMap\nmetadata: {name: c}\ndata: {../../etc/x: y}\n---\n" + podWith(""):               invalid,
		"kind: Secret\nmetadata: {name: c}\ndata: {'..': y}\n---\n" + podWith(""):                         invalid,
		"kind: ConfigMap\nmetadata: {name: c}\ndata: {a: y}\n":                                            invalid, // no pod
		"kind: CronJob\nmetadata: {name: c}\n---\n" + podWith(""):                                         invalid,
		"kind: Pod\nmetadata: {name: shop}\nspec: {}\n":                                                   invalid,
		podWith("") + "---\n" + podWith(""):                                                               invalid,
		"kind: Pod\nkind: Job\nmetadata: {name: shop}\n":                                                  invalid,
		"kind: Pod\nmetadata: {<<: {name: shop}}\n":                                                       invalid,
		"kind: Pod\nmetadata: {name: ../shop}\n":                                                          invalid,
		"a: [b\n":                                                                                         invalid,
		"":                                                                                                invalid,
		"just text":                                                                                       invalid,
		"kind: Pod\nmetadata: &a {name: *a}\n":                                                            invalid,
		"kind: Pod\nmetadata: {name: shop}\nspec: !!x y\n":                                                invalid,
		strings.Repeat("#", MaxBytes+1):                                                                   invalid,
		"kind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {hostNetwork: true, containers: [{name: a, image: b}]}}}": denied,
	} {
		_, err := Read([]byte(text), judge())
		var f *parse.Failure
		if !errors.As(err, &f) || f.Code != code {
			t.Errorf("%.300s\n: got %v, want %s", text, err, code)
		}
	}
}

// TestBomb: a document grows by aliases to far more than its bytes.
func TestBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("kind: Pod\nmetadata: {name: shop}\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	if _, err := Names([]byte(b.String())); err == nil {
		t.Error("it was read")
	}
}

// Each permission opens its own door, for true and false in plain words, and
// names itself where it is closed.
func TestPermits(t *testing.T) {
	for text, permission := range map[string]string{
		podWith("hostNetwork: true"):                                         "host-network",
		podWith("hostPID: true"):                                             "host-pid",
		containerWith("securityContext: {privileged: true}"):                 "privileged",
		containerWith("securityContext: {capabilities: {add: [SYS_ADMIN]}}"): "capabilities",
		podWith("hostIPC: true"):                                             "",
		podWith("securityContext: {sysctls: [{name: a, value: b}]}"):         "",
		containerWith("securityContext: {seLinuxOptions: {type: spc_t}}"):    "",
		containerWith("securityContext: {procMount: Unmasked}"):              "",
		claimWith("volume.podman.io/mount-options: bind"):                    "",
		podWith("volumes: [{name: a, hostPath: {path: /etc}}]"):              "",
	} {
		for _, allowed := range []string{"host-network", "host-pid", "privileged", "capabilities", "devices", "driver-opts", "raw-compose", "public-ports"} {
			j := judge()
			j.Permits = func(name string) bool { return name == allowed }
			_, err := Read([]byte(text), j)
			var f *parse.Failure
			switch {
			case allowed == permission && err != nil:
				t.Errorf("%s does not open\n%s%v", allowed, text, err)
			case allowed != permission && (!errors.As(err, &f) || f.Code != parse.PolicyDenied):
				t.Errorf("%s opens\n%s%v", allowed, text, err)
			case allowed != permission && permission != "" && !strings.Contains(f.Hint, "--allow "+permission+"."):
				t.Errorf("the hint %q does not name %s", f.Hint, permission)
			}
		}
	}
	all := judge()
	all.Permits = func(string) bool { return true }
	for _, text := range []string{podWith("hostNetwork: yes"), podWith("hostPID: 1"), containerWith("securityContext: {privileged: 'true'}"),
		containerWith("securityContext: {capabilities: {add: SYS_ADMIN}}"), containerWith("securityContext: {capabilities: {add: ['CHOWN,SYS_ADMIN']}}")} {
		var f *parse.Failure
		if _, err := Read([]byte(text), all); !errors.As(err, &f) || f.Code != parse.InvalidParams {
			t.Errorf("%v for\n%s", err, text)
		}
	}
}

// TestHanded is what podman gets of a file as people write them.
func TestHanded(t *testing.T) {
	text, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(text, judge())
	if err != nil {
		t.Fatal(err)
	}
	handed, err := m.Handed(map[string]string{"io.podman-mcp.call": "CALL"}, []string{"uploads"})
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/shop.handed")
	if err != nil {
		t.Fatal(err)
	}
	if string(handed) != string(want) {
		t.Errorf("handed on\n%s\nwant\n%s", handed, want)
	}
	if got := fmt.Sprint(m.Pods(), m.Volumes(), m.Secrets(), m.Filled(), m.Ignored()); got !=
		"[web jobs] [data uploads] [keys] [conf cache keys] [Pod web.metadata.annotations.team Service web Deployment jobs.spec.template.spec.nodeSelector]" {
		t.Errorf("read %s", got)
	}
	for name, made := range map[string]bool{"web": true, "jobs-pod": true, "jobs-pod-0": true, "jobs-pod-12": true, "jobs": false, "jobs-pod-": false,
		"jobs-pod-01": false, "jobs-podx": false, "jobs-pod--1": false, "web-pod": false, "web2": false} {
		if m.Makes(name) != made {
			t.Errorf("makes %s: %v", name, !made)
		}
	}
	// What is handed on can be read again, and says the same.
	again, err := Read(handed, Judge{HostPath: func(_, path string) (string, error) { return path, nil }, Image: judge().Image, Mount: judge().Mount, Label: judge().Label, Address: judge().Address})
	if err != nil {
		t.Fatal(err)
	}
	if second, err := again.Handed(map[string]string{"io.podman-mcp.call": "CALL"}, nil); err != nil || string(second) != string(handed) {
		t.Errorf("again (%v)\n%s", err, second)
	}
	down, err := m.Down([]string{"web", "jobs-pod-0"})
	if want := `---
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"}}
---
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"jobs-pod-0"}}
---
{"apiVersion":"v1","kind":"Secret","metadata":{"name":"keys"}}
---
{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data"}}
---
{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"uploads"}}
`; err != nil || string(down) != want {
		t.Errorf("down (%v)\n%s", err, down)
	}
}

func TestMask(t *testing.T) {
	const plain = "# a comment\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - env:\n    - name: DB_HOST\n      value: db\n"
	if shown, n, err := Mask([]byte(plain)); err != nil || n != 0 || string(shown) != plain {
		t.Errorf("%v %d %s", err, n, shown)
	}
	secretive := plain + `    - name: DB_PASSWORD
      value: hunter2
    - name: KEY_FILE
      value: /run/key
    command:
    - serve
    - --password
    - hunter2
  labels:
    api_token: hunter2
---
kind: Secret
data:
  password: hunter2
  note: plain
`
	shown, n, err := Mask([]byte(secretive))
	if err != nil || n != 4 || strings.Contains(string(shown), "hunter2") {
		t.Errorf("%v, %d masked:\n%s", err, n, shown)
	}
	for _, kept := range []string{"# a comment", "value: db", "/run/key", "note: plain", "\n---\n", `value: "***"`} {
		if !strings.Contains(string(shown), kept) {
			t.Errorf("%q is lost:\n%s", kept, shown)
		}
	}
	if _, _, err := Mask([]byte("a: [b")); err == nil {
		t.Error("what is no YAML was shown")
	}
}

// FuzzRead: nothing panics, every error is a failure, and what is handed on is
// taken again.
func FuzzRead(f *testing.F) {
	text, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(podWith("hostNetwork: true")))
	f.Add([]byte("kind: Pod\nmetadata: &a {name: *a}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var fail *parse.Failure
		if _, _, err := Mask(text); err != nil && !errors.As(err, &fail) {
			t.Fatalf("%T is no failure", err)
		}
		m, err := Read(text, judge())
		if err != nil {
			if !errors.As(err, &fail) {
				t.Fatalf("%T is no failure", err)
			}
			return
		}
		handed, err := m.Handed(map[string]string{"io.podman-mcp.call": "CALL"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		same := judge()
		same.HostPath = func(_, path string) (string, error) { return path, nil }
		if _, err := Read(handed, same); err != nil {
			t.Fatalf("%v\n%s", err, handed)
		}
	})
}
