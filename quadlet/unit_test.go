package quadlet

import (
	"errors"
	"strings"
	"testing"

	"podman-mcp/parse"
)

func judge() Judge {
	path := func(s string) (string, error) {
		if strings.HasPrefix(s, "/etc") {
			return "", denied("%s is private", s)
		}
		return s, nil
	}
	return Judge{
		Image: func(s string) error {
			if strings.HasPrefix(s, "dir:") {
				return errors.New("a transport")
			}
			return nil
		},
		Port:   func(s string) (string, error) { return "127.0.0.1:" + s, nil },
		Volume: path, File: path,
		Label: func(s string) error {
			if strings.HasPrefix(s, "io.podman.") {
				return errors.New("kept for the engine")
			}
			return nil
		},
		HostNetwork: func() error { return denied("host is not allowed") },
	}
}

const web = `# The shop's web server.
[Unit]
Description=Web
After=network-online.target db.service
Wants=network-online.target
Requires=db.container

[Container]
Image=localhost/shop:1
ContainerName=web
Exec=serve --color "light blue" 100%%
Environment=PORT=8080
Environment="GREETING=hello you"
PublishPort=8080:8080
Volume=data.volume:/data
Volume=/srv/files:/files:ro
Network=shop.network
Label=team=shop

[Service]
Restart=always
TimeoutStartSec=900

[Install]
WantedBy=default.target
`

