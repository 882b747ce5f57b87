package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

type status string

const (
	passes status = "ok"
	warns  status = "warn" // some calls will fail
	fails  status = "FAIL" // most will
)

// finding is what a check says. The zero finding says nothing.
type finding struct {
	Check  string `json:"check"`
	Status status `json:"status"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"` // one command
}

func ok(format string, args ...any) finding {
	return finding{Status: passes, Detail: fmt.Sprintf(format, args...)}
}

func warn(fix, format string, args ...any) finding {
	return finding{Status: warns, Detail: fmt.Sprintf(format, args...), Fix: fix}
}

func fail(fix, format string, args ...any) finding {
	return finding{Status: fails, Detail: fmt.Sprintf(format, args...), Fix: fix}
}

// examine runs every check over the facts. What nothing can be said of is left out.
func examine(f facts) []finding {
	list := []finding{}
	for _, check := range []struct {
		name string
		look func(*facts) finding
	}{
		{"podman", checkPodman},
		{"holes", checkHoles},
		{"machine", checkMachine},
		{"socket", checkSocket},
		{"answer", checkAnswer},
		{"home", checkHome},
		{"ids", checkIDs},
		{"namespaces", checkNamespaces},
		{"runtime dir", checkRuntimeDir},
		{"storage", checkStorage},
		{"runtime", checkRuntime},
		{"config", checkConfig},
		{"limits", checkLimits},
		{"cgroups", checkCgroups},
		{"network", checkNetwork},
		{"names", checkNames},
		{"health", checkHealth},
		{"compose", checkCompose},
		{"registries", checkRegistries},
		{"policy", checkPolicy},
		{"answers", checkAnswers},
		{"proxy", checkProxy},
		{"agents", checkAgents},
	} {
		if found := check.look(&f); found.Status != "" {
			found.Check = check.name
			list = append(list, found)
		}
	}
	return list
}

// missing tells whether there is no podman to run.
func (f *facts) missing() bool {
	var other notPodman
	return errors.Is(f.VersErr, exec.ErrNotFound) || errors.Is(f.VersErr, fs.ErrNotExist) || errors.As(f.VersErr, &other)
}

// hangs tells whether even podman version did not end.
func (f *facts) hangs() bool { return errors.Is(f.VersErr, context.DeadlineExceeded) }

// checkAnswers tells whether those that cannot have changed cost no process.
func checkAnswers(f *facts) finding {
	switch {
	case f.missing() || !f.answered():
		return finding{}
	case f.NoCache:
		return ok("podman is run for each, by --no-cache")
	case f.KeepErr != nil:
		return ok("podman is run for each: %v", f.KeepErr)
	}
	return ok("given again without podman while none of its files changes")
}

// checkAgents tells the policy in force.
func checkAgents(f *facts) finding {
	if f.Agents == "" {
		return finding{}
	}
	return ok("%s", f.Agents)
}

func checkPodman(f *facts) finding {
	var other notPodman
	switch {
	case errors.As(f.VersErr, &other):
		return fail(f.findPodman(), "%s is no podman: %v", f.Podman, other)
	case f.missing() && f.Usual == "":
		return fail(f.install("podman"), "there is no executable %q", f.Podman)
	case f.missing():
		return fail(f.findPodman(), "there is no executable %q; podman is at %s", f.Podman, f.Usual)
	}
	v, known := parse.SemverOf(f.Version.Client)
	switch {
	case f.hangs():
		return fail(f.Podman+" version", "%s did not tell its version within %s", f.Podman, examination)
	case !known && f.VersErr != nil:
		return fail(f.Podman+" version", "%s does not tell its version: %s", f.Podman, why(f.VersErr))
	case !known:
		return fail(f.Podman+" version", "%s printed no version that can be read; is it podman?", f.Podman)
	case !v.AtLeast(4, 3):
		return fail(f.install("podman"), "%s is older than 4.3, which podman-mcp needs", f.Version.Client)
	}
	words := f.Version.Client
	if f.Path != "" {
		words += " at " + f.Path
	}
	if f.Version.Server != "" && f.Version.Server != f.Version.Client {
		words += ", its service " + f.Version.Server
	}
	if v.AtLeast(7, 0) {
		return warn("", "%s; podman-mcp knows versions 4.3 to 6", words)
	}
	return ok("%s", words)
}

// findPodman has podman-mcp use the podman that there is.
func (f *facts) findPodman() string {
	switch {
	case f.Usual == "":
		return f.install("podman")
	case f.Podman == "podman" && f.Path == "":
		return `export PATH="$PATH:` + filepath.Dir(f.Usual) + `"`
	}
	return "podman-mcp --podman " + f.Usual + " doctor"
}

// checkMachine is for macOS and Windows, where a virtual machine runs the containers.
func checkMachine(f *facts) finding {
	if f.OS == "linux" || f.Where != "" || f.missing() {
		return finding{}
	}
	if f.MachineErr != nil {
		return warn("podman machine list", "podman does not list its machines: %s", why(f.MachineErr))
	}
	for _, m := range f.Machines {
		if m.Running {
			return ok("%s runs", m.Name)
		}
	}
	if len(f.Machines) == 0 {
		return fail("podman machine init --now", "there is no podman machine, which runs the containers")
	}
	m := f.Machines[max(0, slices.IndexFunc(f.Machines, func(m machine) bool { return m.Default }))]
	return fail("podman machine start "+m.Name, "the machine %s does not run", m.Name)
}

