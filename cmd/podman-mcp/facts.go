package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"podman-mcp/compose"
	"podman-mcp/exec"
	"podman-mcp/parse"
	"podman-mcp/tools"
)

// facts are what doctor's checks judge. Gathering them changes nothing.
type facts struct {
	OS       string
	Distro   string // the words of ID and ID_LIKE in /etc/os-release
	UID      int    // -1 on Windows
	User     string
	Home     bool
	Podman   string // the executable as configured
	Path     string // where it was found
	Usual    string // where a podman is that installers put there
	Where    string // the service as configured, such as --url=…; empty for none
	URL      string // the service's as configured, without a password
	Socket   string // the path of a configured socket
	SockErr  error  // why it cannot be opened
	Version  parse.Versions
	VersErr  error
	Info     info
	InfoErr  error
	InfoTook time.Duration

	Machines   []machine // on macOS and Windows
	MachineErr error

	Compose       string // the provider and its version
	ComposeErr    error
	ComposeChoice compose.Choice
	PodmanCompose string // where podman-compose is

	Agents string // what they may do

	NoCache bool
	KeepErr error // why answers cannot be kept

	host hostFacts
}

// info is what the checks need of podman info, whose parts are missing in
// some versions.
type info struct {
	Host struct {
		CgroupVersion     string   `json:"cgroupVersion"`
		CgroupControllers []string `json:"cgroupControllers"`
		NetworkBackend    string   `json:"networkBackend"`
		NetworkInfo       struct { // since 4.6
			Path string                `json:"path"`
			DNS  struct{ Path string } `json:"dns"`
		} `json:"networkBackendInfo"`
		OCIRuntime      struct{ Name, Path, Version string } `json:"ociRuntime"`
		RootlessNetwork string                               `json:"rootlessNetworkCmd"` // since 5.0
		Slirp           struct{ Executable string }          `json:"slirp4netns"`
		Pasta           struct{ Executable string }          `json:"pasta"`
		ServiceIsRemote bool                                 `json:"serviceIsRemote"`
		Security        struct{ Rootless bool }              `json:"security"`
	} `json:"host"`
	Store struct {
		Driver    string `json:"graphDriverName"`
		Root      string `json:"graphRoot"`
		Allocated int64  `json:"graphRootAllocated"` // bytes of the file system
		Used      int64  `json:"graphRootUsed"`
	} `json:"store"`
	Registries struct{ Search []string } `json:"registries"`
}

type machine struct {
	Name    string
	Default bool
	Running bool
}

// gather asks podman and the system, all at once, until ctx ends.
func gather(ctx context.Context, g *Globals, host *tools.Host) facts {
	f := facts{OS: runtime.GOOS, UID: os.Getuid(), Podman: string(g.Podman), Path: inPath(string(g.Podman))}
	f.Agents = g.terms(host)
	f.Distro = distro()
	f.Usual = usual()
	f.ComposeChoice, f.PodmanCompose = host.Compose, inPath("podman-compose")
	if u, err := user.Current(); err == nil {
		f.User = u.Username
	}
	f.User = cmp.Or(f.User, os.Getenv("USER"), strconv.Itoa(f.UID))
	_, err := os.UserHomeDir()
	f.Home = err == nil
	f.Where = strings.Join(g.remote(), " ")
	f.Socket = string(g.SocketPath)
	if at := cmp.Or(string(g.URL), os.Getenv("CONTAINER_HOST")); f.Socket == "" && g.Connection == "" {
		if f.Where == "" && at != "" {
			f.Where = "CONTAINER_HOST=" + redacted(at)
		}
		f.URL = redacted(at)
		if path, ok := strings.CutPrefix(at, "unix://"); ok {
			f.Socket = path
		}
	}
	if name := os.Getenv("CONTAINER_CONNECTION"); f.Where == "" && name != "" {
		f.Where = "CONTAINER_CONNECTION=" + name
	}

	var all sync.WaitGroup
	all.Go(func() { f.SockErr = dial(ctx, f.Socket) })
	if f.NoCache = g.NoCache; !f.NoCache {
		all.Go(func() { _, f.KeepErr = tools.LearnStore(ctx, host.Runner) })
	}
	all.Go(func() {
		f.Version, f.VersErr = versions(ctx, host.Runner)
	})
	all.Go(func() {
		begin := time.Now()
		result, err := host.Runner.Run(ctx, exec.Podman("info").Option("format", "json"))
		f.InfoTook = time.Since(begin)
		if err == nil {
			err = json.Unmarshal(result.Stdout, &f.Info)
		}
		f.InfoErr = err
	})
	all.Go(func() {
		provider, err := compose.Find(ctx, host.Runner, host.Compose)
		if f.ComposeErr = err; err == nil {
			f.Compose = provider.String()
		}
	})
	if f.OS != "linux" && f.Where == "" {
		all.Go(func() { f.Machines, f.MachineErr = machines(ctx, host.Runner) })
	}
	all.Go(func() { f.host = gatherHost(f.UID, f.User) })
	all.Wait()
	return f
}

