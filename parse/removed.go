package parse

import "strings"

// Removed is what podman rmi and podman manifest rm say that they did.
type Removed struct {
	Untagged []string `json:"untagged,omitempty"` // names that are gone
	Deleted  []string `json:"deleted,omitempty"`  // the first 12 characters of the ids of images that are gone
}

// RemovedImages reads their lines, "Untagged: NAME" and "Deleted: ID".
func RemovedImages(out []byte) (Removed, error) {
	var r Removed
	for line := range strings.Lines(Clean(string(out))) {
		what, name, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch what {
		case "Untagged":
			r.Untagged = append(r.Untagged, name)
		case "Deleted":
			r.Deleted = append(r.Deleted, short(name))
		case "":
		default:
			return r, OutputInvalidError("what was removed", []byte(line), nil)
		}
	}
	return r, nil
}
