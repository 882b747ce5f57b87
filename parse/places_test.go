package parse

import "testing"

func TestLoggedPlaces(t *testing.T) {
	const log = `time="2026-11-30T19:21:28Z" level=debug msg="Initializing boltdb state at /s/root/libpod/bolt_state.db"
time="2026-11-30T19:21:28Z" level=debug msg="Using graph driver vfs"
time="2026-11-30T19:21:28Z" level=debug msg="Using graph root /s/root"
time="2026-11-30T19:21:28Z" level=debug msg="Using run root /s/run \"1\""
time="2026-11-30T19:21:28Z" level=debug msg="Using static dir /s/root/libpod"
time="2026-11-30T19:21:28Z" level=debug msg="Using tmp dir /s/tmp"
time="2026-11-30T19:21:28Z" level=debug msg="Using volume path /s/root/volumes"
`
	want := Places{"/s/root", `/s/run "1"`, "/s/root/libpod", "/s/tmp", "/s/root/volumes", "vfs", "/s/root/libpod/bolt_state.db"}
	if got, err := LoggedPlaces(log); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	want.Driver = "overlay"
	if got, err := LoggedPlaces(log + "time=x level=debug msg=\"[graphdriver] using prior storage driver: overlay\"\n"); err != nil || got != want {
		t.Errorf("a prior driver: got %+v, %v", got, err)
	}
	for _, bad := range []string{"", log[:400], "Using graph root /s\n", log + "level=debug msg=\"[graphdriver] using prior storage driver: ../x\"\n"} {
		if got, err := LoggedPlaces(bad); err == nil {
			t.Errorf("%q gives %+v", bad, got)
		}
	}
}
