package main

import (
	"podman-mcp/serve"
	"podman-mcp/tools"
)

// watchFlags say how calls are watched.
type watchFlags struct {
	AuditLog string `help:"Append a line of JSON for every call to this file: who, what with secrets masked, and how it ended." placeholder:"FILE"`
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