func TestRead(t *testing.T) {
	unit, err := Read("web.container", web, judge())
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(web, "PublishPort=8080", "PublishPort=127.0.0.1:8080", 1); unit != want {
		t.Errorf("read\n%s\nwant\n%s", unit, want)
	}
	for name, text := range map[string]string{"data.volume": "[Volume]\nVolumeName=data\n", "shop.network": "[Network]\nSubnet=10.9.0.0/24\n",
		"shop.pod": "[Pod]\nPodName=shop\nPublishPort=80:80\n", "base.image": "[Image]\nImage=docker.io/library/nginx:1\n"} {
		if _, err := Read(name, text, judge()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRefused: what would run a command of the host or reach into it.
func TestRefused(t *testing.T) {
	for line, code := range map[string]parse.Code{
		"PodmanArgs=--privileged": parse.PolicyDenied, "GlobalArgs=--hooks-dir=/x": parse.PolicyDenied, "podmanargs=--privileged": parse.PolicyDenied,
		"AddDevice=/dev/sda": parse.PolicyDenied, "AddCapability=all": parse.PolicyDenied, "Mount=type=bind,source=/etc,target=/x": parse.PolicyDenied,
		"Annotation=run.oci.handler=krun": parse.PolicyDenied, "SecurityLabelDisable=true": parse.PolicyDenied, "UserNS=host": parse.PolicyDenied,
		"SeccompProfile=unconfined": parse.PolicyDenied, "Unmask=ALL": parse.PolicyDenied, "Sysctl=a=b": parse.PolicyDenied, "Rootfs=/": parse.PolicyDenied,
		"EnvironmentHost=true": parse.PolicyDenied, "ServiceName=sshd": parse.PolicyDenied, "ContainersConfModule=/x": parse.PolicyDenied,
		"Network=host": parse.PolicyDenied, "Network=container:db": parse.InvalidParams, "Network=db.container": parse.PolicyDenied, "Network=ns:/x": parse.InvalidParams,
		"Volume=/etc:/x": parse.PolicyDenied, "Volume=%h/.ssh:/x": parse.PolicyDenied, "EnvironmentFile=/etc/shadow": parse.PolicyDenied,
		"Environment=HOME": parse.InvalidParams, "Environment=A=b SECRET": parse.InvalidParams, `Environment="A=b" "SECRET"`: parse.InvalidParams,
		"Environment=A=$SECRET": parse.PolicyDenied, "Exec=run ${SECRET}": parse.PolicyDenied, "Exec=%H": parse.PolicyDenied,
		"Label=a=b io.podman.x=y": parse.InvalidParams, "Label=io.podman.x=y": parse.InvalidParams, `Label="io.podman.x=y"`: parse.InvalidParams,
		"Image=dir:/etc": parse.InvalidParams, "ContainerName=-x": parse.InvalidParams, "Exec=a\\": parse.InvalidParams, "Tmpfs=/x:suid": parse.InvalidParams,
		"HealthOnFailure=reboot": parse.InvalidParams, "just words": parse.InvalidParams, "Exec=a\x1bb": parse.InvalidParams, "LogDriver=../x": parse.InvalidParams,
		"[Service]\nExecStartPre=/bin/sh -c x": parse.PolicyDenied, "[Service]\nEnvironment=A=b": parse.PolicyDenied, "[Service]\nUser=root": parse.PolicyDenied,
		"[Service]\nType=oneshot": parse.PolicyDenied, "[service]\nRestart=no": parse.PolicyDenied, "[X]": parse.PolicyDenied, "[Kube]": parse.PolicyDenied,
		"[Unit]\nOnFailure=x.service": parse.PolicyDenied, "[Unit]\nRequires=poweroff.target": parse.PolicyDenied, "[Unit]\nWants=a.container reboot.target": parse.PolicyDenied,
		"[Unit]\nConflicts=sshd.service": parse.PolicyDenied, "[Install]\nAlias=sshd.service": parse.PolicyDenied, "[Install]\nWantedBy=sshd.service": parse.InvalidParams,
	} {
		_, err := Read("web.container", "[Container]\nImage=web\n"+line+"\n", judge())
		var f *parse.Failure
		if !errors.As(err, &f) || f.Code != code || !strings.Contains(f.Message, "line ") {
			t.Errorf("%q: got %v, want %s with its line", line, err, code)
		}
	}
	for name, text := range map[string]string{"web.kube": "[Kube]\nYaml=/x\n", "web.build": "[Build]\n", "web.service": "[Service]\n", "../web.container": web,
		"web@.container": web, ".container": web, "web.container": "[Unit]\n", "web.volume": "[Volume]\nDevice=/etc\n", "web.network": "[Network]\nOptions=x\n",
		"big.container": "[Container]\n" + strings.Repeat("#\n", MaxBytes)} {
		if _, err := Read(name, text, judge()); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

// TestGenerate: what is generated can be installed, and holds no secret.
func TestGenerate(t *testing.T) {
	unit, masked := Generate(parse.ContainerDetail{Name: "web", Image: "localhost/shop:1", Env: []string{"PATH=/bin", "PASSWORD=***", "GREETING=100% \"sure\""},
		Ports: []string{"127.0.0.1:18080->8080/tcp", "127.0.0.1:18053->53/udp"}, RestartPolicy: "unless-stopped", User: "10:10", Workdir: "/srv",
		Mounts:   []parse.Mount{{Type: "bind", Source: "/srv/files", Destination: "/files", ReadOnly: true}, {Type: "volume", Name: "data", Destination: "/data"}},
		Networks: []parse.NetworkAddress{{Name: "shop"}}, Labels: map[string]string{"team": "the shop", "io.podman.compose.project": "x"},
	}, []string{"serve", "a b", "$HOME"}, &parse.HealthCheck{Test: []string{"CMD", "check", "a b"}, Interval: "30s", Retries: 3})
	const want = `[Unit]
Description=Container web

[Container]
Image=localhost/shop:1
ContainerName=web
Exec=serve "a b" $$HOME
# PASSWORD is a secret: put it into a file and name that in EnvironmentFile=
Environment="GREETING=100%% \"sure\""
PublishPort=127.0.0.1:18080:8080
PublishPort=127.0.0.1:18053:53/udp
Volume=/srv/files:/files:ro
Volume=data:/data
Network=shop
User=10:10
WorkingDir=/srv
Label="team=the shop"
HealthCmd=check "a b"
HealthInterval=30s
HealthRetries=3

[Service]
Restart=always

[Install]
WantedBy=default.target
`
	if unit != want || len(masked) != 1 || masked[0] != "PASSWORD" {
		t.Errorf("generated (%v)\n%s", masked, unit)
	}
	if _, err := Read("web.container", unit, Judge{Image: judge().Image, Volume: judge().Volume, File: judge().File, Label: judge().Label,
		Port: func(s string) (string, error) { return s, nil }}); err != nil {
		t.Error(err)
	}
}

func TestService(t *testing.T) {
	for name, want := range map[string]string{"web.container": "web.service", "shop.pod": "shop-pod.service", "data.volume": "data-volume.service", "a.b.kube": "a.b.service"} {
		if got := Service(name); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}

// FuzzRead: nothing panics, every error is a failure, and what was read is read
// again as it is.
func FuzzRead(f *testing.F) {
	f.Add(web)
	f.Add("[Container]\nImage=web\n[Service]\nExecStartPre=/bin/sh\n")
	f.Fuzz(func(t *testing.T, text string) {
		same := judge()
		same.Port = func(s string) (string, error) { return s, nil }
		unit, err := Read("web.container", text, same)
		var fail *parse.Failure
		if err != nil {
			if !errors.As(err, &fail) {
				t.Fatalf("%T is no failure", err)
			}
			return
		}
		if again, err := Read("web.container", unit, same); err != nil || again != unit {
			t.Fatalf("%v\n%q\n%q", err, unit, again)
		}
	})
}

// The machine's network is for whoever decides on it.
func TestHostNetwork(t *testing.T) {
	open := judge()
	open.HostNetwork = func() error { return nil }
	for _, kind := range []string{"Container", "Pod"} {
		unit := "[" + kind + "]\nNetwork=host\n"
		if kind == "Container" {
			unit = "[Container]\nImage=localhost/shop:1\nNetwork=host\n"
		}
		name := "web." + strings.ToLower(kind)
		if got, err := Read(name, unit, open); err != nil || !strings.Contains(got, "Network=host") {
			t.Errorf("%s: %q, %v", kind, got, err)
		}
		var f *parse.Failure
		if _, err := Read(name, unit, judge()); !errors.As(err, &f) || f.Code != parse.PolicyDenied {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
