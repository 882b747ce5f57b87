package parse

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// eachRow calls row for every object of a list. Podman prints lists as a JSON array, as JSON lines ({{json .}}
// of podman 5) or, when empty, at times as nothing at all. Anything else is a *Failure, among it the bare word
// json that "system df --format json" of 4.3 prints.
func eachRow(what string, out []byte, row func(gjson.Result)) error {
	text := bytes.TrimSpace(out)
	switch {
	case len(text) == 0:
		return nil
	case text[0] == '[' && valid(text):
		ok := true
		gjson.ParseBytes(text).ForEach(func(_, v gjson.Result) bool {
			if ok = v.IsObject(); ok {
				row(v)
			}
			return ok
		})
		if !ok {
			return OutputInvalidError(what, out, nil)
		}
		return nil
	case text[0] == '{' && valid(text):
		row(gjson.ParseBytes(text))
		return nil
	case text[0] == '{':
		return eachLine(what, text, row)
	}
	return OutputInvalidError(what, out, nil)
}

// eachLine reads JSON lines. It calls row for none when one line is bad.
func eachLine(what string, text []byte, row func(gjson.Result)) error {
	var rows []gjson.Result
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if line[0] != '{' || !valid(line) {
			return OutputInvalidError(what, line, nil)
		}
		rows = append(rows, gjson.ParseBytes(line))
	}
	for _, v := range rows {
		row(v)
	}
	return nil
}

// valid tells whether text is JSON and nothing else. Podman writes JSON in UTF-8, whatever is in what it tells
// of, and gjson does not ask.
func valid(text []byte) bool { return utf8.Valid(text) && gjson.ValidBytes(text) }

// firstObject gives the first object of an inspect answer: an array, or for pods before podman 5.0 the object.
func firstObject(what string, out []byte) (gjson.Result, error) {
	text := bytes.TrimSpace(out)
	if len(text) > 0 && (text[0] == '[' || text[0] == '{') && valid(text) {
		v := gjson.ParseBytes(text)
		if v.IsArray() {
			v.ForEach(func(_, e gjson.Result) bool { v = e; return false })
		}
		if v.IsObject() {
			return v, nil
		}
	}
	return gjson.Result{}, OutputInvalidError(what, out, nil)
}

// each visits the items of an array or object. gjson's own ForEach visits null, and any other value, once.
func each(v gjson.Result, visit func(key, item gjson.Result) bool) {
	if v.Type == gjson.JSON {
		v.ForEach(visit)
	}
}

// clean is the cleaned text of a JSON value; null and objects give "".
func clean(v gjson.Result) string {
	switch v.Type {
	case gjson.String:
		return Clean(v.Str)
	case gjson.Number, gjson.True, gjson.False:
		return v.Raw
	}
	return ""
}

// cleanList reads a list of strings, or one string as a list of one: Entrypoint is a string before podman 5.
func cleanList(v gjson.Result) []string {
	var list []string
	if v.Type == gjson.String {
		if v.Str != "" {
			list = append(list, Clean(v.Str))
		}
		return list
	}
	each(v, func(_, e gjson.Result) bool {
		list = append(list, clean(e))
		return true
	})
	return list
}

// short cuts a hexadecimal id to the twelve characters that podman shows.
func short(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	if len(id) > 12 {
		return id[:12]
	}
	return id
}

// IsID tells whether a word is a whole id as podman prints it.
func IsID(word string) bool { return len(word) == 64 && strings.Trim(word, "0123456789abcdef") == "" }

// unixTime formats seconds since 1970. Podman's "never" is the year 1, a negative number: it gives "".
func unixTime(seconds int64) string {
	if seconds <= 0 || seconds > maxUnix {
		return ""
	}
	return time.Unix(seconds, 0).UTC().Format(time.RFC3339)
}

const maxUnix = 253402300799 // the last second of the year 9999: RFC 3339 ends there

// moment reads podman's RFC 3339 with nanoseconds; zero for the year 1, which is never, and for anything else.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// inspectTime cuts podman's RFC 3339 with nanoseconds to seconds in UTC; the zero time and what is no time
// give "".
func inspectTime(s string) string {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return ""
	}
	return unixTime(t.Unix())
}
