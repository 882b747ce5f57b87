package parse

import (
	"regexp"
	"sync"
)

// Grammar is a regular expression that is compiled at its first use: every start of the server would pay for it.
type Grammar = func() *regexp.Regexp

// Lazily makes a Grammar, whose first use panics where pattern is none.
func Lazily(pattern string) Grammar {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
