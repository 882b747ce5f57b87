package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"podman-mcp/tools"
)

// toolGroup is the heading of toolFlags in --help.
var toolGroup = kong.Group{Key: "tools", Title: "What agents may do:",
	Description: "A tool that is left out is neither listed nor can it be called. podman-mcp tools shows what is offered."}

// toolFlags say what the server lets agents do.
type toolFlags struct {
	Toolsets     []string      `help:"Toolsets to offer: default, all, or some of containers, images, compose, pods, volumes, networks, secrets, system, machine and kube." placeholder:"NAME"`
	Tools        []string      `help:"Single tools to offer too, or alone where no toolset is named." placeholder:"NAME"`
	DisableTools []string      `help:"Tools to leave out." placeholder:"NAME"`
	Profile      tools.Profile `help:"readonly: only tools that change nothing. dev: containers and what belongs to them, but nothing of this machine itself. full: all that --allow can allow." enum:"readonly,dev,full" default:"dev"`
	ReadOnly     bool          `help:"The same as --profile readonly."`
	Allow        permissions   `help:"Let containers have a part of this machine: public-ports (other machines reach them), host-network; of compose files and Kubernetes YAML privileged, host-pid, capabilities; of compose files devices, driver-opts (of their volumes) and raw-compose (compose files as they are, with all of these and files of any folder)." placeholder:"NAME"`
	AllowRoot    folders       `help:"Folder of this machine that containers may mount, and that tools may build from, copy, save and load. Without it the server's own folder, and your home without what is hidden in it." placeholder:"DIR"`
	Confirm      string        `help:"Have the user asked, by the client, before tools remove things: none or destructive. A client that cannot ask may then not remove." enum:"none,destructive" default:"none" placeholder:"WHAT"`
	Images       patterns      `help:"Images that may be run, pulled and built from: whole names such as docker.io/library/nginx, * for any but a slash, ** for anything. Images made here are localhost/NAME. Without it all." placeholder:"PATTERN"`
	Registries   hosts         `help:"Registries that may be reached, such as quay.io. Without it all." placeholder:"HOST"`
}

// folders are absolute paths.
type folders []string

// Validate wants absolute paths.
func (f folders) Validate() error {
	for _, folder := range f {
		if !filepath.IsAbs(folder) {
			return fmt.Errorf("%q is not an absolute path", folder)
		}
		if err := plain(folder); err != nil {
			return err
		}
	}
	return nil
}

// roots are the allowed folders as tools takes them.
func (f folders) roots() tools.Roots {
	if len(f) == 0 {
		return tools.DefaultRoots()
	}
	var list tools.Roots
	for _, folder := range f {
		list = append(list, filepath.Clean(folder))
	}
	return list
}

// permissions are what --allow allows.
type permissions []string

// Validate wants names that tools knows.
func (p permissions) Validate() error {
	for _, name := range p {
		if !slices.Contains(tools.Permissions(), name) {
			return fmt.Errorf("%q is none of %s", name, strings.Join(tools.Permissions(), ", "))
		}
	}
	return nil
}

// policy is what the flags let agents have of this machine.
func (f *toolFlags) policy() tools.Policy {
	p := tools.Policy{Profile: f.Profile, Allowed: f.Allow}
	if f.ReadOnly {
		p.Profile = tools.ReadOnly
	}
	return p
}

// offered are the tools that clients list. Where the flags name none, these are
// the toolset otherwise.
func (f *toolFlags) offered(otherwise string) ([]tools.Tool, error) {
	return f.selected(otherwise, f.policy().Profile == tools.ReadOnly)
}

// selected are the tools that the flags name.
func (f *toolFlags) selected(otherwise string, readOnly bool) ([]tools.Tool, error) {
	sets := f.Toolsets
	if len(sets) == 0 && len(f.Tools) == 0 {
		sets = []string{otherwise}
	}
	list, err := tools.Selection{Toolsets: sets, Tools: f.Tools, Without: f.DisableTools, ReadOnly: readOnly}.Of(tools.All())
	if err != nil {
		return nil, misuse{err}
	}
	return list, nil
}
