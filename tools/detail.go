package tools

import "podman-mcp/parse"

// Detail is the parameter of tools whose result leaves out most of what podman tells.
type Detail struct {
	Level string `json:"detail,omitempty" default:"concise" enum:"concise full" jsonschema:"full adds podman's whole JSON"`
}

// Whole is the part of such a tool's result that only detail full has.
type Whole struct {
	Value any `json:"value,omitempty" jsonschema:"With detail full: podman's whole JSON, secrets masked"`
}

func (d Detail) full() bool { return d.Level == "full" }

// of is what a result adds of podman's output.
func (d Detail) of(out []byte) (Whole, error) {
	if !d.full() {
		return Whole{}, nil
	}
	value, err := parse.Full(out)
	return Whole{value}, err
}
