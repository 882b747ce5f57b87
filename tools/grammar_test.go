package tools

import (
	"fmt"
	"slices"
	"strings"
)

// commandLine is how podman run and podman exec read their words.
type commandLine struct {
	flags    map[string][]string
	operands []string // image or container, and command
}

// How podman 5.8's run and exec declare the flags that podman_run and podman_exec use, in pflag's
// kinds. A bool takes a value only with "=". A string slice splits its value on
// commas, a string array does not (facts seen on 4.3.1 and 5.8.2).
var (
	boolFlags  = []string{"detach", "replace", "rm", "init", "read-only", "http-proxy", "interactive", "tty"}
	plainFlags = []string{"name", "restart", "workdir", "user", "pod", "memory", "platform", "pull", "cpus", "entrypoint",
		"health-cmd", "health-interval", "health-start-period", "health-retries"}
	arrayFlags = []string{"env", "env-file", "label", "network", "volume"}
	sliceFlags = []string{"publish"}
)

// readBack reads the words after "podman" by pflag's grammar, with flags mixed
// among the operands as cobra's root has it, and interspersed flags off after
// the first operand as run and exec have it.
func readBack(words []string) (commandLine, error) {
	line := commandLine{flags: map[string][]string{}}
	if len(words) == 0 || words[0] != "run" && words[0] != "exec" {
		return line, fmt.Errorf("no podman run or exec: %q", words)
	}
	words = words[1:]
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		switch {
		case word == "--":
			line.operands = words
			return line, nil
		case len(word) < 2 || word[0] != '-':
			line.operands = append([]string{word}, words...)
			return line, nil
		case !strings.HasPrefix(word, "--"):
			return line, fmt.Errorf("short flags %q: none of ours", word)
		}
		name, value, given := strings.Cut(word[2:], "=")
		switch {
		case slices.Contains(boolFlags, name):
			if !given {
				value = "true"
			}
		case !slices.Contains(plainFlags, name) && !slices.Contains(arrayFlags, name) && !slices.Contains(sliceFlags, name):
			return line, fmt.Errorf("--%s is none of ours", name)
		case !given:
			return line, fmt.Errorf("--%s would take the next word as its value", name)
		}
		if slices.Contains(sliceFlags, name) {
			line.flags[name] = append(line.flags[name], strings.Split(value, ",")...)
		} else {
			line.flags[name] = append(line.flags[name], value)
		}
	}
	return line, nil
}
