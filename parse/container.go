package parse

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Container is one row of podman ps.
type Container struct {
	ID             string   `json:"id"` // the first 12 characters
	Name           string   `json:"name"`
	Image          string   `json:"image,omitempty"`
	Command        string   `json:"command,omitempty"` // joined with spaces, at most 120 characters
	State          string   `json:"state"`             // created, running, paused, exited, stopped, …
	Status         string   `json:"status,omitempty"`  // podman's words without the health, "Up 2 minutes"
	Health         string   `json:"health,omitempty"`  // healthy, unhealthy or starting
	ExitCode       *int     `json:"exit_code,omitempty"`
	Created        string   `json:"created,omitempty"`
	Ports          []string `json:"ports,omitempty"` // "127.0.0.1:8080->80/tcp"
	Pod            string   `json:"pod,omitempty"`   // its name with ps --pod, else the first 12 of its id
	ComposeProject string   `json:"compose_project,omitempty"`
	ComposeService string   `json:"compose_service,omitempty"`
	Connection     string   `json:"connection,omitempty"` // where all of podman's connections were asked

	FullID      string            `json:"-"`
	ImageID     string            `json:"-"` // in full
	Written     int64             `json:"-"` // bytes that it holds beside its image, with ps --size
	IsInfra     bool              `json:"-"` // the container that only holds a pod's namespaces
	Labels      map[string]string `json:"-"` // as they are: cleaned, not masked
	CreatedUnix int64             `json:"-"`

	sinceUnix int64 // when what Status tells the age of began
}

// Compose writes these labels: podman-compose its own and docker's, docker-compose only docker's.
const (
	labelPodmanProject = "io.podman.compose.project"
	labelDockerProject = "com.docker.compose.project"
	labelService       = "com.docker.compose.service"
	labelPodmanService = "io.podman.compose.service"
)

const (
	maxCommand = 120  // characters of a command in a list
	maxWord    = 1024 // bytes that are looked at for it: enough to know a token of which the end will be cut off
)

// Containers reads podman ps --format json, newest first. Ports of a pod's members are those of its infra
// container, and PodName is there only with --pod.
func Containers(out []byte) ([]Container, error) {
	list := []Container{}
	err := eachRow("a list of containers", out, func(row gjson.Result) {
		list = append(list, container(row))
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Container) int { return compareInt(b.CreatedUnix, a.CreatedUnix) })
	return list, nil
}

func compareInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// container walks the row once: with 200 rows a lookup for each field would read each row twelve times.
func container(row gjson.Result) Container {
	var c Container
	var podID string
	exit := 0
	var started, exited int64
	row.ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "Id", "ID":
			c.FullID = clean(v)
		case "Names":
			c.Name = firstName(v)
		case "Image":
			c.Image = clean(v)
		case "Command":
			c.Command = commandLine(v)
		case "ImageID":
			c.ImageID = clean(v)
		case "Size":
			c.Written = v.Get("rwSize").Int()
		case "State":
			c.State = clean(v)
		case "Status":
			c.Status, c.Health = splitHealth(clean(v))
		case "ExitCode":
			exit = int(v.Int())
		case "Created":
			c.CreatedUnix = created(v)
		case "StartedAt":
			started = v.Int()
		case "ExitedAt":
			exited = v.Int()
		case "Ports":
			c.Ports = ports(v)
		case "Pod":
			podID = clean(v)
		case "PodName":
			c.Pod = clean(v)
		case "IsInfra":
			c.IsInfra = v.Bool()
		case "Labels":
			c.Labels = textMap(v)
		}
		return true
	})
	c.ID = short(c.FullID)
	c.Created = unixTime(c.CreatedUnix)
	if c.Pod == "" {
		c.Pod = short(podID)
	}
	switch c.State {
	case "running":
		c.sinceUnix = started
	case "exited", "stopped":
		c.ExitCode, c.sinceUnix = &exit, exited
	}
	c.ComposeProject, c.ComposeService = composeOf(c.Labels)
	return c
}