func checkSocket(f *facts) finding {
	switch {
	case f.Where == "":
		return finding{}
	case f.Socket == "":
		return ok("podman uses %s", f.Where)
	case f.SockErr == nil:
		return ok("%s takes connections", f.Socket)
	}
	start, restart := f.serve(f.Socket)
	switch {
	case errors.Is(f.SockErr, fs.ErrNotExist):
		return fail(start, "%s does not exist: podman's service is not started", f.Socket)
	case errors.Is(f.SockErr, fs.ErrPermission):
		own := fmt.Sprintf("/run/user/%d/podman/podman.sock", f.UID)
		start, _ := f.serve(own)
		if f.host.NoSystemd {
			start += " &" // it serves until it is ended
		} else {
			start += " &&"
		}
		return fail(start+" podman-mcp doctor --socket-path "+own, "%s may not be opened by %s; it belongs to somebody else's podman", f.Socket, f.User)
	case errors.Is(f.SockErr, syscall.ECONNREFUSED):
		return fail(restart, "nothing listens at %s: podman's service has stopped", f.Socket)
	}
	return fail(start, "%s: %v", f.Socket, f.SockErr)
}

// serve has podman's service listen at a path: by the unit that makes that very
// path, if there is one.
func (f *facts) serve(path string) (start, restart string) {
	unit := ""
	switch path {
	case "/run/podman/podman.sock", "/var/run/podman/podman.sock":
		unit = f.sudo() + "systemctl "
	case fmt.Sprintf("/run/user/%d/podman/podman.sock", f.UID), filepath.Join(f.host.RuntimeDir, "podman/podman.sock"):
		unit = "systemctl --user "
	}
	if unit != "" && !f.host.NoSystemd {
		return unit + "enable --now podman.socket", unit + "restart podman.socket"
	}
	sudo := ""
	if strings.HasPrefix(unit, "sudo") {
		sudo = "sudo "
	}
	start = sudo + "podman system service --time=0 " + quoted("unix://"+path)
	restart = sudo + "rm " + quoted(path) + " && " + start
	if dir := filepath.Dir(path); !exists(dir) {
		start = sudo + "mkdir -p " + quoted(dir) + " && " + start
	}
	return start, restart
}

// checkAnswer is podman info, which needs all of podman to work.
func checkAnswer(f *facts) finding {
	switch {
	case f.missing(), f.hangs(), checkMachine(f).Status == fails, checkSocket(f).Status == fails:
		return finding{} // told already
	case errors.Is(f.InfoErr, context.DeadlineExceeded):
		return fail("podman --log-level=debug info", "podman info did not answer within %s", examination)
	case errors.Is(f.InfoErr, context.Canceled):
		return fail("", "cancelled before podman info answered")
	case f.InfoErr != nil:
		return fail(f.reach(), "podman info fails: %s", why(f.InfoErr))
	case f.InfoTook > 5*time.Second:
		return warn("", "podman info took %.0f s: the machine is busy, or podman waits for a lock or the network", f.InfoTook.Seconds())
	}
	return ok("podman info took %.1f s", f.InfoTook.Seconds())
}

// reach is for a podman info that fails.
func (f *facts) reach() string {
	at, err := url.Parse(f.URL)
	switch asking := "podman " + strings.TrimSpace(f.flags()+" info"); {
	case !unconnected(f.InfoErr):
		return asking
	case strings.Contains(f.Where, "--connection="), strings.HasPrefix(f.Where, "CONTAINER_CONNECTION="):
		return "podman system connection ls"
	case err != nil || f.Where == "":
		return asking
	case at.Scheme == "tcp" && slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, at.Hostname()):
		return "podman system service --time=0 " + quoted(f.URL)
	case at.Scheme == "tcp":
		return "on " + at.Hostname() + ": podman system service --time=0 " + quoted(f.URL)
	case at.Scheme == "ssh":
		to := at.Hostname()
		if name := at.User.Username(); name != "" {
			to = name + "@" + to
		}
		if port := at.Port(); port != "" {
			to = "-p " + port + " " + to
		}
		if strings.HasPrefix(at.Path, "/run/podman/") {
			return "ssh " + to + " systemctl enable --now podman.socket"
		}
		return "ssh " + to + " systemctl --user enable --now podman.socket"
	default:
		return asking
	}
}

// unconnected tells whether podman did not reach its service.
func unconnected(err error) bool {
	var (
		run     *exec.RunError
		failure *parse.Failure
	)
	switch {
	case errors.As(err, &failure):
		return failure.Code == parse.NotConnected
	case errors.As(err, &run):
		return run.Stderr != "" && parse.Classify(run.Stderr, max(run.Code, 0)).Code == parse.NotConnected
	}
	return false
}

// flags are podman's own for the configured service.
func (f *facts) flags() string {
	if strings.HasPrefix(f.Where, "--") {
		return f.Where
	}
	return ""
}

// why is an error in one line, for a command in podman's own words.
func why(err error) string {
	var run *exec.RunError
	if errors.As(err, &run) && run.Code >= 0 && run.Stderr != "" {
		return parse.Classify(run.Stderr, run.Code).Message
	}
	line, _, _ := strings.Cut(parse.Mask(parse.Clean(err.Error())), "\n")
	return line
}
