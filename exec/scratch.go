package exec

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Scratch is the private folder of one build, and what its leftovers are known
// by. Podman cleans up after a step that fails, but not when it is ended itself:
// then its working containers stay, its temporary files, and the step's process,
// which leads a group of its own.
type Scratch struct{ dir string }

const (
	scratchName = "podman-mcp-build-"
	cacheName   = "buildah-cache" // in TMPDIR, with the user's number from podman 4.4 on
)

// NewScratch makes the folder, mode 0700, in TMPDIR or where podman itself puts
// temporary files, for a build may need much room.
func NewScratch() (*Scratch, error) {
	dir, err := os.MkdirTemp(Temporary(), scratchName)
	if err != nil {
		return nil, fmt.Errorf("make a build's folder: %w", err)
	}
	s := &Scratch{dir}
	if err := s.fill(); err != nil {
		return nil, errors.Join(err, s.Remove())
	}
	return s, nil
}

// Temporary is the folder where podman puts temporary files: large ones have
// their place there, for /tmp is often memory. A comma would end the mark of a build.
func Temporary() string {
	if dir := os.TempDir(); windows || os.Getenv("TMPDIR") != "" && filepath.IsAbs(dir) && !strings.Contains(dir, ",") {
		return dir
	}
	return "/var/tmp"
}

const unknownRoom = 16 << 30 // bytes

func (s *Scratch) fill() error {
	for _, folder := range []string{"tmp", "context"} {
		if err := os.Mkdir(s.path(folder), 0o700); err != nil {
			return err
		}
	}
	// Caches of RUN --mount=type=cache outlive a build, and other builds share them.
	caches, _ := filepath.Glob(filepath.Join(Temporary(), cacheName+"*")) // the pattern is well formed
	for _, cache := range caches {
		if err := os.Symlink(cache, s.path("tmp", filepath.Base(cache))); err != nil && !windows {
			return err
		}
	}
	return os.WriteFile(s.path("mark"), nil, 0o600)
}

func (s *Scratch) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// Context is an empty folder to build in.
func (s *Scratch) Context() string { return s.path("context") }

// Write keeps a Containerfile where only this user reads it, and returns its path.
func (s *Scratch) Write(text string) (string, error) {
	return s.path("Containerfile"), os.WriteFile(s.path("Containerfile"), []byte(text), 0o600)
}

// Scratch makes argv, a podman build, the one that s belongs to. It is marked by
// a secret that no step asks for: podman notes those in every working container
// and in no image. Where podman runs a step when it is to be ended, that step is
// killed instead, so that podman cleans up by itself.
func (a Argv) Scratch(s *Scratch) Argv {
	a.scratch = s
	return a.ScratchBelow(s).Option("secret", s.Mark())
}

// ScratchBelow makes the builds that a provider runs the ones that s belongs to,
// where it hands Mark on to them as a secret. Their steps are not killed first:
// the provider would take that for a build that failed, and go on.
func (a Argv) ScratchBelow(s *Scratch) Argv {
	// Without XDG_RUNTIME_DIR a rootless podman may keep its state below TMPDIR.
	if os.Geteuid() == 0 || os.Getenv("XDG_RUNTIME_DIR") != "" {
		a = a.Environ("TMPDIR=" + s.path("tmp"))
	}
	return a
}

// Mark is the secret that podman notes in the working containers of s.
func (s *Scratch) Mark() string { return "id=podman-mcp-build,src=" + s.path("mark") }

// Made returns the ids of the working containers that the build left in store,
// podman's folder of containers on this machine. Podman keeps there what it
// knows of each as buildah.json.
func (s *Scratch) Made(store string) ([]string, error) {
	notes, err := filepath.Glob(filepath.Join(store, "*", "userdata", "buildah.json"))
	var ids []string
	for _, file := range notes {
		// What cannot be read is another user's, or gone again.
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), "src="+s.path("mark")+`"`) {
			ids = append(ids, filepath.Base(filepath.Dir(filepath.Dir(file))))
		}
	}
	return ids, err
}

// EndSteps kills the processes of the build's steps and returns how many there
// were. Buildah notes the number of each beside what it mounts into it.
func (s *Scratch) EndSteps() int {
	ended := 0
	notes, _ := filepath.Glob(s.path("tmp", "buildah*", "pid")) // the pattern is well formed
	for _, file := range notes {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the step ended by itself
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil || pid <= 1 || !s.runs(pid, filepath.Dir(file)) {
			continue
		}
		if step, err := os.FindProcess(pid); err == nil && step.Kill() == nil {
			ended++
		}
	}
	return ended
}

// runs tells whether that process is the step of bundle, and not one that has
// its number by now: files of the bundle are mounted into the step's.
func (s *Scratch) runs(pid int, bundle string) bool {
	mounts, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "mountinfo"))
	return err == nil && strings.Contains(string(mounts), filepath.Join(filepath.Base(s.dir), "tmp", filepath.Base(bundle))+"/")
}

// Remove removes the folder, but hands the caches in it on to later builds.
// Where something is still mounted below it, which would be emptied, it stays.
func (s *Scratch) Remove() error {
	if mounts, err := os.ReadFile("/proc/self/mountinfo"); err == nil && strings.Contains(string(mounts), filepath.Base(s.dir)+"/") {
		return fmt.Errorf("%s: something is still mounted there", s.dir)
	}
	caches, _ := filepath.Glob(s.path("tmp", cacheName+"*")) // the pattern is well formed
	for _, cache := range caches {
		if about, err := os.Lstat(cache); err == nil && about.IsDir() {
			_ = os.Rename(cache, filepath.Join(Temporary(), filepath.Base(cache))) // fails where another build was first
		}
	}
	return os.RemoveAll(s.dir)
}

// fails has a build fail at the step it runs, and waits until podman has
// cleaned up: for Grace, then it is ended as it is. It gives false where no
// step runs.
func (c *child) fails() bool {
	if c.argv.scratch == nil || c.argv.scratch.EndSteps() == 0 {
		return false
	}
	over := time.After(Grace)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-over:
			return false
		case <-look.C:
			if errors.Is(c.cmd.Process.Signal(syscall.Signal(0)), os.ErrProcessDone) {
				return true
			}
		}
	}
}

// CanRun tells whether the file at that path may be run: a folder of temporary
// files may be mounted with noexec.
func CanRun(path string) bool {
	_, err := exec.LookPath(path)
	return err == nil
}
