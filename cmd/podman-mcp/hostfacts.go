package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// hostFacts are what a local podman needs of Linux. Elsewhere, and where a
// file cannot be read, they are zero.
type hostFacts struct {
	SubUIDs, SubGIDs int // subordinate ids of this user
	NewUIDMap        bool
	NoUserNamespaces string // the setting that forbids them
	RuntimeDir       string // XDG_RUNTIME_DIR
	RuntimeDirErr    error
	Tun              bool
	Hybrid           bool             // both cgroup versions at once
	NoResource       bool             // the capability to raise limits is missing, and they are low
	Most             map[string]int64 // the limits that containers may be given
	Limits           []string         // those that LimitsFile sets
	LimitsFile       string
	Conf             string // CONTAINERS_CONF
	ConfErr          error  // why it cannot be read
	Quickstart       string // the configuration that quickstart has written
	NoSystemd        bool
	Policy           bool // policy.json, which a pull needs
	Helpers          map[string]string
	Proxies          []string // NAME=URL without passwords
}

func gatherHost(uid int, user string) hostFacts {
	h := hostFacts{Helpers: map[string]string{}}
	h.SubUIDs = subordinate("/etc/subuid", uid, user)
	h.SubGIDs = subordinate("/etc/subgid", uid, user)
	h.NewUIDMap = inPath("newuidmap") != "" && inPath("newgidmap") != ""
	for _, path := range []string{"/proc/sys/kernel/unprivileged_userns_clone", "/proc/sys/user/max_user_namespaces"} {
		if text, err := os.ReadFile(path); err == nil && string(bytes.TrimSpace(text)) == "0" {
			h.NoUserNamespaces = strings.ReplaceAll(strings.TrimPrefix(path, "/proc/sys/"), "/", ".")
		}
	}
	if h.RuntimeDir = os.Getenv("XDG_RUNTIME_DIR"); h.RuntimeDir != "" {
		_, h.RuntimeDirErr = os.ReadDir(h.RuntimeDir)
	}
	h.Tun = exists("/dev/net/tun")
	h.Hybrid = exists("/sys/fs/cgroup/unified") && !exists("/sys/fs/cgroup/cgroup.controllers")
	most, raises := mostOf()
	h.Most, h.NoResource = most, !raises && bound(most, "nofile") < defaultFiles
	h.Limits, h.LimitsFile = defaultUlimits(engineConfigs(uid))
	if h.Conf = os.Getenv("CONTAINERS_CONF"); h.Conf != "" {
		_, h.ConfErr = os.ReadFile(h.Conf)
	}
	if path := quickstartConf(); path != "" {
		limits, _ := defaultUlimits([]string{path})
		if high, _ := tooHigh(limits, most); high == "" { // it was written for other limits
			h.Quickstart = path
		}
	}
	h.NoSystemd = !exists("/run/systemd/system")
	home, _ := os.UserHomeDir() // without one the first path is nobody's
	h.Policy = exists(filepath.Join(home, ".config/containers/policy.json")) || exists("/etc/containers/policy.json") ||
		exists("/usr/share/containers/policy.json")
	for _, name := range []string{"netavark", "aardvark-dns", "iptables", "nft", "pasta", "slirp4netns", "fuse-overlayfs", "crun", "runc"} {
		h.Helpers[name] = inPath(name)
		for _, dir := range []string{"/usr/local/libexec/podman", "/usr/local/lib/podman", "/usr/libexec/podman", "/usr/lib/podman"} {
			if path := filepath.Join(dir, name); h.Helpers[name] == "" && exists(path) {
				h.Helpers[name] = path
			}
		}
	}
	for _, name := range []string{"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		if v := os.Getenv(name); v != "" {
			h.Proxies = append(h.Proxies, name+"="+redacted(v))
		}
	}
	return h
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// subordinate counts the ids that a file such as /etc/subuid gives the user.
func subordinate(path string, uid int, user string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	count := 0
	for line := range strings.Lines(string(text)) {
		parts := strings.Split(strings.TrimSpace(line), ":")
		if len(parts) == 3 && (parts[0] == user || parts[0] == strconv.Itoa(uid)) {
			if n, err := strconv.Atoi(parts[2]); err == nil {
				count += n
			}
		}
	}
	return count
}

// after returns the nth word behind a label.
func after(text []byte, label string, n int) string {
	_, rest, _ := strings.Cut(string(text), label)
	line, _, _ := strings.Cut(rest, "\n")
	if words := strings.Fields(line); n < len(words) {
		return words[n]
	}
	return ""
}

// distro are the words by which os-release says what this Linux is like.
func distro() string {
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return ""
	}
	var words []string
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key == "ID" || key == "ID_LIKE" {
			words = append(words, strings.Trim(value, `"'`))
		}
	}
	return strings.Join(words, " ")
}
