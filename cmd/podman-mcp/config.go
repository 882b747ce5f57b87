package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"podman-mcp/tools"
)

// configFile names a JSON object with a flag's name for each key, with dashes
// or underscores: {"log-level": "debug", "env_pass": ["GOPATH"]}.
type configFile string

// BeforeResolve reads the file; kong calls it when flags and variables are known.
func (configFile) BeforeResolve(ctx *kong.Context, trace *kong.Path) error {
	named, _ := ctx.FlagValue(trace.Flag).(configFile)
	if named == "" {
		return nil
	}
	path := kong.ExpandPath(string(named))
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	values, err := readConfig(text, flagNames(ctx.Model))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	settled := map[string]bool{}
	for _, p := range ctx.Path {
		if p.Flag != nil {
			settled[p.Flag.Name] = true
		}
	}
	for _, flag := range ctx.Model.Flags {
		value := values[flag.Name]
		if value == nil || settled[flag.Name] || len(flag.Envs) > 0 {
			continue // a stronger one has it
		}
		if err := fits(flag, value); err != nil {
			return fmt.Errorf("%s: key %q (--%s): %w", path, flag.Name, flag.Name, err)
		}
	}
	ctx.AddResolver(config{path, values})
	return nil
}

// fits tries a value on a flag, as kong does later without naming the file.
func fits(flag *kong.Flag, value any) error {
	target := reflect.New(flag.Target.Type())
	_, isBool := value.(bool)
	_, isList := value.([]any)
	switch kind := flag.Target.Kind(); {
	case isBool && kind != reflect.Bool, isList && kind != reflect.Slice:
		return errors.New("takes a string")
	}
	scan := kong.Scan().PushTyped(value, kong.FlagValueToken)
	if err := flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, target.Elem()); err != nil {
		return err
	}
	if given := fmt.Sprint(target.Elem()); flag.Enum != "" && !slices.Contains(flag.EnumSlice(), given) {
		return fmt.Errorf("%q is none of %s", given, strings.Join(flag.EnumSlice(), ", "))
	}
	if v, ok := target.Interface().(interface{ Validate() error }); ok {
		return v.Validate()
	}
	return nil
}

// flagNames are the keys that a file may have.
func flagNames(app *kong.Application) []string {
	var names []string
	for _, flag := range app.Flags {
		if flag.Name != "help" && flag.Name != "config" {
			names = append(names, flag.Name)
		}
	}
	return names
}

// readConfig returns the values by flag.
func readConfig(text []byte, flags []string) (map[string]any, error) {
	given := map[string]any{}
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber() // a number may be a connection's name
	err := in.Decode(&given)
	if err == nil && given == nil {
		err = errors.New("it is null")
	}
	if err == nil && in.More() {
		err = errors.New("there is more after it")
	}
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the file is empty; it must hold a JSON object, at least {}")
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("it ends too early")
	case errors.As(err, &kind):
		return nil, fmt.Errorf("the file holds no JSON object such as {\"log-level\": \"debug\"}, but a JSON %s", kind.Value)
	}
	if err != nil {
		line := 1 + bytes.Count(text[:min(len(text), int(in.InputOffset()))], []byte("\n"))
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line = 1 + bytes.Count(text[:min(len(text), int(syntax.Offset))], []byte("\n"))
		}
		return nil, fmt.Errorf("line %d: the file is no JSON object: %w", line, err)
	}
	values := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		name := strings.ReplaceAll(key, "_", "-")
		switch _, twice := values[name]; {
		case !slices.Contains(flags, name):
			hint := "the keys are " + strings.Join(flags, ", ")
			if near := tools.Nearest(name, flags); len(near) > 0 {
				hint = "did you mean " + strings.Join(near, " or ") + "?"
			}
			return nil, fmt.Errorf("unknown key %q; %s", key, hint)
		case twice:
			return nil, fmt.Errorf("key %q is there twice", name)
		}
		value, err := flagValue(given[key])
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
		values[name] = value
	}
	return values, nil
}

// flagValue makes of a JSON value what stands on a command line.
func flagValue(v any) (any, error) {
	switch v := v.(type) {
	case string, bool, nil: // null is a key that is not there
		return v, nil
	case json.Number:
		return v.String(), nil
	case []any:
		for _, item := range v {
			if _, ok := item.(string); !ok {
				return nil, errors.New("takes a list of strings")
			}
		}
		return v, nil
	}
	return nil, errors.New("takes a string")
}

// config gives flags their values from a file.
type config struct {
	path   string
	values map[string]any
}

// Validate has nothing left to do: BeforeResolve knows the keys.
func (config) Validate(*kong.Application) error { return nil }

// Resolve is asked for each flag that the command line does not have. kong
// would let the file beat the environment.
func (c config) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if len(flag.Envs) > 0 {
		return nil, nil // forgetEmpty has left those that are set
	}
	return c.values[flag.Name], nil
}

// forgetEmpty has an empty variable mean none: clients' settings often give
// every variable there is. It also sets up what no tag of kong's can.
func forgetEmpty(k *kong.Kong) error {
	empty := func(name string) bool { return os.Getenv(name) == "" }
	for _, flag := range k.Model.Flags {
		flag.Envs = slices.DeleteFunc(flag.Envs, empty)
		flag.Tag.Envs = slices.DeleteFunc(flag.Tag.Envs, empty)
		if flag.Name == "env-pass" {
			flag.Help += " For several repeat the flag or put commas between them, as in its variable; the file takes a list."
		}
	}
	strayFlags(k.Model)
	return nil
}
