// Command measure times podman-mcp beside the raw podman commands that its
// tools stand for and beside another server, in turn in one run, and prints a
// table of medians and paired ratios with the goals that they are held to.
// scripts/bench builds what it needs and runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// bench is one run.
type bench struct {
	ctx     context.Context
	server  string // our executable
	modules string // the folder of what npm installed; "" where it could not
	scratch string
	quick   bool
	pairs   int
	keeps   bool // our server keeps answers that cannot have changed

	rivals  *rivals
	report  report
	have    int     // containers
	over    []over  // what each read costs over its raw command
	slowest float64 // of the kept answers at 200 containers, in ms
}

// parts are what is measured, in this order: containers are only added.
func parts() []part {
	return []part{
		{"size", (*bench).size},
		{"start", (*bench).start},
		{"go", (*bench).benchmarks},
		{"log", (*bench).logs},
		{"watchers", (*bench).watchers},
		{"reads at 1", func(b *bench) error { return b.reads(1) }},
		{"unchanged at 4", (*bench).unchanged},
		{"reads at 50", func(b *bench) error { return b.reads(50) }},
		{"crowd", (*bench).crowd},
		{"tokens", (*bench).tokens},
		{"reads at 200", func(b *bench) error { return b.reads(200) }},
	}
}

type part struct {
	name string
	run  func(*bench) error
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := measure(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context) (err error) {
	b := &bench{ctx: ctx}
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	only := flag.String("run", "", "only the parts that match this `RE`: "+strings.Join(names, ", "))
	write := flag.Bool("write", false, "write the table into README.md; only of a whole run")
	flag.StringVar(&b.server, "server", "bin/podman-mcp", "the server's executable")
	flag.StringVar(&b.modules, "modules", "", "the folder of what npm installed")
	flag.BoolVar(&b.quick, "quick", false, "a small run: fewer pairs, shorter logs, 50 containers at most")
	flag.IntVar(&b.pairs, "pairs", 41, "pairs of runs of each figure")
	flag.Parse()
	chosen, err := regexp.Compile(*only)
	switch {
	case err != nil:
		return fmt.Errorf("-run: %w", err)
	case flag.NArg() > 0:
		return fmt.Errorf("it takes no arguments, and was given: %s", strings.Join(flag.Args(), " "))
	case b.pairs < 3:
		return fmt.Errorf("-pairs: %d are too few for a median", b.pairs)
	case *write && (b.quick || *only != ""):
		return errors.New("-write goes with a whole run, not with -quick or -run")
	}
	if b.quick {
		b.pairs = min(b.pairs, 7)
	}
	if b.scratch, err = os.MkdirTemp("", "podman-mcp-measure-*"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.scratch)) }()
	defer func() { err = errors.Join(err, b.remove()) }()
	if err := b.open(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.rivals.close()) }()

	begin := time.Now()
	for _, p := range parts() {
		if !chosen.MatchString(p.name) {
			continue
		}
		if err := p.run(b); err != nil {
			if ctx.Err() != nil {
				return errors.New("interrupted")
			}
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	b.report.end(time.Since(begin))
	if *write {
		return b.report.write("README.md")
	}
	return nil
}

// open looks at what there is to measure and says so.
func (b *bench) open() error {
	if err := b.remove(); err != nil { // of an interrupted run
		return err
	}
	version, err := b.podman("version", "--format", "{{.Client.Version}}")
	if err != nil {
		return err
	}
	help, err := output(b.ctx, b.server, "--help")
	if err != nil {
		return err
	}
	b.keeps = strings.Contains(help, "--no-cache")
	if b.rivals, err = b.openRivals(); err != nil {
		return err
	}
	what := "scripts/bench"
	if len(os.Args) > 1 {
		what = strings.TrimSpace(what + " " + strings.Join(shownArguments(), " "))
	}
	b.report.begin(facts{
		podman: strings.TrimSpace(version), other: b.rivals.version, date: time.Now().Format(time.DateOnly), command: what, pairs: b.pairs,
	}, b.rivals.missing)
	return nil
}

// shownArguments are those that a person gave, without those of scripts/bench.
func shownArguments() []string {
	var list []string
	flag.Visit(func(f *flag.Flag) {
		switch {
		case f.Name == "server" || f.Name == "modules":
		case f.Value.String() == "true":
			list = append(list, "-"+f.Name)
		default:
			list = append(list, fmt.Sprintf("-%s %s", f.Name, f.Value))
		}
	})
	return list
}

// fresh are the flags of a server that runs podman for every answer.
func (b *bench) fresh() []string {
	if b.keeps {
		return []string{"--no-cache"}
	}
	return nil
}

// few is n, or less in a quick run.
func (b *bench) few(n, quick int) int {
	if b.quick {
		return quick
	}
	return n
}

func (b *bench) file(name string) string { return filepath.Join(b.scratch, name) }
