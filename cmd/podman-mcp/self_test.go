package main

import (
	"strings"
	"testing"
)

// The container's id is found in what podman leaves inside, and nothing else is
// taken for it.
func TestContainerID(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	other := strings.Repeat("fedcba9876543210", 4)
	for name, test := range map[string]struct {
		mounts, env, cgroup, host, want string
	}{
		"rootful": {mounts: "701 690 0:45 / / rw - overlay overlay rw\n" +
			"705 701 0:24 /containers/storage/overlay-containers/" + id + "/userdata/hostname /etc/hostname rw,nosuid - tmpfs tmpfs rw\n", want: id},
		"rootless, with a name of its own": {mounts: "705 701 0:44 /user/1000/containers/overlay-containers/" + id + "/userdata/.containerenv /run/.containerenv rw - tmpfs tmpfs rw\n",
			host: "server", want: id},
		"privileged": {env: "engine=\"podman-4.3.1\"\nname=\"server\"\nid=\"" + id + "\"\nimage=\"x\"\n", want: id},
		"cgroup":     {cgroup: "0::/machine.slice/libpod-" + id + ".scope/container\n", want: id},
		"hostname":   {cgroup: "0::/\n", host: id[:12], want: id[:12]},
		"another's": {mounts: "60 30 0:40 /overlay-containers/" + other + "/userdata/shm /var/lib/containers/storage/overlay-containers/" + other + "/userdata/shm rw - tmpfs shm rw\n",
			host: "server"},
		"none": {mounts: "1 1 0:1 / / rw - ext4 /dev/sda rw\n", cgroup: "0::/user.slice\n", host: "deadbeefcafe.example"},
	} {
		if got := containerID(test.mounts, test.env, test.cgroup, test.host); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
