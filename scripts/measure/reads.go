package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// read is a tool beside the raw command and the other server's tool that answer
// the same question.
type read struct {
	tool  string
	args  map[string]any
	raw   []string
	other string // "" where it has none
	name  string // which container or image it is given there
	core  bool   // asked most often: measured with all pairs, and in the README
}

func reads() []read {
	container, picture := named(0), map[string]any{"image": image}
	return []read{
		{"podman_ps", map[string]any{"all": true}, []string{"ps", "--all", "--pod", "--format=json"}, "container_list", "", true},
		{"podman_images", nil, []string{"images", "--format=json"}, "image_list", "", true},
		{"podman_inspect", map[string]any{"container": container}, []string{"container", "inspect", "--", container}, "container_inspect", container, true},
		{"podman_logs", map[string]any{"container": container}, []string{"logs", "--tail=101", "--", container}, "container_logs", container, true},
		{"podman_inspect of an image", map[string]any{"container": image, "type": "image"}, []string{"image", "inspect", "--", image}, "", "", false},
		{"podman_diff", map[string]any{"container": container}, []string{"container", "diff", "--format=json", "--", container}, "", "", false},
		{"podman_port", map[string]any{"container": container}, []string{"port", "--", container}, "", "", false},
		{"podman_history", picture, []string{"history", "--format=json", "--", image}, "", "", false},
		{"podman_image_tree", picture, []string{"image", "tree", "--", image}, "", "", false},
		{"podman_pod_ps", nil, []string{"pod", "ps", "--format=json"}, "", "", false},
		{"podman_volume_ls", nil, []string{"volume", "ls", "--format=json"}, "volume_list", "", false},
		{"podman_network_ls", nil, []string{"network", "ls", "--format=json"}, "network_list", "", false},
		{"podman_secret_ls", nil, []string{"secret", "ls", "--format={{json .}}"}, "", "", false},
		{"podman_version", nil, []string{"version", "--format=json"}, "", "", false},
		{"podman_events", nil, []string{"events", "--stream=false", "--since=1h", "--format=json"}, "", "", false},
		{"podman_system_df", nil, []string{"system", "df", "--format={{json .}}"}, "", "", false},
		{"podman_info", nil, []string{"info", "--format=json"}, "", "", false},
	}
}

// reads measures every read tool with n containers.
func (b *bench) reads(n int) error {
	if b.quick && n > 50 {
		return nil
	}
	if err := b.containers(n); err != nil {
		return err
	}
	w, err := b.witnesses()
	if err != nil {
		return err
	}
	for _, r := range reads() {
		if err == nil {
			err = b.read(w, r, n)
		}
	}
	return errors.Join(err, w.end())
}

func counted(n int) string {
	if n == 1 {
		return "1 container"
	}
	return fmt.Sprint(n, " containers")
}

// witnesses are the sessions that are asked the same.
type witnesses struct {
	fresh, kept, cli, rest *client // kept is nil where the server keeps nothing
	end                    func() error
}

func (b *bench) witnesses() (w witnesses, err error) {
	cli, rest, end, err := b.rivals.both(b)
	if err != nil {
		return w, err
	}
	w = witnesses{cli: cli, rest: rest}
	w.end = func() error { return errors.Join(w.fresh.close(), w.kept.close(), end()) }
	if w.fresh, err = b.ours(nil, append(b.fresh(), "--toolsets=all")...); err == nil && b.keeps {
		w.kept, err = b.ours(nil, "--toolsets=all")
	}
	if err != nil {
		err = errors.Join(err, w.end())
	}
	return w, err
}

