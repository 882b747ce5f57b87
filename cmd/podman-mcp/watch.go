package main

import (
	"fmt"
	"regexp"

	"podman-mcp/serve"
	"podman-mcp/tools"
)

// watchFlags say how calls are watched and kept in bounds.
type watchFlags struct {
	Scope    string `help:"Containers and pods that agents may stop, remove, enter or change otherwise: all, or own for those that this server made. They may read all." enum:"all,own" default:"all" placeholder:"NAME"`
	Owner    owner  `help:"Whose what this server makes is, with --scope own; podman-mcp if not given. Servers of one owner may change each other's." default:"podman-mcp" placeholder:"NAME"`
	AuditLog string `help:"Append a line of JSON for every call to this file: who, what with secrets masked, and how it ended." placeholder:"FILE"`
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
		audit, done, err := serve.OpenAudit(f.AuditLog, local, host.Log)
		if err != nil {
			return nil, misuse{err}
		}
		stop = done
		host.Middleware = append(host.Middleware, audit.Middleware)
	}
	return stop, nil
}
