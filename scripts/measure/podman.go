package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	image = "localhost/podman-mcp-test:latest"
	label = "podman-mcp.bench"
)

func output(ctx context.Context, name string, args ...string) (string, error) {
	out, err := osexec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		var exit *osexec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
		}
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return string(out), nil
}

func (b *bench) podman(args ...string) (string, error) { return output(b.ctx, "podman", args...) }

// raw times a podman command.
func (b *bench) raw(args ...string) contender {
	return func() (float64, error) {
		begin := time.Now()
		_, err := b.podman(args...)
		return since(begin), err
	}
}

func named(i int) string { return fmt.Sprint("bench-", i) }

// containers sees to it that there are so many that do not run. The first has
// run, and left a log; the others were never started.
func (b *bench) containers(n int) error {
	if b.have == 0 {
		if _, err := b.podman("run", "--name", named(0), "--label", label, "--network=none", image, "log", "-n", "50"); err != nil {
			return err
		}
		b.have = 1
	}
	first, next := b.have, make(chan int)
	failed := make(chan error, 2)
	var workers sync.WaitGroup
	for range cap(failed) {
		workers.Go(func() {
			var err error
			for i := range next {
				if err == nil {
					_, err = b.podman("create", "--name", named(i), "--label", label, "--label", "app=shop", image, "sleep")
				}
			}
			failed <- err
		})
	}
	for i := first; i < n; i++ {
		next <- i
	}
	close(next)
	workers.Wait()
	b.have = max(b.have, n)
	return errors.Join(<-failed, <-failed)
}

// remove takes away the containers and images of this and of an interrupted run.
// It works also when the run is over: containers stay for nobody.
func (b *bench) remove() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.ctx), 2*time.Minute)
	defer cancel()
	for _, kind := range []struct{ list, remove []string }{
		{[]string{"ps", "--all", "--quiet", "--filter=label=" + label}, []string{"rm", "--force", "--time=0", "--"}},
		{[]string{"images", "--quiet", "--no-trunc", "--filter=label=" + label}, []string{"rmi", "--force", "--"}},
	} {
		ids, err := output(ctx, "podman", kind.list...)
		if err != nil {
			return err
		}
		if strings.TrimSpace(ids) == "" {
			continue
		}
		if _, err := output(ctx, "podman", append(kind.remove, strings.Fields(ids)...)...); err != nil {
			return err
		}
	}
	b.have = 0
	return nil
}

// memory reads what a process has, in bytes: VmRSS now, VmHWM at most so far.
// Where the system does not tell it is 0.
func memory(pid int, what string) float64 {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }() // which was only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 3 && fields[0] == what+":" {
			n, _ := strconv.ParseFloat(fields[1], 64) // the kernel writes numbers
			return n * 1024
		}
	}
	return 0
}
