package parse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

const (
	maxPath     = 512        // bytes of a query
	maxAnswer   = 256 * 1024 // bytes of its answer
	maxNesting  = 64         // podman's own is below 10
	inspectWhat = "an answer of podman inspect"
)

// Full gives the first object of any inspect answer as compact JSON, in podman's order of keys, cleaned, and
// with secrets masked wherever they can be: Env, command lines, labels, options and history. More than 256 KiB
// are a *Failure with [InvalidParams].
func Full(out []byte) (json.RawMessage, error) {
	whole, err := masked(out)
	if err == nil && len(whole) > maxAnswer {
		return nil, &Failure{Code: InvalidParams,
			Message: fmt.Sprintf("podman's whole JSON has %d bytes, more than %d", len(whole), maxAnswer),
			Hint:    "podman_inspect with query gives a part of it. The first level has: " + topKeys(whole) + "."}
	}
	return whole, err
}

// masked is Full of any size.
func masked(out []byte) (json.RawMessage, error) {
	v, err := firstObject(inspectWhat, out)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Grow(len(v.Raw))
	if !writeMasked(&b, "", "", v, 0) {
		return nil, OutputInvalidError(inspectWhat, out, nil)
	}
	return b.Bytes(), nil
}

// Query takes a gjson path into what [Full] would give at any size, for instance "NetworkSettings.Ports" or
// "Mounts.#.Destination". Modifiers (@…) and more than one {…} or […] in a path are refused, because a short
// path could ask for an answer of any size. A path that leads nowhere is a *Failure with [InvalidParams].
func Query(out []byte, path string) (json.RawMessage, error) {
	if why := badPath(path); why != "" {
		return nil, &Failure{Code: InvalidParams, Subject: cutBytes(Clean(path), maxSubject),
			Message: "query " + why, Hint: `A query is a gjson path such as State.Status or Mounts.#.Destination.`}
	}
	full, err := masked(out)
	if err != nil {
		return nil, err
	}
	v := gjson.GetBytes(full, path)
	raw := []byte(v.Raw)
	switch {
	case !v.Exists() || !json.Valid(raw):
		return nil, &Failure{Code: InvalidParams, Subject: path, Message: fmt.Sprintf("query %q finds nothing", path),
			Hint: "Names are podman's, in its own upper and lower case. The first level has: " + topKeys(full) + "."}
	case len(raw) > maxAnswer:
		return nil, &Failure{Code: InvalidParams, Subject: path,
			Message: fmt.Sprintf("query %q gives %d bytes, more than %d", path, len(raw), maxAnswer), Hint: "Ask for less."}
	}
	return raw, nil
}

func badPath(path string) string {
	switch {
	case path == "":
		return "is empty"
	case len(path) > maxPath:
		return fmt.Sprintf("is longer than %d bytes", maxPath)
	case strings.Contains(path, "@"):
		return "has an @; modifiers are not allowed"
	case strings.Count(path, "[")+strings.Count(path, "{") > 1:
		return "has more than one list or object of paths"
	case Clean(path) != path || strings.ContainsAny(path, "\n\t"):
		return "has control characters"
	}
	return ""
}

func topKeys(full []byte) string {
	var names []string
	gjson.ParseBytes(full).ForEach(func(key, _ gjson.Result) bool {
		names = append(names, key.Str)
		return len(names) < 60
	})
	return cutBytes(strings.Join(names, ", "), 800)
}

// writeMasked writes v, which stands under key in the object called in. It is false where v is nested too deep.
func writeMasked(b *bytes.Buffer, in, key string, v gjson.Result, depth int) bool {
	switch {
	case depth > maxNesting:
		return false
	case v.Type == gjson.String:
		writeString(b, maskField(in, key, Clean(v.Str)))
		return true
	case v.IsArray():
		return writeArray(b, key, v, depth)
	case v.IsObject():
		ok, first := true, true
		b.WriteByte('{')
		v.ForEach(func(k, e gjson.Result) bool {
			if !first {
				b.WriteByte(',')
			}
			first = false
			writeString(b, Clean(k.Str))
			b.WriteByte(':')
			ok = writeMasked(b, key, k.Str, e, depth+1)
			return ok
		})
		b.WriteByte('}')
		return ok
	}
	b.WriteString(strings.TrimSpace(v.Raw))
	return true
}

func writeArray(b *bytes.Buffer, key string, v gjson.Result, depth int) bool {
	items := v.Array()
	words := make([]string, 0, len(items))
	for _, e := range items {
		if e.Type != gjson.String {
			break
		}
		words = append(words, Clean(e.Str))
	}
	if len(words) == len(items) {
		if key == "Env" {
			words = MaskEnv(words)
		} else {
			words = MaskArgs(words)
		}
	}
	b.WriteByte('[')
	for i, e := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		if len(words) == len(items) {
			writeString(b, words[i])
		} else if !writeMasked(b, key, "", e, depth+1) {
			return false
		}
	}
	b.WriteByte(']')
	return true
}

// maskField masks a string. Only in objects whose keys are a user's own does the key count: podman's own fields
// called Secret… hold names.
func maskField(in, key, value string) string {
	switch strings.ToLower(in) {
	case "labels", "annotations", "options", "driveropts", "config":
		return maskValue(key, value)
	}
	return Mask(value)
}

// writeString writes a JSON string without the escapes that HTML wants.
func writeString(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string into memory cannot fail
	b.Truncate(b.Len() - 1)
}
