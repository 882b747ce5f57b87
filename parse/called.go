package parse

import (
	"strings"

	"github.com/tidwall/gjson"
)

// Called tells whether what podman inspected is what word names: by its name, or by at least 12 digits of its id.
// Podman itself takes any beginning of an id, and of a volume's name, so that one letter finds something.
func Called(out []byte, word string) bool {
	v, err := firstObject("details", out)
	if err != nil {
		return true // the reader of the details will say so
	}
	if len(word) >= minID {
		for _, key := range []string{"Id", "ID", "id"} {
			if strings.HasPrefix(strings.TrimPrefix(v.Get(key).String(), "sha256:"), strings.TrimPrefix(word, "sha256:")) && v.Get(key).Exists() {
				return true
			}
		}
	}
	for _, key := range []string{"Name", "name", "Spec.Name"} { // the last is a secret's
		if name := v.Get(key); name.Exists() && name.String() == word {
			return true
		}
	}
	// An image goes by any ending of its names, but a word of a few hexadecimal digits only by a whole one.
	tags := v.Get("RepoTags")
	if !tags.Exists() {
		return false
	}
	called := !shortHex(word)
	each(tags, func(_, tag gjson.Result) bool {
		name := tag.String()
		name = name[strings.LastIndexByte(name, '/')+1:]
		name, _, _ = strings.Cut(name, ":")
		called = called || name == word
		return !called
	})
	return called
}

const minID = 12 // digits of an id that name one thing

func shortHex(word string) bool {
	return len(word) < minID && strings.Trim(word, "0123456789abcdef") == ""
}
