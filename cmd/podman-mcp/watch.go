package main

import (
	"errors"
	"fmt"
	"regexp"

	"podman-mcp/serve"
	"podman-mcp/tools"
)

// watchFlags say how calls are watched and kept in bounds.
type watchFlags struct {
	Scope    string  `help:"Containers and pods that agents may stop, remove, enter or change otherwise: all, or own for those that this server made. They may read all." enum:"all,own" default:"all" placeholder:"NAME"`
	Owner    owner   `help:"Whose what this server makes is, with --scope own; podman-mcp if not given. Servers of one owner may change each other's." default:"podman-mcp" placeholder:"NAME"`
	Rate     float64 `help:"Most calls a second for each session, such as 5 or 0.5; no limit if not given. What is over it is refused." placeholder:"N"`
	Burst    int     `help:"Calls that a session may make at once before --rate holds it; as many as --rate has in a second if not given." placeholder:"N"`
	AuditLog string  `help:"Append a line of JSON for every call to this file: who, what with secrets masked, and how it ended." placeholder:"FILE"`
}

// Validate wants a rate that lets something through.
func (f *watchFlags) Validate() error {
	switch {
	case f.Rate < 0 || f.Rate > 1e6:
		return fmt.Errorf("--rate: %v is no number of calls from 0 to a million", f.Rate)
	case f.Burst < 0 || f.Burst > 1e6:
		return fmt.Errorf("--burst: %d is no number of calls from 0 to a million", f.Burst)
	case f.Burst > 0 && f.Rate == 0:
		return errors.New("--burst says how many calls may come at once, and only --rate limits them; give it too")
	}
	return nil
}

// owner is a label's value.
type owner string

// Validate wants a name.
func (o owner) Validate() error {
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`).MatchString(string(o)) {
		return fmt.Errorf("%q is no name of letters, digits, '_', '.' and '-'", string(o))
	}
	return nil
}

// scope is what the flags say as tools takes it.
func (f *watchFlags) scope() tools.Scope {
	return tools.Scope{Owner: string(f.Owner), Own: f.Scope == "own", Self: ownContainer()}
}

// watch has what the flags say see every call that host gets. Local is the
// transport of callers that do not come by the network. The server does not
// start where calls could not be written down.
func (f *watchFlags) watch(host *tools.Host, local string) (stop func(), err error) {
	stop = func() {}
	if f.AuditLog != "" {
		if _, err := host.Roots.Source("audit-log", f.AuditLog); err == nil {
			return nil, misuse{fmt.Errorf("--audit-log %s lies in a folder that agents may use, and that containers could write to; name a file elsewhere, such as in ~/.local/state", f.AuditLog)}
		}
		audit, done, err := serve.OpenAudit(f.AuditLog, local, host.Log)
		if err != nil {
			return nil, misuse{err}
		}
		stop = done
		host.Middleware = append(host.Middleware, audit.Middleware)
	}
	if f.Rate > 0 {
		host.Middleware = append(host.Middleware, serve.NewLimit(f.Rate, f.Burst).Middleware)
	}
	return stop, nil
}
