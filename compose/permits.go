package compose

import (
	"fmt"

	"podman-mcp/parse"
)

// Permits tells whether the operator allows what --allow calls so, such as
// "devices". The zero value allows nothing, "raw-compose" all that can be allowed,
// and files of any folder.
type Permits func(permission string) bool

const (
	rawCompose = "raw-compose"
	never      = "" // for what lets a file choose what podman itself runs or writes on this machine
)

func (p Permits) has(permission string) bool {
	return p != nil && permission != never && (p(permission) || p(rawCompose))
}

// wish is a part of the machine that a file asks for at path, and the permission
// that it takes.
type wish struct{ permission, path, value string }

// grant refuses the first that is not allowed.
func (p Permits) grant(list ...wish) error {
	for _, a := range list {
		if !p.has(a.permission) {
			return denied(a)
		}
	}
	return nil
}

func denied(a wish) error {
	return &parse.Failure{Code: parse.PolicyDenied, Subject: a.path,
		Message: fmt.Sprintf("%s: %s is not allowed: it gives the container a part of this machine", a.path, parse.Mask(parse.Clean(a.value))),
		Hint:    "Nothing was started. " + a.instead()}
}

// instead says what can be done.
func (a wish) instead() string {
	if a.permission == never {
		return "Take it out of the file; no flag allows it."
	}
	return "Take it out of the file, or have the operator allow it with --allow " + a.permission + "."
}
