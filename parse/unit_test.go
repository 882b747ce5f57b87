package parse

import (
	"fmt"
	"testing"
)

func TestQuadlets(t *testing.T) {
	list, err := Quadlets([]byte(`[{"Name":"web.container","UnitName":"web.service","Path":"/etc/containers/systemd/web.container","Status":"active/running","App":""},
		{"Name":"data.volume","UnitName":"data-volume.service","Status":"Not loaded"}]`))
	if got, want := fmt.Sprint(list, err), "[{data.volume data-volume.service Not loaded } {web.container web.service active/running /etc/containers/systemd/web.container}] <nil>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, out := range []string{`json`, `[{"UnitName":"web.service"}]`, `[1]`} {
		if _, err := Quadlets([]byte(out)); err == nil {
			t.Errorf("%s was read", out)
		}
	}
}

func TestContainerCommand(t *testing.T) {
	command, check, err := ContainerCommand([]byte(`[{"Config":{"Cmd":["serve","--password","hunter2"],
		"Healthcheck":{"Test":["CMD-SHELL","check TOKEN=hunter2"],"Interval":30000000000,"Timeout":1500000000,"Retries":3}}}]`))
	if got, want := fmt.Sprint(command, *check, err), "[serve --password ***] {[CMD-SHELL check TOKEN=***] 30s 1s  3} <nil>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, check, err = ContainerCommand([]byte(`[{"Config":{"Healthcheck":{"Test":["NONE"]}}}]`)); check != nil || err != nil {
		t.Errorf("no check: %v, %v", check, err)
	}
}

func TestWithoutSystemd(t *testing.T) {
	if !WithoutSystemd("Error: connecting to systemd dbus: dial unix /run/systemd/private: connect: no such file or directory") || WithoutSystemd("Error: no such quadlet") {
		t.Error("one is taken for the other")
	}
}
