package parse

import (
	"fmt"
	"strings"
)

// since says which podman first had a command, or an option of one, that the
// tools use and podman 4.3 lacks. From podman's release notes and the manual
// pages of its versions.
func since() map[string]string {
	return map[string]string{
		"update --restart":    "5.1",
		"update --pids-limit": "4.4",
		"kube apply":          "4.4",
		"kube down --force":   "4.4",
		"farm build":          "4.9",
		"quadlet":             "5.6",
		"volume export":       "5.6", // as a client of a service; by itself it always had them
		"volume import":       "5.6",
	}
}

// NeedsNewer adds to a failure with the code TooOld which podman it takes. Verb
// is the subcommand that was run, such as "kube apply".
func NeedsNewer(f *Failure, verb string) {
	option, _, _ := strings.Cut(f.Subject, "=")
	first, _, _ := strings.Cut(verb, " ")
	for _, what := range []string{verb + " " + option, verb, first} {
		if version := since()[what]; version != "" {
			f.Message = fmt.Sprintf("podman %s needs podman %s or newer, and this one is older", what, version)
			f.Hint = "Nothing was changed. Update podman, or do without; podman_version shows this one's version."
			return
		}
	}
}
