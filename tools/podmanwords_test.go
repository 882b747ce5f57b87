package tools

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// podmanFlags is what one podman takes: the kind of every flag, as pflag names
// it, by subcommand. Those of "" stand behind every subcommand, hidden ones too.
// They come from podman's own table of commands, 4.3.1's and 5.8.2's. A kind that
// ends with "optional" takes its value only with "=".
type podmanFlags map[string]map[string]string

func knownFlags(t testing.TB) map[string]podmanFlags {
	t.Helper()
	text, err := os.ReadFile("../fixtures/flags.json")
	if err != nil {
		t.Fatal(err)
	}
	var known map[string]podmanFlags // by version
	if err := json.Unmarshal(text, &known); err != nil {
		t.Fatal(err)
	}
	return known
}

// and adds what only a newer podman takes: this one refuses the whole command.
func (f podmanFlags) and(newer podmanFlags) podmanFlags {
	both := podmanFlags{}
	for verb, flags := range newer {
		both[verb] = maps.Clone(flags)
	}
	for verb, flags := range f {
		if both[verb] == nil {
			both[verb] = map[string]string{}
		}
		maps.Copy(both[verb], flags)
	}
	return both
}

// commandLine is how podman reads the words after its name.
type commandLine struct {
	verb     string
	flags    map[string][]string
	operands []string // image or container, and command
}

// commas are the kinds of flags that take their value apart.
var commas = []string{"stringSlice", "ipSlice", "intSlice", "uintSlice", "stringToString"}

// read reads the words after "podman" by pflag's grammar, and holds them to what
// is ours beyond it: no short flags, no global ones, no operand before "--", so
// that it does not matter where a subcommand would take flags, and a value only
// with "=", one a flag.
func (f podmanFlags) read(words []string) (commandLine, error) {
	line := commandLine{flags: map[string][]string{}}
	n := 0
	for n < len(words) && !strings.HasPrefix(words[n], "-") {
		n++
	}
	line.verb = strings.Join(words[:n], " ")
	if _, known := f[line.verb]; !known || n == 0 {
		return line, fmt.Errorf("no subcommand %q", line.verb)
	}
	for i, word := range words[n:] {
		if word == "--" {
			line.operands = words[n+i+1:]
			return line, nil
		}
		name, value, given := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		kind, known := f[line.verb][name]
		_, global := f[""][name]
		switch {
		case !strings.HasPrefix(word, "-"):
			return line, fmt.Errorf("the operand %q stands before --", word)
		case !strings.HasPrefix(word, "--"):
			return line, fmt.Errorf("short flags %q: none of ours", word)
		case global && !known:
			return line, fmt.Errorf("--%s is a flag of podman itself", name)
		case !known:
			return line, fmt.Errorf("%s has no flag --%s", line.verb, name)
		case kind == "bool" && !given:
			value = "true"
		case kind == "bool" && value != "true" && value != "false":
			return line, fmt.Errorf("--%s is no %q", name, value)
		case !given && !strings.HasSuffix(kind, "optional"):
			return line, fmt.Errorf("--%s would take the next word as its value", name)
		}
		if slices.Contains(commas, kind) {
			fields, err := csv.NewReader(strings.NewReader(value)).ReadAll()
			if err != nil || len(fields) != 1 || len(fields[0]) != 1 {
				return line, fmt.Errorf("--%s=%q is no single value: %q, %v", name, value, fields, err)
			}
			value = fields[0][0]
		}
		line.flags[name] = append(line.flags[name], value)
	}
	return line, nil
}
