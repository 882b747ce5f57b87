package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"podman-mcp/keep"
	"podman-mcp/parse"
)

// TestLasts: what files do not tell is never kept.
func TestLasts(t *testing.T) {
	now := time.Now()
	since := now.Add(-time.Hour).Unix()
	rows := func(status string) PsResult {
		row := fmt.Sprintf(`[{"Id": "%064d", "Names": ["web"], "State": "running", "Status": %q, "StartedAt": %d}]`, 1, status, since)
		list, err := parse.Containers([]byte(row))
		if err != nil {
			t.Fatal(err)
		}
		return PsResult{Containers: list}
	}
	for _, test := range []struct {
		what string
		out  any
		want bool
	}{
		{"a container that runs", rows("Up About an hour"), true},
		{"one of podman 4", rows("Up About an hour ago"), true},
		{"one with health", rows("Up About an hour (healthy)"), false},
		{"an age that is not ours", rows("Up 3 hours"), false},
		{"words that are not known", rows("Restarting"), false},
		{"who is healthy", PsResult{health: true}, false},
		{"images", ImagesResult{}, true},
		{"a volume", VolumeInspectResult{Volume: parse.VolumeDetail{Driver: "local"}}, true},
		{"another driver's", VolumeInspectResult{Volume: parse.VolumeDetail{Driver: "nfs"}}, false},
	} {
		if got := lasts(test.out, now); got != test.want {
			t.Errorf("%s: %v", test.what, got)
		}
	}
	detail := func(running bool, check string) []byte {
		return fmt.Appendf(nil, `[{"Id": "%064d", "Name": "web", "State": {"Status": "running", "Running": %v}, "Config": {%s}}]`, 1, running, check)
	}
	const check = `"Healthcheck": {"Test": ["CMD", "x"]}`
	for _, test := range []struct {
		what string
		in   InspectParams
		out  []byte
		want bool
	}{
		{"a container", InspectParams{}, detail(true, ""), false},
		{"all of one that runs", InspectParams{Full: true}, detail(true, ""), true},
		{"a part of one that runs", InspectParams{Query: "State"}, detail(true, ""), true},
		{"all of one that has ended", InspectParams{Full: true}, detail(false, ""), false},
		{"one with a health check", InspectParams{}, detail(false, check), true},
		{"what cannot be read", InspectParams{}, []byte("x"), true},
		{"all of a pod", InspectParams{Type: "pod", Full: true}, nil, true},
		{"a volume of another driver", InspectParams{Type: "volume"}, []byte(`[{"Name": "v", "Driver": "nfs"}]`), true},
	} {
		if got := passes(test.in, test.out); got != test.want {
			t.Errorf("inspect %s: %v", test.what, got)
		}
	}
}

// TestAges: a kept answer tells the age of the moment in which it is given.
func TestAges(t *testing.T) {
	began := time.Unix(time.Now().Unix(), 0)
	list, err := parse.Containers(fmt.Appendf(nil, `[{"Id": "1", "Names": ["a"], "State": "running", "Status": "Up 2 seconds", "StartedAt": %d}]`, began.Unix()))
	if err != nil {
		t.Fatal(err)
	}
	e, err := encode(PsResult{Containers: list}, began.Add(2*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]string{2 * time.Second: "Up 2 seconds", 3 * time.Second: "Up 3 seconds", 3 * time.Hour: "Up 3 hours"} {
		got, err := e.now(began.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		var told struct{ Containers []struct{ Status string } }
		if err := json.Unmarshal(got.record, &told); err != nil || told.Containers[0].Status != want {
			t.Errorf("after %s: %s", after, got.record)
		}
	}
}

// TestKeptDoubt: where it is not known where podman keeps its state, podman is
// asked, and a store that has changed is forgotten.
func TestKeptDoubt(t *testing.T) {
	k := &Kept{store: &keep.Store{}}
	k.doubt(errors.New("no database"))
	if k.known() == nil {
		t.Error("a store that may come back is forgotten")
	}
	k.doubt(fmt.Errorf("so: %w", keep.ErrChanged))
	if k.known() != nil {
		t.Error("a store under other settings is known")
	}
	var none *Kept
	if none.Hits() != 0 {
		t.Error("hits without keeping")
	}
}
