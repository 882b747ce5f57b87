package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// rivals are the other server, by the two ways in which it asks podman. Where
// npm could not install it the columns stay empty and missing says why.
type rivals struct {
	binary  string // "" where there is none
	version string
	missing string

	socket  string
	service *osexec.Cmd // podman's own, for the way over its REST interface
	said    bytes.Buffer

	failed map[string]bool // what it was asked for in vain
}

const rival = "podman-mcp-server"

func (b *bench) openRivals() (*rivals, error) {
	r := &rivals{socket: b.file("podman.sock"), failed: map[string]bool{}}
	if b.modules == "" {
		r.missing = "npm could not install " + rival + ": its columns are empty"
		return r, nil
	}
	architecture := map[string]string{"amd64": "amd64", "arm64": "arm64"}[runtime.GOARCH]
	name := fmt.Sprintf("%s-%s-%s", rival, runtime.GOOS, architecture)
	binary := filepath.Join(b.modules, "node_modules", name, "bin", name)
	if _, err := os.Stat(binary); err != nil {
		r.missing = "npm has no " + name + ": its columns are empty"
		return r, nil
	}
	text, err := os.ReadFile(filepath.Join(b.modules, "node_modules", rival, "package.json"))
	if err != nil {
		return nil, err
	}
	var about struct{ Version string }
	if err := json.Unmarshal(text, &about); err != nil {
		return nil, fmt.Errorf("%s's package.json: %w", rival, err)
	}
	r.binary, r.version = binary, about.Version
	return r, r.serve(b)
}

// serve starts podman's service and waits until it can be reached.
func (r *rivals) serve(b *bench) error {
	r.service = osexec.Command("podman", "system", "service", "--time=0", "unix://"+r.socket)
	r.service.Stderr = &r.said // where all is well it still warns
	if err := r.service.Start(); err != nil {
		return err
	}
	for late := time.Now().Add(20 * time.Second); ; {
		conn, err := net.Dial("unix", r.socket)
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(late) || b.ctx.Err() != nil {
			return errors.Join(fmt.Errorf("podman system service: %w", err), r.close(), errors.New(r.said.String()))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// cli is a session whose server runs podman for each call; nil where there is
// no such server.
func (r *rivals) cli(b *bench, env ...string) (*client, error) {
	if r.binary == "" {
		return nil, nil
	}
	return b.begin(nil, env, r.binary, "--podman-impl=cli")
}

// rest is a session whose server asks podman's service.
func (r *rivals) rest(b *bench) (*client, error) {
	if r.binary == "" {
		return nil, nil
	}
	return b.begin(nil, []string{"CONTAINER_HOST=unix://" + r.socket}, r.binary, "--podman-impl=api")
}

// both is cli and rest, and end ends both.
func (r *rivals) both(b *bench) (cli, rest *client, end func() error, err error) {
	if cli, err = r.cli(b); err != nil {
		return nil, nil, nil, err
	}
	if rest, err = r.rest(b); err != nil {
		return nil, nil, nil, errors.Join(err, cli.close())
	}
	return cli, rest, func() error { return errors.Join(cli.close(), rest.close()) }, nil
}

// lenient goes on where the other server fails, and asks it no more: that is no
// failure of the bench, and takes it half a minute at times.
func (r *rivals) lenient(b *bench, what string, ask contender) contender {
	if ask == nil || r.failed[what] {
		return nil
	}
	return func() (float64, error) {
		if r.failed[what] {
			return 0, nil
		}
		took, err := ask()
		if err != nil && b.ctx.Err() == nil {
			r.failed[what] = true
			err = nil
		}
		return took, err
	}
}

// cell is the other server's in a row.
func (r *rivals) cell(what string, times []float64) string {
	if r.failed[what] {
		return "fails"
	}
	return ms(times)
}

func (r *rivals) close() error {
	if r.service == nil {
		return nil
	}
	// Rootless podman works in a child, which only a polite end reaches.
	if err := r.service.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("end podman's service: %w", err)
	}
	late := time.AfterFunc(10*time.Second, func() { _ = r.service.Process.Kill() })
	defer late.Stop()
	_ = r.service.Wait() // it says that it was ended
	return nil
}
