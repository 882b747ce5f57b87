package compose

import (
	"bytes"
	"path/filepath"

	"podman-mcp/parse"
)

// other is a compose file that the file extends or includes.
type other struct {
	path    string
	content []byte
}

// tilde is another user's home, which podman-compose finds and the loader takes
// for a folder of one's own.
var tilde = parse.Lazily(`(?m)(?:^|[\s"'\[{,:])~[A-Za-z_][A-Za-z0-9_.-]*/`)

// puts tells whether the provider is given the file with every variable put in:
// podman-compose has variables and rules for defaults of its own, and what was
// judged is to be what runs.
func (m *model) puts(p Provider) bool {
	return p.marks() && !m.permits.has(rawCompose) && bytes.ContainsRune(m.content, '$')
}

// alike refuses what podman-compose would read otherwise than it was read and
// judged here. content is what it is given.
func (m *model) alike(p Provider, content []byte) error {
	if !p.marks() || m.permits.has(rawCompose) {
		return nil
	}
	refuse := func(path, why string) error {
		return &parse.Failure{Code: parse.PolicyDenied, Subject: "file", Message: "file: " + path + " " + why,
			Hint: "Nothing was started. Write it out in the compose file; the operator allows it with --allow raw-compose."}
	}
	if tilde().Match(content) {
		return refuse(m.file, "names another user's home, which "+p.String()+" reads in a way of its own")
	}
	for _, o := range m.others {
		switch {
		case filepath.Dir(o.path) != m.dir:
			return refuse(o.path, "lies in another folder than the file that extends or includes it, and "+p.String()+" counts its paths from the latter")
		case bytes.ContainsRune(o.content, '$') || tilde().Match(o.content):
			return refuse(o.path, "holds a variable, which "+p.String()+" reads in a way of its own")
		}
	}
	return nil
}
