package tools

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"podman-mcp/parse"
)

// lost is what a call is about to remove, of one kind.
type lost struct {
	what  string // one of it, such as "container"
	names []string
	ids   []string // which tell it from a later thing of the same name; empty where podman has none
}

func containersLost(rows []parse.Container) lost {
	l := lost{what: "container"}
	for _, row := range rows {
		l.names, l.ids = append(l.names, row.Name), append(l.ids, row.FullID)
	}
	return l
}

// maxAsked is how many names of a kind a question spells out.
const maxAsked = 30

func (l lost) String() string {
	var names []string
	for _, name := range l.names[:min(maxAsked, len(l.names))] {
		names = append(names, parse.Clean(name))
	}
	s := l.what
	if len(l.names) > 1 {
		s += "s"
	}
	s += " " + strings.Join(names, ", ")
	if n := len(l.names) - len(names); n > 0 {
		s += fmt.Sprintf(" and %d more", n)
	}
	return s
}

// confirm has the caller's user agree to what is about to be removed, where the
// operator wants that (--confirm). A tool calls it once, when it knows by name
// what will go and before it changes anything: deed is what happens to the
// things, and with what else is to be known of it. Its error is the tool's own.
// Once the user agrees the call is made anew, and confirm returns nil where it
// comes to the same question: what was not asked about stays.
func (c *Call) confirm(deed, with string, things ...lost) error {
	things = slices.DeleteFunc(things, func(l lost) bool { return len(l.names) == 0 })
	if !c.Confirm || len(things) == 0 {
		return nil
	}
	q := &question{}
	var told []string
	var all [][]string
	for _, l := range things {
		told = append(told, l.String())
		all = append(all, append([]string{l.what}, l.names...), l.ids)
	}
	q.text = deed + " " + strings.Join(told, " and ") + with
	if c.place != "" {
		q.text += ", on the connection " + parse.Clean(c.place)
	}
	record, err := json.Marshal([]any{q.text, all})
	if err != nil {
		return err
	}
	sum := sha256.Sum256(record)
	if q.digest = base64.RawURLEncoding.EncodeToString(sum[:]); q.digest == c.agreed {
		return nil
	}
	return unconfirmed("nobody can be asked", q)
}

// confirmWithUsers is confirm for things that go with what uses them, where they are forced to: these containers,
// and their pods with all that is in them.
func (c *Call) confirmWithUsers(ctx context.Context, with string, things lost, users []parse.Container) error {
	pods, err := c.podsOf(ctx, users)
	if err != nil {
		return err
	}
	all := append([]lost{things}, podsLost(pods)...)
	alone := lost{what: "container"}
	for _, row := range users {
		member := slices.ContainsFunc(all[1:], func(l lost) bool { return slices.Contains(l.names, row.Name) })
		if !member && row.FullID != "" && !slices.Contains(alone.ids, row.FullID) {
			alone.names, alone.ids = append(alone.names, row.Name), append(alone.ids, row.FullID)
		}
	}
	return c.confirm("Remove", with, append(all, alone)...)
}

// question is what a user is asked, and the error of a call that waits for the
// answer.
type question struct {
	text   string // one sentence without its question mark
	digest string // of all that it is about, also beyond what text spells out
}

func (q *question) Error() string { return q.text + "?" }

// unconfirmed is the failure of a call whose user did not agree. q is nil where
// the question is not known any more.
func unconfirmed(why string, q *question) *parse.Failure {
	f := &parse.Failure{Code: parse.ConfirmationNeeded, Message: why,
		Hint: "Nothing was changed. The operator has the user confirm what removes things (--confirm destructive)."}
	if q != nil {
		f.Message, f.Err = why+": "+q.text, q
	}
	return f
}
