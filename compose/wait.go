package compose

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

const (
	poll   = 500 * time.Millisecond
	often  = 30 * time.Second       // between two health checks at most, while a call waits for them
	moment = 500 * time.Millisecond // within which a program that cannot start has ended
)

// settled gives the project's containers once their state means something:
// with wait when all are healthy or have ended or one has failed, else a moment
// after the provider is done.
func (u *upping) settled(ctx context.Context) ([]parse.Container, error) {
	list, err := containers(ctx, u.r, u.m.name)
	if err != nil {
		return nil, err
	}
	if !u.o.Wait || !u.o.Detach {
		if u.o.Detach && !u.p.old() { // an old one itself waits a second for each container
			if err := sleep(ctx, moment); err != nil {
				return list, err
			}
			return containers(ctx, u.r, u.m.name)
		}
		return list, nil
	}
	checked := map[string]time.Time{}
	told, at, begun := "", time.Time{}, time.Now()
	for {
		waiting, broken := u.waiting(list)
		if len(waiting) == 0 || broken {
			return list, nil
		}
		if now := "waiting for " + strings.Join(waiting, ", "); now != told || time.Since(at) > remind {
			text := now
			if now == told {
				text += fmt.Sprintf(", for %s now", time.Since(begun).Round(time.Second))
			}
			u.trace.tell(text)
			told, at = now, time.Now()
		}
		u.check(ctx, list, checked)
		if err := sleep(ctx, poll); err != nil {
			return list, err
		}
		if list, err = containers(ctx, u.r, u.m.name); err != nil {
			return nil, err
		}
	}
}

// waiting are the services whose health is not known yet; broken tells that one
// will not come up any more.
func (u *upping) waiting(list []parse.Container) (names []string, broken bool) {
	for _, service := range u.m.wanted() {
		switch how, _ := worst(list, service); how {
		case pending:
			names = append(names, service)
		case fit:
		default:
			broken = true
		}
	}
	return names, broken
}

func (u *upping) waitingFor(list []parse.Container) string {
	var names []string
	for _, service := range u.m.wanted() {
		if how, _ := worst(list, service); how != fit {
			names = append(names, service)
		}
	}
	if len(names) == 0 {
		return "the provider did not end"
	}
	return strings.Join(names, ", ")
}

// check runs health checks that nobody else does: podman leaves them to
// systemd's timers, and without systemd a container stays "starting" for ever.
func (u *upping) check(ctx context.Context, list []parse.Container, checked map[string]time.Time) {
	if !u.unwatched() {
		return
	}
	for _, c := range list {
		if fitnessOf(c) != pending || time.Since(checked[c.FullID]) < u.interval(c.ComposeService) {
			continue
		}
		checked[c.FullID] = time.Now()
		// It ends with 1 where the container is not healthy, which ps tells too.
		_, _ = u.r.Run(ctx, exec.Podman("healthcheck", "run").Operand(c.FullID))
	}
}

func (u *upping) unwatched() bool { return Unwatched(u.r) }

// Unwatched tells that nobody runs health checks: podman is on this machine,
// and systemd is not.
func Unwatched(r *exec.Runner) bool {
	return runtime.GOOS == "linux" && !r.Remote && len(r.Globals) == 0 && !booted()
}

// starting says why the health of containers stays unknown, "" where it does not.
func (u *upping) starting(list []parse.Container) string {
	var names []string
	for _, c := range list {
		if fitnessOf(c) == pending {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 || !u.unwatched() {
		return ""
	}
	return "Still starting: " + strings.Join(names, ", ") + ". Health checks do not run by themselves here, for podman leaves them to systemd, which does not run; " +
		"a call with wait runs them, as podman healthcheck run does."
}

// booted is systemd's own way to tell whether it runs: sd_booted(3).
var booted = func() bool {
	_, err := os.Stat("/run/systemd/system")
	return err == nil
}

// interval is 30 s where the file says none, as podman has it, and no longer
// where it says more: the call would wait for hours.
func (u *upping) interval(service string) time.Duration {
	if h := u.m.project.Services[service].HealthCheck; h != nil && h.Interval != nil {
		return min(max(time.Duration(*h.Interval), poll), often)
	}
	return often
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// remind is the time between two words of what is being waited for.
var remind = 15 * time.Second
