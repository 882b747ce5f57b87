package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"podman-mcp/parse"
)

// What of a call's arguments is written down.
const (
	maxKeptText  = 2 << 10 // bytes of one text, such as a Containerfile
	maxKeptItems = 50      // of a list or an object
	maxKeptWord  = 128     // bytes of a name
	maxKeptAll   = 32 << 10
)

// MaskArguments is a call's arguments fit to be written down: without secrets,
// and of bounded length. Values of variables are left out whatever they are
// called. What is no JSON object is told by its length.
func MaskArguments(arguments json.RawMessage) any {
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(arguments))
	d.UseNumber() // as it was written
	if err := d.Decode(&fields); err != nil && len(arguments) > 0 {
		return left(len(arguments))
	}
	kept := maskedObject(fields)
	if text, err := compact(kept); err != nil || len(text) > maxKeptAll {
		return left(len(arguments))
	}
	return kept
}

// Word is a word of a client's, fit to be written down.
func Word(s string) string {
	s = parse.Mask(parse.Clean(s))
	if len(s) > maxKeptWord {
		s = s[:maxKeptWord]
	}
	return strings.ToValidUTF8(s, "")
}

func left(bytes int) string { return fmt.Sprintf("left out: %d bytes", bytes) }

func maskedObject(fields map[string]any) map[string]any {
	kept := map[string]any{}
	for i, key := range slices.Sorted(maps.Keys(fields)) {
		if i == maxKeptItems {
			kept["…"] = fmt.Sprintf("%d more", len(fields)-i)
			break
		}
		kept[keptText(key)] = maskedValue(key, fields[key])
	}
	return kept
}

func maskedValue(key string, value any) any {
	if variables(strings.ToLower(key), value) {
		return "***" // no list, which the tool refuses, but it may well hold their values
	}
	switch v := value.(type) {
	case string:
		return maskedText(key, v)
	case map[string]any:
		if !whole(key) {
			return maskedObject(v)
		}
	case []any:
		if !whole(key) {
			return maskedList(key, v)
		}
	default: // a number, true, false or null
		if value == nil || !parse.SecretKey(key) {
			return value
		}
	}
	return "***"
}

// variables tells of what stands where a list of KEY=VALUE should. The env of
// podman_secret_create is one name.
func variables(key string, value any) bool {
	text, word := value.(string)
	_, list := value.([]any)
	return value != nil && !list && (key == "build_args" || key == "env" && !(word && !strings.Contains(text, "=")))
}

func maskedText(key, text string) string {
	if whole(key) {
		return left(len(text))
	}
	if value, ok := strings.CutPrefix(parse.MaskEnv([]string{key + "=" + text})[0], key+"="); ok {
		text = value
	}
	return keptText(text)
}

// whole tells of a parameter that is a file's text, or a program's input: what is
// secret in it may stand anywhere.
func whole(key string) bool {
	return slices.Contains([]string{"yaml", "content", "containerfile", "stdin"}, strings.ToLower(key))
}

func maskedList(key string, list []any) []any {
	words := make([]string, len(list))
	for i, item := range list {
		words[i], _ = item.(string)
	}
	switch strings.ToLower(key) {
	case "env", "build_args":
		for i, word := range words {
			if name, _, ok := strings.Cut(word, "="); ok {
				words[i] = parse.Mask(name) + "=***"
			} else {
				words[i] = "***" // not what it should be, and so anything
			}
		}
	case "labels":
		words = parse.MaskEnv(words)
	default:
		words = parse.MaskArgs(words)
	}
	kept := []any{}
	for i, item := range list {
		if i == maxKeptItems {
			return append(kept, fmt.Sprintf("… %d more", len(list)-i))
		}
		if _, ok := item.(string); ok {
			kept = append(kept, keptText(words[i]))
		} else {
			kept = append(kept, maskedValue(key, item))
		}
	}
	return kept
}

// keptText cuts a text that is masked already: the half of a token has no shape.
func keptText(text string) string {
	if len(text) <= maxKeptText {
		return text
	}
	cut := maxKeptText
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s… (%d bytes)", text[:cut], len(text))
}
