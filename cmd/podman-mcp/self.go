package main

import (
	"os"
	"strings"

	"podman-mcp/parse"
)

// ownContainer is the id of the container that this process runs in, or the
// first 12 digits of it, and "" outside of one.
func ownContainer() string {
	if _, err := os.Stat("/run/.containerenv"); err != nil && os.Getenv("container") == "" {
		return "" // podman makes the file and sets the variable in every container
	}
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			return "" // the next source may tell
		}
		return string(text)
	}
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	return containerID(read("/proc/self/mountinfo"), read("/run/.containerenv"), read("/proc/self/cgroup"), host)
}

var (
	// mountedFile is a file that podman mounts into a container out of the
	// container's own folder: the fourth word is the path there, the fifth inside.
	mountedFile = parse.Lazily(`(?m)^\d+ \d+ \S+ \S*/([0-9a-f]{64})/userdata/\S+ (?:/etc/hostname|/etc/hosts|/etc/resolv\.conf|/run/\.containerenv) `)
	// envID is there in privileged containers only.
	envID    = parse.Lazily(`(?m)^id="([0-9a-f]{64})"$`)
	cgroupID = parse.Lazily(`libpod-([0-9a-f]{64})`)
	hostID   = parse.Lazily(`^[0-9a-f]{12}$`) // what podman calls a host that is given no name
)

// containerID reads the id out of what podman leaves in a container, the surest first.
func containerID(mounts, env, cgroup, host string) string {
	for _, found := range [][]string{mountedFile().FindStringSubmatch(mounts), envID().FindStringSubmatch(env), cgroupID().FindStringSubmatch(cgroup)} {
		if found != nil {
			return found[1]
		}
	}
	if host = strings.ToLower(host); hostID().MatchString(host) {
		return host
	}
	return ""
}
