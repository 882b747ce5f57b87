package parse

import (
	"reflect"
	"strings"
	"testing"
)

// The same rows from a JSON array and from JSON lines, of either version.
func TestVolumes(t *testing.T) {
	for _, form := range []string{"volume-ls", "volume-ls-tmpljson"} {
		for version, out := range stdout(t, form) {
			list, err := Volumes(out)
			if err != nil || len(list) < 2 {
				t.Fatalf("%s %s: %d volumes, %v", version, form, len(list), err)
			}
			v := list[0]
			if v.Name != "h2-vol" || v.Driver != "local" || v.Anonymous || !strings.HasPrefix(v.Created, "2026-11-22T13:") ||
				!reflect.DeepEqual(v.Labels, map[string]string{"app": "vol", "uni": "ä☃"}) {
				t.Errorf("%s %s: %+v", version, form, v)
			}
			if last := list[len(list)-1]; !last.Anonymous || len(last.Name) != 64 || last.Labels != nil {
				t.Errorf("%s %s: the anonymous one is not last: %+v", version, form, last)
			}
		}
	}
	for version, out := range stdout(t, "volume-ls-empty") {
		if list, err := Volumes(out); err != nil || list == nil || len(list) != 0 {
			t.Errorf("%s: an empty list is %v, %v", version, list, err)
		}
	}
	if _, err := Volumes([]byte("json")); err == nil {
		t.Error("the word json is no list")
	}
	if list, err := Volumes([]byte(`[{"Name":"v","Labels":{"PASSWORD":"hunter2"}}]`)); err != nil || strings.Contains(list[0].Labels["PASSWORD"], "hunter2") {
		t.Errorf("not masked: %v, %v", list, err)
	}
}

func TestNetworks(t *testing.T) {
	for _, form := range []string{"network-ls", "network-ls-tmpljson"} {
		for version, out := range stdout(t, form) {
			list, err := Networks(out)
			if err != nil || len(list) != 3 {
				t.Fatalf("%s %s: %d networks, %v", version, form, len(list), err)
			}
			n, inner, usual := list[0], list[1], list[2]
			if n.Name != "h2-net" || n.Driver != "bridge" || len(n.ID) != 12 || !strings.HasPrefix(n.FullID, n.ID) || n.Internal || !n.DNSEnabled ||
				!reflect.DeepEqual(n.Subnets, []string{"10.91.0.0/24"}) || n.Labels["app"] != "net" {
				t.Errorf("%s %s: %+v", version, form, n)
			}
			if inner.Name != "h2-net6" || !inner.Internal || len(inner.Subnets) != 2 || !strings.HasPrefix(inner.Subnets[1], "fd") {
				t.Errorf("%s %s: %+v", version, form, inner)
			}
			if usual.Name != "podman" || usual.DNSEnabled || usual.Labels != nil {
				t.Errorf("%s %s: %+v", version, form, usual)
			}
		}
	}
	if _, err := Networks([]byte(`[1]`)); err == nil {
		t.Error("numbers are no networks")
	}
}
