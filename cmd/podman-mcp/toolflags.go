package main

import (
	"fmt"
	"path/filepath"

	"github.com/alecthomas/kong"

	"podman-mcp/tools"
)

// toolGroup is the heading of toolFlags in --help.
var toolGroup = kong.Group{Key: "tools", Title: "What agents may do:",
	Description: "A tool that is left out is neither listed nor can it be called. podman-mcp tools shows what is offered."}

// toolFlags say what the server lets agents do.
type toolFlags struct {
	Toolsets     []string `help:"Toolsets to offer: default, all, or some of containers, images, compose, pods, volumes, networks, secrets, system, machine and kube." placeholder:"NAME"`
	Tools        []string `help:"Single tools to offer too, or alone where no toolset is named." placeholder:"NAME"`
	DisableTools []string `help:"Tools to leave out." placeholder:"NAME"`
	ReadOnly     bool     `help:"Offer only tools that change nothing."`
	TrustCompose bool     `help:"Start compose files also where they ask for this machine's network, devices, privileges or private folders."`
	Confirm      string   `help:"Have the user asked, by the client, before tools remove things: none or destructive. A client that cannot ask may then not remove." enum:"none,destructive" default:"none" placeholder:"WHAT"`
	Images       patterns `help:"Images that may be run, pulled and built from: whole names such as docker.io/library/nginx, * for any but a slash, ** for anything. Images made here are localhost/NAME. Without it all." placeholder:"PATTERN"`
	Registries   hosts    `help:"Registries that may be reached, such as quay.io. Without it all." placeholder:"HOST"`
	AllowedRoots folders  `help:"Folders of this machine that containers may mount, and that tools may build from, copy, save and load. Without it every folder but private ones." placeholder:"DIR"`
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
	var list tools.Roots
	for _, folder := range f {
		list = append(list, filepath.Clean(folder))
	}
	return list
}

// offered are the tools that the flags let agents have. Where they name none,
// these are the toolset otherwise.
func (f *toolFlags) offered(otherwise string) ([]tools.Tool, error) {
	sets := f.Toolsets
	if len(sets) == 0 && len(f.Tools) == 0 {
		sets = []string{otherwise}
	}
	list, err := tools.Selection{Toolsets: sets, Tools: f.Tools, Without: f.DisableTools, ReadOnly: f.ReadOnly}.Of(tools.All())
	if err != nil {
		return nil, misuse{err}
	}
	return list, nil
}