// remote tells whether another machine or service runs the containers, of
// which this host's set-up says nothing.
func (f *facts) remote() bool {
	return f.OS != "linux" || f.Where != "" || f.Info.Host.ServiceIsRemote
}

// versions asks for the client's and the service's, and where the service does
// not answer for the client's alone.
func versions(ctx context.Context, r *exec.Runner) (parse.Versions, error) {
	result, err := r.Run(ctx, exec.Podman("version").Option("format", "json"))
	if err == nil {
		v, err := parse.Version(result.Stdout)
		if err != nil {
			line, _, _ := strings.Cut(strings.TrimSpace(parse.Mask(parse.Clean(string(result.Stdout)))), "\n")
			return v, notPodman(line)
		}
		return v, nil
	}
	result, alone := r.Run(ctx, exec.Podman().Flag("version", true)) // "podman version 5.8.2"
	if words := strings.Fields(string(result.Stdout)); alone == nil && len(words) > 0 {
		return parse.Versions{Client: words[len(words)-1]}, nil
	}
	return parse.Versions{}, err
}

// notPodman is a program that runs, and what it answered instead of a version.
type notPodman string

func (n notPodman) Error() string {
	if n == "" {
		return "it answers `version` with nothing"
	}
	return fmt.Sprintf("it answers `version` with %.60q", string(n))
}

// usual looks for podman where installers put it, whatever PATH says.
func usual() string {
	for _, dir := range []string{"/usr/bin", "/usr/local/bin", "/opt/podman/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin"} {
		if path := inPath(dir + "/podman"); path != "" {
			return path
		}
	}
	return ""
}

func machines(ctx context.Context, r *exec.Runner) ([]machine, error) {
	result, err := r.Run(ctx, exec.Podman("machine", "list").Option("format", "json"))
	if err != nil {
		return nil, err
	}
	var list []machine
	err = json.Unmarshal(result.Stdout, &list)
	return list, err
}

// dial opens a socket and closes it.
func dial(ctx context.Context, path string) error {
	if path == "" {
		return nil
	}
	if at, err := os.Stat(path); err != nil {
		return err
	} else if at.Mode()&os.ModeSocket == 0 {
		return errors.New("it is no socket")
	}
	conn, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "unix", path)
	if err != nil {
		return err
	}
	return conn.Close()
}

// inPath finds a program as the shell would, and in the folders of system
// programs, which are not in every user's PATH.
func inPath(name string) string {
	dirs := append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/sbin")
	if filepath.Base(name) != name {
		dirs = []string{""}
	}
	for _, dir := range dirs {
		for _, suffix := range []string{"", ".exe"} {
			path := filepath.Join(dir, name) + suffix
			at, err := os.Stat(path)
			if err == nil && at.Mode().IsRegular() && (at.Mode()&0o111 != 0 || runtime.GOOS == "windows") {
				return path
			}
		}
	}
	return ""
}

// redacted is a URL without its password.
func redacted(s string) string {
	if u, err := url.Parse(s); err == nil {
		return u.Redacted()
	}
	return parse.Mask(s)
}
