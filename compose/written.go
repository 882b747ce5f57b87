package compose

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// written is what the files say and the loader's model does not tell, though a
// provider would act on it.
type written struct {
	services   []string            // in the order of the files, by which podman-compose starts them
	dockerfile map[string]bool     // services whose build names its Containerfile
	network    bool                // networks has default
	options    map[string][]string // of mounts, podman's own, by source and target
	files      map[string][]byte   // what env_file and label_file name, as it was read and judged
}

func newWritten() written {
	return written{dockerfile: map[string]bool{}, options: map[string][]string{}, files: map[string][]byte{}}
}

func (w *written) service(name string, build *yaml.Node) {
	if !slices.Contains(w.services, name) {
		w.services = append(w.services, name)
	}
	if build = resolved(build); build.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(build.Content); i += 2 {
			if build.Content[i].Value == "dockerfile" {
				w.dockerfile[name] = true
			}
		}
	}
}

// mount keeps the options of a short SOURCE:TARGET:OPTIONS which podman alone
// knows. Its source counts from any of dirs.
func (w *written) mount(text string, dirs []string) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return
	}
	options := slices.DeleteFunc(strings.Split(parts[2], ","), func(option string) bool {
		return !slices.Contains([]string{"U", "O", "exec", "noexec", "dev", "nodev", "suid", "nosuid"}, option)
	})
	if len(options) == 0 {
		return
	}
	w.options[mountKey(parts[0], parts[1])] = options
	source := parts[0]
	if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(source, "~/") {
		source = filepath.Join(home, source[2:])
	}
	for _, dir := range dirs {
		w.options[mountKey(within(dir, source), parts[1])] = options
	}
}

func mountKey(source, target string) string { return source + "\x00" + filepath.Clean(target) }
