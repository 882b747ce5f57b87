package main

import (
	"slices"
	"strings"
)

// install is the command that installs what a program comes in.
func (f *facts) install(program string) string {
	switch f.OS {
	case "darwin":
		return "brew install " + program
	case "windows":
		if program == "podman-compose" {
			return "pip install podman-compose"
		}
		return "winget install RedHat.Podman"
	}
	command, packages := "", map[string]string{"pasta": "passt"}
	switch {
	case f.like("debian", "ubuntu"):
		command = "apt-get install -y"
		packages["containers-common"] = "golang-github-containers-common"
	case f.like("fedora", "rhel", "centos"):
		command = "dnf install -y"
		packages["uidmap"] = "shadow-utils"
	case f.like("arch"):
		command = "pacman -S --noconfirm"
		packages["uidmap"] = "shadow"
	case f.like("suse", "opensuse"):
		command = "zypper install -y"
		packages["uidmap"], packages["containers-common"] = "shadow", "libcontainers-common"
	case f.like("alpine"):
		command = "apk add"
		packages["uidmap"] = "shadow-uidmap"
	default:
		return "install " + program + " with the system's package manager"
	}
	if name, ok := packages[program]; ok {
		program = name
	}
	return f.sudo() + command + " " + program
}

// like tells whether this Linux is one of those, or like one.
func (f *facts) like(names ...string) bool {
	return slices.ContainsFunc(strings.Fields(f.Distro), func(word string) bool { return slices.Contains(names, word) })
}

// sudo is empty for root.
func (f *facts) sudo() string {
	if f.UID == 0 {
		return ""
	}
	return "sudo "
}