func (b *bench) read(w witnesses, r read, n int) error {
	pairs := b.pairs
	if !r.core {
		pairs = max(b.pairs/2, 3)
	}
	tool, _, _ := strings.Cut(r.tool, " ")
	contenders := []contender{w.fresh.calls(b.ctx, tool, r.args), b.raw(r.raw...), w.kept.calls(b.ctx, tool, r.args), nil, nil}
	if r.other != "" {
		args := map[string]any{}
		if r.name != "" {
			args["name"] = r.name
		}
		contenders[3] = b.rivals.lenient(b, "cli "+r.other, w.cli.calls(b.ctx, r.other, args))
		contenders[4] = b.rivals.lenient(b, "rest "+r.other, w.rest.calls(b.ctx, r.other, args))
	}
	times, err := turns(pairs, contenders...)
	if err != nil {
		return fmt.Errorf("%s: %w", r.tool, err)
	}
	ours, raw, kept, cli, rest := times[0], times[1], times[2], times[3], times[4]
	factor, more := paired(ours, raw, ratio), paired(ours, raw, difference)
	b.report.add(row{
		what: fmt.Sprintf("%s, %s", r.tool, counted(n)), ours: ms(ours), unchanged: ms(kept), raw: ms(raw),
		ratio: fmt.Sprintf("%.3f, %+.2f ms", factor, more), cli: b.rivals.cell("cli "+r.other, cli), rest: b.rivals.cell("rest "+r.other, rest),
		goal:   b.overhead(fmt.Sprintf("%s at %d", r.tool, n), factor, more),
		readme: r.core && n == 200,
	})
	if n == 200 {
		b.keptAt200(r, kept, rest)
	}
	return nil
}

// keptAt200 holds the tools whose answers are kept to their goals.
func (b *bench) keptAt200(r read, kept, rest []float64) {
	if r.tool == "podman_ps" {
		b.compared(kept, rest, goalRest200, 50)
	}
	switch {
	case !b.keeps:
		b.report.goals.cannot(goalUnchanged, keepsNothing)
	case r.core && r.tool != "podman_logs": // which is never kept
		b.slowest = max(b.slowest, median(kept))
		b.report.goals.set(goalUnchanged, b.slowest < 1, "the slowest of podman_ps, podman_images and podman_inspect: "+number(b.slowest)+" ms")
	}
}

const keepsNothing = "this server keeps no answers"

// overhead notes how a read fared over its raw command; the goal is met where
// all of them meet it.
func (b *bench) overhead(what string, factor, more float64) string {
	met := factor <= 1.03 && more <= 1
	b.over = append(b.over, over{what, factor, more, met})
	worst := slices.MaxFunc(b.over, func(x, y over) int { return cmp.Compare(x.factor, y.factor) })
	good := 0
	for _, o := range b.over {
		if o.met {
			good++
		}
	}
	b.report.goals.set(goalReads, good == len(b.over),
		fmt.Sprintf("%d of %d figures; the worst is %s, %.3f and %+.2f ms", good, len(b.over), worst.what, worst.factor, worst.more))
	if met {
		return "1.03, 1 ms: met"
	}
	return "1.03, 1 ms: not met"
}

// over is what a read costs over its raw command.
type over struct {
	what         string
	factor, more float64
	met          bool
}

// unchanged measures answers that cannot have changed beside the other server's
// REST backend with four containers; with 200 reads does.
func (b *bench) unchanged() error {
	if err := b.containers(4); err != nil {
		return err
	}
	w, err := b.witnesses()
	if err != nil {
		return err
	}
	times, err := turns(b.pairs, w.kept.calls(b.ctx, "podman_ps", map[string]any{"all": true}), w.rest.calls(b.ctx, "container_list", nil))
	if err = errors.Join(err, w.end()); err != nil {
		return err
	}
	kept, rest := times[0], times[1]
	b.report.add(row{what: "podman_ps, " + counted(4), unchanged: ms(kept), rest: ms(rest), goal: b.compared(kept, rest, goalRest4, 3), readme: true})
	return nil
}

// compared holds kept answers to be so many times as fast as the REST backend's.
func (b *bench) compared(kept, rest []float64, which int, times float64) string {
	switch {
	case len(kept) == 0:
		b.report.goals.cannot(which, keepsNothing)
		return ""
	case len(rest) == 0:
		b.report.goals.cannot(which, b.rivals.missing)
		return ""
	}
	faster := paired(rest, kept, ratio)
	return b.report.goals.set(which, faster >= times, fmt.Sprintf("%.1f times", faster))
}
