package parse

import (
	"strings"
	"testing"
)

// table is what podman 4.3.1 printed for a container whose second process has
// a line break, a tab and a password among its words.
const table = `PID         PPID        USER        STATE       %CPU        RSS         ELAPSED          TIME        COMMAND
1           0           root        S           0.041       5852        1m42.653796881s  1.2s        /image serve ` + `
7           1           1000        Z           12.500      0           250ms            0s          [image] a
b           c  --password hunter2
`

func TestProcesses(t *testing.T) {
	list, err := Processes([]byte(table))
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	want := []Process{
		{PID: 1, User: "root", State: "S", CPUPercent: 0.04, CPUSeconds: 1.2, MemoryBytes: 5852 * 1024, ElapsedSeconds: 102.65, Command: "/image serve"},
		{PID: 7, PPID: 1, User: "1000", State: "Z", CPUPercent: 12.5, ElapsedSeconds: 0.25, Command: "[image] a b c --password ***"},
	}
	for i := range want {
		if list[i] != want[i] {
			t.Errorf("row %d is\n  %+v, want\n  %+v", i, list[i], want[i])
		}
	}
	header, _, _ := strings.Cut(table, "\n")
	for _, out := range []string{"", "\n", "USER PID\n0 1\n", header + "\nhello\n", "1 0 root S 0.0 1 1s 0s x\n"} {
		if list, err := Processes([]byte(out)); err == nil {
			t.Errorf("%q is read as %+v", out, list)
		}
	}
	if list, err := Processes([]byte(header + "\n")); err != nil || list == nil || len(list) > 0 {
		t.Errorf("of no process: %v, %v", list, err)
	}
	long, err := Processes([]byte(header + "\n1 0 root S 0.0 1 1s 0s " + strings.Repeat("x\n", 1<<20)))
	if err != nil || len(long) != 1 || len([]rune(long[0].Command)) != maxCommand {
		t.Errorf("of a long command: %v, %v", long, err)
	}
}

func TestMappings(t *testing.T) {
	for version, out := range stdout(t, "port") {
		list, err := Mappings(out)
		if err != nil || len(list) != 6 || list[1] != (Mapping{80, "tcp", "0.0.0.0", 18080}) || list[5] != (Mapping{445, "udp", "127.0.0.1", 18445}) {
			t.Errorf("%s: %+v, %v", version, list, err)
		}
	}
	for line, want := range map[string]Mapping{"80/tcp -> [::1]:8080": {80, "tcp", "::1", 8080}, "80/sctp -> ::1:8080": {80, "sctp", "::1", 8080}} {
		if list, err := Mappings([]byte(line + "\n")); err != nil || len(list) != 1 || list[0] != want {
			t.Errorf("%s is read as %+v, %v", line, list, err)
		}
	}
	if list, err := Mappings(nil); err != nil || list == nil || len(list) > 0 {
		t.Errorf("of nothing: %v, %v", list, err)
	}
	for _, out := range []string{"json", "80/tcp", "80/tcp -> 8080", "[]"} {
		if list, err := Mappings([]byte(out)); err == nil {
			t.Errorf("%q is read as %+v", out, list)
		}
	}
}

func TestDiff(t *testing.T) {
	for version, out := range stdout(t, "diff") {
		c, err := Diff(out)
		if err != nil || strings.Join(c.Added, " ") != "/d /newfile" || strings.Join(c.Changed, " ") != "/etc" || c.Deleted == nil || len(c.Deleted) > 0 {
			t.Errorf("%s: %+v, %v", version, c, err)
		}
	}
	if c, err := Diff([]byte("{}\n")); err != nil || c.Added == nil {
		t.Errorf("of no change: %+v, %v", c, err)
	}
	if c, err := Diff([]byte("A /d\n")); err == nil {
		t.Errorf("podman's own words are read as %+v", c)
	}
}

func TestContainerResources(t *testing.T) {
	for version, out := range stdout(t, "inspect-container-web") {
		r, err := ContainerResources(out)
		want := Resources{MemoryBytes: 64 << 20, MemorySwapBytes: 128 << 20, CPUs: 0.5, PIDsLimit: 2048, Restart: r.Restart}
		if err != nil || r != want {
			t.Errorf("%s: %+v, %v", version, r, err)
		}
	}
	for _, out := range []string{"[]", "[{}]", "{"} {
		if r, err := ContainerResources([]byte(out)); err == nil {
			t.Errorf("%q is read as %+v", out, r)
		}
	}
}
