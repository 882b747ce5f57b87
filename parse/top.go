package parse

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Process is one process of a container, as podman top tells it.
type Process struct {
	PID            int     `json:"pid"` // inside the container
	PPID           int     `json:"ppid"`
	User           string  `json:"user"`
	State          string  `json:"state"`       // ps's letter: R runs, S sleeps, D waits for the disk, Z is a zombie, T is stopped
	CPUPercent     float64 `json:"cpu_percent"` // of one processor, since the process's start
	CPUSeconds     float64 `json:"cpu_seconds"`
	MemoryBytes    int64   `json:"memory_bytes"` // resident
	ElapsedSeconds float64 `json:"elapsed_seconds"`
	Command        string  `json:"command"` // with its arguments, at most 120 characters
}

// TopColumns are the columns that podman top is to print for [Processes], in
// its words. The command is the last: only that holds blanks.
func TopColumns() []string {
	return []string{"pid", "ppid", "user", "state", "pcpu", "rss", "etime", "time", "args"}
}

// Processes reads podman top with [TopColumns], a table in every version. A
// command may hold line breaks: a line that is no row goes on with the command
// before it, so that a program can hide nothing but what its own words say.
func Processes(out []byte) ([]Process, error) {
	const what = "a table of processes"
	lines := strings.Split(string(bytes.TrimRight(out, "\n")), "\n")
	if !slices.Equal(strings.Fields(lines[0]), []string{"PID", "PPID", "USER", "STATE", "%CPU", "RSS", "ELAPSED", "TIME", "COMMAND"}) {
		return nil, OutputInvalidError(what, out, nil)
	}
	list := []Process{}
	for _, line := range lines[1:] {
		p, command, ok := process(line)
		switch {
		case ok:
			p.Command = command
			list = append(list, p)
		case len(list) > 0:
			if last := &list[len(list)-1]; len(last.Command) < maxWord {
				last.Command += " " + line
			}
		default:
			return nil, OutputInvalidError(what, out, nil)
		}
	}
	for i := range list {
		list[i].Command = shownCommand(list[i].Command)
	}
	return list, nil
}

func shownCommand(words string) string {
	fields := strings.Fields(Clean(cutBytes(words, maxWord)))
	return cutRunes(strings.Join(MaskArgs(fields), " "), maxCommand)
}

// process reads a row up to the command, which is the rest of the line.
func process(line string) (p Process, command string, ok bool) {
	var cells [8]string
	rest := line
	for i := range cells {
		rest = strings.TrimLeft(rest, " ")
		cells[i], rest, _ = strings.Cut(rest, " ")
	}
	ok = true
	number := func(text string) int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		ok = ok && err == nil && n >= 0
		return n
	}
	seconds := func(text string) float64 {
		d, err := time.ParseDuration(text)
		ok = ok && err == nil
		return hundredths(d.Seconds())
	}
	percent, err := strconv.ParseFloat(cells[4], 64)
	ok = err == nil && cells[3] != ""
	p = Process{
		PID: int(number(cells[0])), PPID: int(number(cells[1])), User: Clean(cells[2]), State: Clean(cells[3]),
		CPUPercent: hundredths(percent), MemoryBytes: number(cells[5]) * 1024,
		ElapsedSeconds: seconds(cells[6]), CPUSeconds: seconds(cells[7]),
	}
	return p, strings.TrimSpace(rest), ok
}
