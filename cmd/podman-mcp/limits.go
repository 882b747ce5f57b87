package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"podman-mcp/parse"
)

// defaultFiles is how many open files podman lets a container have where
// nothing else is configured.
const defaultFiles = 1 << 20

// mostOf are the highest limits, by podman's names, that this process can give
// a container; a limit that is not there is not known to have a bound.
func mostOf() (most map[string]int64, raises bool) {
	most = map[string]int64{}
	status, _ := os.ReadFile("/proc/self/status") // without the file nothing is known, as on other systems
	limits, _ := os.ReadFile("/proc/self/limits")
	const sysResource = 24 // CAP_SYS_RESOURCE
	caps, err := strconv.ParseUint(after(status, "CapEff:", 0), 16, 64)
	if err != nil || caps&(1<<sysResource) != 0 {
		if n, known := number("/proc/sys/fs/nr_open"); known {
			most["nofile"] = n // even for those who may raise limits
		}
		return most, true
	}
	for name, label := range map[string]string{"nofile": "Max open files", "nproc": "Max processes", "memlock": "Max locked memory", "core": "Max core file size", "stack": "Max stack size"} {
		if n, err := strconv.ParseInt(after(limits, label, 1), 10, 64); err == nil { // else it is "unlimited"
			most[name] = n
		}
	}
	// podman lowers its own limit to this when it starts.
	if n, known := number("/proc/sys/kernel/pid_max"); known {
		most["nproc"] = min(n, bound(most, "nproc"))
	}
	return most, false
}

func bound(most map[string]int64, name string) int64 {
	if n, ok := most[name]; ok {
		return n
	}
	return math.MaxInt64
}

func number(path string) (int64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}

// engineConfigs are the files that set podman up, of which a later one wins.
// podman takes CONTAINERS_CONF for all the others.
func engineConfigs(uid int) []string {
	if path := os.Getenv("CONTAINERS_CONF"); path != "" {
		return []string{path, os.Getenv("CONTAINERS_CONF_OVERRIDE")}
	}
	list := []string{"/usr/share/containers/containers.conf"}
	places := []string{"/etc"}
	if dir, err := os.UserConfigDir(); err == nil && uid != 0 { // root's own is not read
		places = append(places, dir)
	}
	for _, place := range places {
		file := filepath.Join(place, "containers/containers.conf")
		more, _ := filepath.Glob(file + ".d/*.conf") // a pattern that is none finds nothing
		list = append(append(list, file), more...)
	}
	return append(list, os.Getenv("CONTAINERS_CONF_OVERRIDE"))
}

// quickstartConf is where scripts/quickstart writes a configuration, on a
// machine where podman runs no container with its defaults.
func quickstartConf() string {
	state := os.Getenv("XDG_STATE_HOME")
	if state == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		state = filepath.Join(home, ".local/state")
	}
	path := filepath.Join(state, "podman-mcp/containers.conf")
	if at, err := os.Stat(path); err != nil || !at.Mode().IsRegular() {
		return ""
	}
	return path
}

var (
	tomlComment = parse.Lazily(`(?m)#.*$`) // no limit has this sign
	tomlUlimits = parse.Lazily(`(?m)^[ \t]*default_ulimits[ \t]*=[ \t]*\[([^\]]*)\]`)
	tomlString  = parse.Lazily(`"([^"]*)"|'([^']*)'`)
)

// defaultUlimits returns the limits of the last of the files that sets any,
// such as nofile=1024:2048, and its path.
func defaultUlimits(files []string) (limits []string, path string) {
	for _, file := range slices.Backward(files) {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		found := tomlUlimits().FindStringSubmatch(tomlComment().ReplaceAllString(string(text), ""))
		if found == nil {
			continue
		}
		limits = []string{}
		for _, m := range tomlString().FindAllStringSubmatch(found[1], -1) {
			limits = append(limits, m[1]+m[2])
		}
		return limits, file
	}
	return nil, ""
}

// tooHigh returns the first limit that is more than this process can give.
func tooHigh(limits []string, most map[string]int64) (limit string, may int64) {
	for _, limit := range limits {
		name, values, _ := strings.Cut(limit, "=")
		name = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "rlimit_")
		for value := range strings.SplitSeq(values, ":") {
			n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			if may := bound(most, name); err == nil && n > may {
				return limit, may
			}
		}
	}
	return "", 0
}

// checkConfig is about the one file that stands in for all of podman's own.
func checkConfig(f *facts) finding {
	h := f.host
	switch {
	case !f.local():
		return finding{}
	case h.Conf != "" && h.ConfErr != nil:
		return fail("unset CONTAINERS_CONF", "CONTAINERS_CONF names a file that cannot be read: %v", h.ConfErr)
	case h.Conf != "":
		return ok("podman reads CONTAINERS_CONF=%s in place of every other containers.conf", h.Conf)
	case h.Quickstart != "" && checkLimits(f).Status != fails:
		return warn(f.exportConf(), "scripts/quickstart found that podman's own configuration runs no container here, and wrote %s, which podman does not read now", h.Quickstart)
	}
	return finding{}
}

// exportConf has podman read what quickstart wrote.
func (f *facts) exportConf() string { return "export CONTAINERS_CONF=" + quoted(f.host.Quickstart) }

func checkLimits(f *facts) finding {
	h := f.host
	if !f.local() {
		return finding{}
	}
	limit, may := tooHigh(h.Limits, h.Most)
	switch {
	case limit != "":
		fix := fmt.Sprintf("in %s write: %s", h.LimitsFile, f.limits())
		if h.Quickstart != "" && h.Quickstart != h.Conf {
			fix = f.exportConf()
		}
		words := fmt.Sprintf("%s asks for %s, and this process may give a container no more than %d", h.LimitsFile, limit, may)
		if f.UID > 0 {
			return warn(fix, "%s: containers may not start", words) // newer podmans lower what a user asks for
		}
		return fail(fix, "%s: no container starts", words)
	case f.UID != 0 || !h.NoResource:
		return finding{}
	case h.LimitsFile != "":
		return ok("%s keeps to what this process may give", h.LimitsFile)
	case h.Quickstart != "" && h.Conf == "":
		return fail(f.exportConf(), "this process may not raise its limits (no CAP_SYS_RESOURCE), and podman's own are higher; scripts/quickstart wrote a configuration that keeps to them")
	}
	if h.Conf != "" {
		return fail(fmt.Sprintf("in %s, under [containers], write: %s", h.Conf, f.limits()),
			"this process may not raise its limits (no CAP_SYS_RESOURCE), and podman's own are higher")
	}
	return fail(f.configure("containers", f.limits(), ""),
		"this process may not raise its limits (no CAP_SYS_RESOURCE), and podman's own are higher")
}

// limits is the setting that keeps to what this process may give.
func (f *facts) limits() string {
	files := min(defaultFiles, bound(f.host.Most, "nofile"))
	setting := fmt.Sprintf(`default_ulimits = ["nofile=%d:%d"`, files, files)
	if n, ok := f.host.Most["nproc"]; ok {
		setting += fmt.Sprintf(`, "nproc=%d:%d"`, n, n)
	}
	return setting + "]"
}

// quoted is a word as a shell reads it.
func quoted(word string) string {
	if regexp.MustCompile(`^[\w./:@%+,=-]+$`).MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
