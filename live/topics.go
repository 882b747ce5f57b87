package live

import (
	"slices"
	"strings"
	"time"

	"podman-mcp/parse"
)

// kind says what a URI shows.
type kind int

const (
	containers kind = iota // podman://containers
	images                 // podman://images
	info                   // podman://info
	container              // podman://containers/NAME
	logs                   // podman://containers/NAME/logs
	stats                  // podman://containers/NAME/stats
)

const (
	containersURI = "podman://containers"
	imagesURI     = "podman://images"
	infoURI       = "podman://info"
)

// topic is a URI that can be read and watched.
type topic struct {
	kind kind
	uri  string
	name string // the container's name or id, where there is one
}

// A container's name as tools takes it; what is none is refused there.
var containerName = parse.Lazily(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$`)

// topicOf reads a URI. There is one way to write each.
func topicOf(uri string) (topic, bool) {
	switch uri {
	case containersURI:
		return topic{kind: containers, uri: uri}, true
	case imagesURI:
		return topic{kind: images, uri: uri}, true
	case infoURI:
		return topic{kind: info, uri: uri}, true
	}
	name, ok := strings.CutPrefix(uri, containersURI+"/")
	name, part, _ := strings.Cut(name, "/")
	i := slices.Index([]string{"", "logs", "stats"}, part)
	if !ok || i < 0 || strings.HasSuffix(uri, "/") || !containerName().MatchString(name) {
		return topic{}, false
	}
	return topic{kind: container + kind(i), uri: uri, name: name}, true
}

// tool is what it is read with: a resource is there where its tool is offered.
func (t topic) tool() string {
	switch t.kind {
	case containers:
		return "podman_ps"
	case images:
		return "podman_images"
	case info:
		return "podman_info"
	case logs:
		return "podman_logs"
	case stats:
		return "podman_stats"
	}
	return "podman_inspect"
}

// pace is the least time between two updates. Podman removes a hundred
// containers in a second, and each tells of itself several times.
func (t topic) pace() time.Duration {
	switch t.kind {
	case logs, stats, info:
		return time.Second
	}
	return 15 * time.Millisecond
}

// is tells whether e is about the topic's container.
func (t topic) is(e parse.Event) bool {
	return t.name == e.Name || t.byID() && strings.HasPrefix(e.FullID, t.name)
}

func (t topic) byID() bool {
	return len(t.name) >= 12 && strings.Trim(t.name, "0123456789abcdef") == ""
}

// Actions that leave what is shown as it was. A health check tells of an exec
// every time.
var (
	silentContainer = []string{"attach", "checkpoint", "commit", "copy", "exec", "exec_died", "export", "import", "mount", "sync", "unmount"}
	silentImage     = []string{"mount", "pull-error", "push", "save", "unmount"}
)

// changedBy tells whether e changes what the topic shows.
func (t topic) changedBy(e parse.Event) bool {
	switch e.Type {
	case "system": // podman has started anew, or removed all that was unused
		return true
	case "image":
		return (t.kind == images || t.kind == info) && !slices.Contains(silentImage, e.Action)
	case "network": // a container joins one or leaves it
		return t.kind == container && t.is(e)
	case "container":
	default:
		return false
	}
	if slices.Contains(silentContainer, e.Action) {
		return false
	}
	switch t.kind {
	case containers, info:
		return true
	case container:
		// Who was renamed from it, podman does not tell.
		return t.is(e) || e.Action == "rename" && !t.byID()
	case logs, stats:
		return t.is(e) && e.Action != "health_status"
	}
	return false
}

// wakes tells whether e may begin or end what is watched: a log that grows, or
// stats that change.
func (t topic) wakes(e parse.Event) bool {
	switch {
	case e.Type == "system":
		return true
	case e.Type != "container" || !t.is(e):
		return false
	case t.kind == logs: // a log ends by itself
		return e.Action == "start" || e.Action == "restart"
	}
	return slices.Contains([]string{"start", "restart", "died", "stop", "remove", "pause", "unpause", "restore"}, e.Action)
}
