package main

import (
	"encoding/csv"
	"fmt"
	"os"
	osexec "os/exec"
	"strconv"
	"strings"
)

// benchstat, through the Go proxy and checked by its sum database.
const benchstat = "golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da"

// microbenchmarks are those of Go that have a row, by the words of it.
func microbenchmarks() map[string]string {
	return map[string]string{
		"Args":       "a command line of podman run",
		"Containers": "parse of 200 containers",
		"Images":     "parse of 200 images",
		"Result":     "result of 50 containers, encoded",
		"Decode":     "a call's frame, read",
		"Encode":     "an answer's frame, written",
	}
}

// figure is what benchstat says of one benchmark.
type figure struct{ seconds, bytes, allocs float64 }

// benchmarks runs Go's own and has benchstat sum them up.
func (b *bench) benchmarks() error {
	command := osexec.CommandContext(b.ctx, "go", "test", "-run=^$", "-bench=^Benchmark(Args|Containers|Images|Result|Decode|Encode)$", "-benchmem",
		"-benchtime="+map[bool]string{true: "50ms", false: "300ms"}[b.quick], "-count="+map[bool]string{true: "2", false: "8"}[b.quick],
		"./exec", "./parse", "./tools", "./serve")
	out, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go test -bench: %w\n%s", err, out)
	}
	file := b.file("benchmarks")
	if err := os.WriteFile(file, out, 0o600); err != nil {
		return err
	}
	text, err := output(b.ctx, "go", "run", benchstat, "-format=csv", file)
	if err != nil {
		if b.ctx.Err() == nil {
			fmt.Printf("benchstat cannot be fetched: no Go benchmarks (%v)\n", err)
			b.report.goals.cannot(goalParseTime, "benchstat cannot be fetched")
			b.report.goals.cannot(goalParseBytes, "benchstat cannot be fetched")
		}
		return b.ctx.Err()
	}
	figures, err := summed(text)
	if err != nil {
		return err
	}
	for _, name := range []string{"Args", "Containers", "Images", "Result", "Decode", "Encode"} {
		f, ok := figures[name]
		if !ok {
			return fmt.Errorf("there is no Benchmark%s", name)
		}
		line := row{what: microbenchmarks()[name], ours: duration(f.seconds), unchanged: "", ratio: size(f.bytes), raw: fmt.Sprintf("%.0f allocs", f.allocs)}
		if name == "Containers" {
			line.readme = true
			line.goal = b.report.goals.set(goalParseTime, f.seconds < 2e-3, duration(f.seconds)) + "; " +
				b.report.goals.set(goalParseBytes, f.bytes < 1e6, size(f.bytes))
		}
		b.report.add(line)
	}
	return nil
}

func duration(seconds float64) string {
	if seconds < 1e-3 {
		return number(seconds*1e6) + " µs"
	}
	return number(seconds*1e3) + " ms"
}

func size(bytes float64) string {
	if bytes < 1e6 {
		return number(bytes/1e3) + " kB"
	}
	return megabytes(bytes)
}

// summed reads benchstat's CSV: for each unit a line that begins with a comma
// and names it, and then a line a benchmark.
func summed(text string) (map[string]figure, error) {
	figures := map[string]figure{}
	unit := ""
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord = -1
	records, err := in.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("benchstat's CSV: %w", err)
	}
	for _, cells := range records {
		if len(cells) < 2 {
			continue
		}
		if cells[0] == "" {
			unit = cells[1]
			continue
		}
		name, _, _ := strings.Cut(cells[0], "-")
		f := figures[name]
		n, err := strconv.ParseFloat(cells[1], 64)
		if err != nil {
			continue // a unit that not all have
		}
		switch unit {
		case "sec/op":
			f.seconds = n
		case "B/op":
			f.bytes = n
		case "allocs/op":
			f.allocs = n
		}
		figures[name] = f
	}
	return figures, nil
}
