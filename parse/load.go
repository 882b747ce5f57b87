package parse

import "strings"

// Loaded reads the names, or ids, of the images that podman load says it loaded: a line "Loaded image: NAME" each.
func Loaded(out []byte) ([]string, error) {
	list := []string{}
	for line := range strings.Lines(Clean(string(out))) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "Loaded image: "); ok {
			list = append(list, name)
		}
	}
	if len(list) == 0 {
		return nil, OutputInvalidError("the names of the loaded images", out, nil)
	}
	return list, nil
}
