package parse

import (
	"slices"
	"strings"
	"testing"
)

func TestPods(t *testing.T) {
	for version, out := range stdout(t, "pod-ps") {
		list, err := Pods(out)
		if err != nil || len(list) != 2 {
			t.Fatalf("%s: %+v, %v", version, list, err)
		}
		if p := list[0]; p.Name != "h2-podempty" || p.State != "created" || p.Containers == nil || p.ContainersTotal != 0 || p.InfraID != "" {
			t.Errorf("%s: the newest is %+v", version, p)
		}
		want := []PodContainer{{Name: "h2-podc1", State: "running"}, {Name: "h2-podc2", State: "exited"}}
		for i := range list[1].Containers {
			if id := &list[1].Containers[i].FullID; len(*id) == 64 {
				*id = ""
			}
		}
		if p := list[1]; len(p.Infra.FullID) != 64 || p.Infra.State != "running" || p.Infra.Name == "" {
			t.Errorf("%s: infra %+v", version, p.Infra)
		}
		if p := list[1]; p.State != "degraded" || p.InfraID == "" || p.Labels["app"] != "pod" || p.ContainersTotal != 2 ||
			!slices.Equal(p.Containers, want) || !strings.HasPrefix(p.Created, "2026-11-22T13:") || !strings.HasPrefix(p.FullID, p.ID) {
			t.Errorf("%s: %+v", version, p)
		}
	}
	for version, out := range stdout(t, "pod-ps-empty") {
		if list, err := Pods(out); err != nil || list == nil || len(list) != 0 {
			t.Errorf("%s, of none: %v, %v", version, list, err)
		}
	}
	for _, out := range []string{"json", "[1]", `[{"Name":"a"}]`} {
		if list, err := Pods([]byte(out)); err == nil {
			t.Errorf("%s is read as %+v", out, list)
		}
	}
	if list, err := Pods([]byte(`[{"Id":"0123456789abcdef","Labels":{"db.password":"hunter2","io.podman-mcp.call":"x"}}]`)); err != nil ||
		len(list[0].Labels) != 1 || list[0].Labels["db.password"] != mask {
		t.Errorf("labels: %+v, %v", list, err)
	}
}

func TestPodStats(t *testing.T) {
	for version, out := range stdout(t, "pod-stats") {
		list, err := PodStats(out)
		if err != nil || len(list) != 3 {
			t.Fatalf("%s: %+v, %v", version, list, err)
		}
		at := slices.IndexFunc(list, func(s PodStat) bool { return s.Container == "h2-podc1" })
		if s := list[at]; !s.Running || s.PIDs != 1 || s.MemoryBytes < 200000 || s.MemoryLimitBytes != 25280000000 || s.NetworkInBytes == 0 ||
			s.CPUPercent <= 0 || len(s.ID) != 12 || len(s.Pod) != 12 {
			t.Errorf("%s: %+v", version, s)
		}
		at = slices.IndexFunc(list, func(s PodStat) bool { return s.Container == "h2-podc2" })
		if s := list[at]; s.Running || s.MemoryBytes != 0 || s.PIDs != 0 {
			t.Errorf("%s, ended: %+v", version, s)
		}
	}
	row := `"CPU":"1%","Mem":"1%","MemUsage":"1B / 1B","NetIO":"--","BlockIO":"--"`
	if list, err := PodStats([]byte(`[{"Pod":"a","CID":"b",` + row + `}]`)); err != nil || list[0].CPUPercent != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	for _, out := range []string{"json", "[1]", "[{" + row + "}]", `[{"Pod":"a","CID":"b"}]`, `[{"Pod":"a","CID":"b",` + strings.Replace(row, "1B", "1XB", 1) + `}]`} {
		if list, err := PodStats([]byte(out)); err == nil {
			t.Errorf("%s is read as %+v", out, list)
		}
	}
}