func composeOf(labels map[string]string) (project, service string) {
	if len(labels) == 0 {
		return "", ""
	}
	if project = labels[labelPodmanProject]; project == "" {
		project = labels[labelDockerProject]
	}
	if service = labels[labelService]; service == "" {
		service = labels[labelPodmanService]
	}
	return cutBytes(project, maxShownValue), cutBytes(service, maxShownValue)
}

// firstName: ps has a list of names (always one), {{json .}} of some versions a string.
func firstName(v gjson.Result) string {
	if v.IsArray() {
		v = v.Get("0")
	}
	return clean(v)
}

func commandLine(v gjson.Result) string {
	if v.Type == gjson.String {
		return cutRunes(Mask(clean(v)), maxCommand)
	}
	words, size := make([]string, 0, 8), 0
	each(v, func(_, e gjson.Result) bool {
		e.Str = cutBytes(e.Str, maxWord)
		words = append(words, clean(e))
		size += len(e.Str)
		return size < maxWord
	})
	return cutRunes(strings.Join(MaskArgs(words), " "), maxCommand)
}

// cutRunes shortens s to n characters, the last of them ….
func cutRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := 0
	last := 0
	for i := range s {
		if count == n-1 {
			last = i
		}
		count++
		if count > n {
			return s[:last] + "…"
		}
	}
	return s
}

// created is in seconds since 1970; {{json .}} prints RFC 3339 where --format json prints the number.
func created(v gjson.Result) int64 {
	if v.Type == gjson.String {
		t, err := time.Parse(time.RFC3339Nano, v.Str)
		if err != nil {
			return 0
		}
		return t.Unix()
	}
	return v.Int()
}

// splitHealth takes the health off podman's status, the only place where ps shows it: "Up 2 minutes (healthy)",
// or with {{json .}} the health alone.
func splitHealth(status string) (text, health string) {
	for _, h := range [...]string{"healthy", "unhealthy", "starting"} {
		if status == h {
			return "", h
		}
		if !strings.HasSuffix(status, ")") {
			continue
		}
		if before, ok := strings.CutSuffix(status[:len(status)-1], " ("+h); ok {
			return before, h
		}
	}
	return status, ""
}

func textMap(v gjson.Result) map[string]string {
	var m map[string]string
	each(v, func(key, e gjson.Result) bool {
		if m == nil {
			m = make(map[string]string)
		}
		m[Clean(key.Str)] = clean(e)
		return true
	})
	return m
}

// ports formats the Ports of ps. A published range is one entry with range > 1.
func ports(v gjson.Result) []string {
	var list []string
	each(v, func(_, p gjson.Result) bool {
		var host, protocol string
		var inside, outside, n int64
		each(p, func(key, f gjson.Result) bool {
			switch key.Str {
			case "host_ip", "hostIP":
				host = clean(f)
			case "container_port", "containerPort":
				inside = f.Int()
			case "host_port", "hostPort":
				outside = f.Int()
			case "range":
				n = f.Int()
			case "protocol":
				protocol = clean(f)
			}
			return true
		})
		list = append(list, portText(host, outside, inside, n, protocol))
		return true
	})
	return list
}

// portText writes a port as podman's table does. A port without a host side is only exposed: "80/tcp".
func portText(host string, outside, inside, n int64, protocol string) string {
	if protocol == "" {
		protocol = "tcp"
	}
	b := make([]byte, 0, 32)
	if outside != 0 {
		switch {
		case host == "":
			host = "0.0.0.0"
		case strings.Contains(host, ":"):
			host = "[" + host + "]"
		}
		b = append(append(b, host...), ':')
		b = append(appendPorts(b, outside, n), "->"...)
	}
	b = append(appendPorts(b, inside, n), '/')
	return string(append(b, protocol...))
}

func appendPorts(b []byte, first, n int64) []byte {
	b = strconv.AppendInt(b, first, 10)
	if n > 1 && n <= 65535 {
		b = strconv.AppendInt(append(b, '-'), first+n-1, 10)
	}
	return b
}
