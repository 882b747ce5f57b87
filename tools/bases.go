package tools

import (
	"podman-mcp/parse"
	"slices"
	"strings"
)

// joined is a Containerfile without its comments, each instruction on one line.
func joined(text string) string {
	return continued().ReplaceAllString(comment().ReplaceAllString(text, ""), "")
}

// bases are the images of a Containerfile that are not its own stages. A stage
// has its name only after its FROM; before that podman takes it for an image.
// As in podman's builder, a variable in a FROM has the value of an ARG before
// the first FROM, args giving those that are named there, and is empty
// otherwise. ok is false where a name cannot be told.
func bases(text string, args []Env) (list []string, ok bool) {
	if strange(text) != "" {
		return nil, false
	}
	text = joined(text)
	found := baseShape().FindAllStringSubmatchIndex(text, -1)
	part := func(m []int, i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return text[m[2*i]:m[2*i+1]]
	}
	head := text
	if first := slices.IndexFunc(found, func(m []int) bool { return part(m, 1) != "" }); first >= 0 {
		head = text[:found[first][0]]
	}
	values := headArgs(head, args)
	stages := []string{"scratch"}
	for _, m := range found {
		word, copied := part(m, 1), part(m, 1) == ""
		if copied {
			if word = part(m, 3); strings.Contains(word, "$") {
				return nil, false // of the stage it stands in, by rules of its own
			}
		}
		plain := expanded(word, values)
		if strings.ContainsAny(plain, "$\\") || plain == "" {
			return nil, false
		}
		own := slices.Contains(stages, plain)
		if number := strings.Trim(plain, "0123456789") == ""; !own && !(copied && number) {
			list = append(list, plain)
		}
		if name := part(m, 2); stageName().MatchString(name) { // with others podman's builder has ways of its own
			stages = append(stages, name)
		}
	}
	return list, true
}

var (
	baseShape = parse.Lazily(`(?im)^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*["']?([^\s"']+)["']?(?:[ \t]+AS[ \t]+["']?([^\s"']+))?|(?:--from[= \t]|[=,]from=)["']?([^\s"',]+)`)
	variable  = parse.Lazily(`\$(?:\{[A-Za-z_][A-Za-z0-9_]*(?::-[^${}]*)?\}|[A-Za-z_][A-Za-z0-9_]*)`)
	stageName = parse.Lazily(`^[a-z][a-z0-9_.-]*$`)
	builtin   = parse.Lazily(`^(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)$`)
)

// headArgs are the values of the ARGs before the first FROM, in their order.
func headArgs(head string, args []Env) map[string]string {
	given := map[string]string{}
	for _, arg := range args {
		key, value, _ := strings.Cut(string(arg), "=")
		given[key] = value
	}
	values := map[string]string{}
	for _, line := range argLine().FindAllStringSubmatch(head, -1) {
		for _, pair := range argPair().FindAllStringSubmatch(line[1], -1) {
			value, ok := given[pair[1]]
			if !ok {
				value = expanded(strings.Trim(pair[2], `"'`), values)
			}
			values[pair[1]] = value
		}
	}
	return values
}

// expanded puts values in for variables; what is built in, such as TARGETARCH,
// cannot be told here and stays.
func expanded(word string, values map[string]string) string {
	return variable().ReplaceAllStringFunc(word, func(v string) string {
		name, otherwise, _ := strings.Cut(strings.Trim(v, "${}"), ":-")
		if value := values[name]; value != "" {
			return value
		}
		if builtin().MatchString(name) {
			return v
		}
		return otherwise
	})
}
