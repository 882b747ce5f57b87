package tools

import (
	"podman-mcp/parse"
	"strings"
	"unicode"
)

// How a Containerfile may be written for what it takes from to be told from its
// lines, as podman's builder reads them. What one seldom needs there is refused.
var (
	escape     = parse.Lazily(`(?im)^[ \t]*#[ \t]*escape[ \t]*=`)
	quotedFrom = parse.Lazily(`(?im)^[ \t]*FROM[ \t][^\n]*["'\\]`)
	plainArg   = parse.Lazily(`(?im)^[ \t]*ARG[ \t]+(?:\w+(?:=(?:"[^"'\\\n]*"|'[^"'\\\n]*'|[^\s"'\\]*))?[ \t\r]*)+$`)
	anyFrom    = parse.Lazily(`(?im)^[ \t]*FROM[ \t]`)
	anyArg     = parse.Lazily(`(?im)^[ \t]*ARG[ \t][^\n]*$`)
	quotedFlag = parse.Lazily(`(?im)^[ \t]*(?:RUN|COPY|ADD)[ \t]+(?:--\S*[ \t]+)*--[^\s"'\\]*["'\\]`)
)

// strange says what of a Containerfile's writing could be read in two ways, ""
// where nothing is.
func strange(text string) string {
	if escape().MatchString(text) {
		return "it changes the escape character"
	}
	text = joined(text)
	for i, r := range text {
		if r == '\r' && strings.HasPrefix(text[i:], "\r\n") || r == '\t' || r == '\n' || r == ' ' {
			continue
		}
		if unicode.IsControl(r) || unicode.IsSpace(r) || r == '\ufeff' {
			return "it holds a character that looks like a space and is none"
		}
	}
	head := text
	if first := anyFrom().FindStringIndex(text); first != nil {
		head = text[:first[0]]
	}
	for _, line := range anyArg().FindAllString(head, -1) {
		if !plainArg().MatchString(line) {
			return "an ARG before FROM is quoted or escaped within a word"
		}
	}
	switch {
	case quotedFrom().MatchString(text):
		return "a FROM is quoted or escaped"
	case quotedFlag().MatchString(text):
		return "a flag of RUN, COPY or ADD is quoted or escaped"
	}
	return ""
}
