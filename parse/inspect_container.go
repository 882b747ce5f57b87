package parse

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// ContainerDetail is what one mostly wants to know of a container: about 1.5 KB of JSON.
type ContainerDetail struct {
	ID             string            `json:"id"`
	Name           string            `json:"name"`
	Image          string            `json:"image,omitempty"`
	State          ContainerState    `json:"state"`
	RestartCount   int               `json:"restart_count,omitempty"`
	Command        []string          `json:"command,omitempty"` // entrypoint and arguments, as they run
	Env            []string          `json:"env,omitempty"`     // KEY=VALUE, secrets masked
	Ports          []string          `json:"ports,omitempty"`   // as in [Container]
	Mounts         []Mount           `json:"mounts,omitempty" brief:"true"`
	Networks       []NetworkAddress  `json:"networks,omitempty" brief:"true"`
	RestartPolicy  string            `json:"restart_policy,omitempty"` // "always", "on-failure:3"; left out for "no"
	Limits         *Limits           `json:"limits,omitempty" brief:"true"`
	User           string            `json:"user,omitempty"`
	Workdir        string            `json:"workdir,omitempty"`
	Created        string            `json:"created,omitempty"`
	Labels         map[string]string `json:"labels,omitempty"` // secrets masked
	ComposeProject string            `json:"compose_project,omitempty"`
	ComposeService string            `json:"compose_service,omitempty"`
	Pod            string            `json:"pod,omitempty"` // the first 12 characters of its id

	FullID  string `json:"-"`
	ImageID string `json:"-"` // in full
	TTY     bool   `json:"-"` // its log merges both streams

	// HealthEvery is the time between two health checks, podman's 30 s where
	// none was said; 0 without a check.
	HealthEvery time.Duration `json:"-"`
}

// ContainerState is the State of an inspected container.
type ContainerState struct {
	Status    string  `json:"status"` // created, running, paused, exited, stopped, …
	Running   bool    `json:"running"`
	ExitCode  *int    `json:"exit_code,omitempty"` // only when exited or stopped
	Error     string  `json:"error,omitempty"`
	OOMKilled bool    `json:"oom_killed,omitempty"`
	Started   string  `json:"started,omitempty"`
	Finished  string  `json:"finished,omitempty"`
	PID       int     `json:"pid,omitempty"`
	Health    *Health `json:"health,omitempty" brief:"true"` // nil without a health check, or before its first start

	StartedAt, FinishedAt time.Time `json:"-"` // to the nanosecond; zero before the first time
}

// Health is the state of a container's health check.
type Health struct {
	Status        string `json:"status"` // starting, healthy or unhealthy
	FailingStreak int    `json:"failing_streak,omitempty"`
	LastOutput    string `json:"last_output,omitempty"` // of the newest check, at most 500 bytes
}

// Mount is one mount of a container. Name is a volume's.
type Mount struct {
	Type        string `json:"type"`
	Source      string `json:"source,omitempty"`
	Destination string `json:"destination"`
	ReadOnly    bool   `json:"read_only,omitempty"`
	Name        string `json:"name,omitempty"`
}

// NetworkAddress is a container's place in one network.
type NetworkAddress struct {
	Name    string `json:"name"`
	IP      string `json:"ip,omitempty"`
	IPv6    string `json:"ipv6,omitempty"`
	Gateway string `json:"gateway,omitempty"`
}

// Limits are the resources a container may use; 0 means no limit.
type Limits struct {
	MemoryBytes int64   `json:"memory_bytes,omitempty"`
	CPUs        float64 `json:"cpus,omitempty"`
	PIDs        int64   `json:"pids,omitempty"`
}

const maxHealthOutput = 500 // bytes

// InspectContainer reads podman container inspect of one container.
func InspectContainer(out []byte) (ContainerDetail, error) {
	v, err := firstObject("an inspected container", out)
	if err != nil {
		return ContainerDetail{}, err
	}
	d := ContainerDetail{
		FullID:        clean(v.Get("Id")),
		ImageID:       clean(v.Get("Image")),
		Name:          clean(v.Get("Name")),
		Image:         clean(v.Get("ImageName")),
		State:         containerState(v.Get("State")),
		RestartCount:  int(v.Get("RestartCount").Int()),
		Command:       MaskArgs(append(cleanList(v.Get("Path")), cleanList(v.Get("Args"))...)),
		Env:           MaskEnv(cleanList(v.Get("Config.Env"))),
		Ports:         portBindings(v.Get("NetworkSettings.Ports"), v.Get("HostConfig.PortBindings")),
		Mounts:        mounts(v.Get("Mounts")),
		Networks:      addresses(v.Get("NetworkSettings")),
		RestartPolicy: restartPolicy(v.Get("HostConfig.RestartPolicy")),
		Limits:        limits(v.Get("HostConfig")),
		User:          clean(v.Get("Config.User")),
		Workdir:       clean(v.Get("Config.WorkingDir")),
		Created:       inspectTime(v.Get("Created").Str),
		Pod:           short(clean(v.Get("Pod"))),
		TTY:           v.Get("Config.Tty").Bool(),
	}
	d.ID = short(d.FullID)
	if d.ID == "" {
		return ContainerDetail{}, OutputInvalidError("an inspected container", out, nil)
	}
	if check := v.Get("Config.Healthcheck"); check.IsObject() && check.Get("Test.0").Str != "NONE" {
		d.HealthEvery = cmp.Or(time.Duration(check.Get("Interval").Int()), 30*time.Second)
	}
	labels := textMap(v.Get("Config.Labels"))
	d.ComposeProject, d.ComposeService = composeOf(labels)
	d.Labels = maskLabels(labels)
	return d, nil
}

func containerState(v gjson.Result) ContainerState {
	s := ContainerState{
		Status:    clean(v.Get("Status")),
		Running:   v.Get("Running").Bool(),
		Error:     Mask(clean(v.Get("Error"))),
		OOMKilled: v.Get("OOMKilled").Bool(),
		Started:   inspectTime(v.Get("StartedAt").Str),
		Finished:  inspectTime(v.Get("FinishedAt").Str),
		PID:       int(v.Get("Pid").Int()),

		StartedAt:  moment(v.Get("StartedAt").Str),
		FinishedAt: moment(v.Get("FinishedAt").Str),
	}
	if s.Status == "exited" || s.Status == "stopped" {
		code := int(v.Get("ExitCode").Int())
		s.ExitCode = &code
	}
	// Without a check 4.3 has Health with an empty Status, 5 has none; 3 called it Healthcheck.
	h := v.Get("Health")
	if !h.Exists() {
		h = v.Get("Healthcheck")
	}
	if status := clean(h.Get("Status")); status != "" {
		s.Health = &Health{Status: status, FailingStreak: int(h.Get("FailingStreak").Int())}
		if log := h.Get("Log").Array(); len(log) > 0 {
			text := clean(log[len(log)-1].Get("Output"))
			s.Health.LastOutput = cutBytes(Mask(strings.TrimSpace(text)), maxHealthOutput)
		}
	}
	return s
}

// portBindings formats a container's published ports; running has the ports that podman chose, wanted those
// of a container that has not started. Both are a map from "80/tcp" to [{HostIp, HostPort}].
func portBindings(running, wanted gjson.Result) []string {
	list := bindings(running)
	if len(list) == 0 {
		list = bindings(wanted)
	}
	return list
}

func bindings(v gjson.Result) []string {
	type binding struct {
		port int64
		text string
	}
	var all []binding
	each(v, func(key, hosts gjson.Result) bool {
		number, protocol, _ := strings.Cut(Clean(key.Str), "/")
		port, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			return true
		}
		// A port without a host's is only exposed: nobody reaches it from outside.
		each(hosts, func(_, h gjson.Result) bool {
			text := portText(clean(h.Get("HostIp")), h.Get("HostPort").Int(), int64(port), 1, protocol)
			all = append(all, binding{int64(port), text})
			return true
		})
		return true
	})
	slices.SortStableFunc(all, func(a, b binding) int { return compareInt(a.port, b.port) })
	var list []string
	for _, b := range all {
		list = append(list, b.text)
	}
	return list
}

func mounts(v gjson.Result) []Mount {
	var list []Mount
	each(v, func(_, m gjson.Result) bool {
		rw := m.Get("RW")
		list = append(list, Mount{
			Type:        clean(m.Get("Type")),
			Source:      clean(m.Get("Source")),
			Destination: clean(m.Get("Destination")),
			ReadOnly:    rw.Exists() && !rw.Bool(),
			Name:        clean(m.Get("Name")),
		})
		return true
	})
	return list
}

// addresses reads Networks; a rootless container without a bridge has its address, if any, beside it.
func addresses(v gjson.Result) []NetworkAddress {
	var list []NetworkAddress
	each(v.Get("Networks"), func(name, n gjson.Result) bool {
		list = append(list, address(Clean(name.Str), n))
		return true
	})
	if len(list) == 0 && v.Get("IPAddress").Str != "" {
		list = append(list, address("", v))
	}
	return list
}

func address(name string, v gjson.Result) NetworkAddress {
	return NetworkAddress{
		Name:    name,
		IP:      clean(v.Get("IPAddress")),
		IPv6:    clean(v.Get("GlobalIPv6Address")),
		Gateway: clean(v.Get("Gateway")),
	}
}

// restartPolicy: podman 4.3 leaves the name empty where 5 says no.
func restartPolicy(v gjson.Result) string {
	name := clean(v.Get("Name"))
	if name == "no" {
		return ""
	}
	if n := v.Get("MaximumRetryCount").Int(); name == "on-failure" && n > 0 {
		name += ":" + strconv.FormatInt(n, 10)
	}
	return name
}

func limits(host gjson.Result) *Limits {
	l := Limits{
		MemoryBytes: max(host.Get("Memory").Int(), 0),
		CPUs:        max(float64(host.Get("NanoCpus").Int())/1e9, 0),
		PIDs:        max(host.Get("PidsLimit").Int(), 0),
	}
	if quota, period := host.Get("CpuQuota").Int(), host.Get("CpuPeriod").Int(); l.CPUs == 0 && quota > 0 && period > 0 {
		l.CPUs = float64(quota) / float64(period)
	}
	if l == (Limits{}) {
		return nil
	}
	return &l
}

// OwnerLabel names on containers, pods, volumes and networks the owner of the podman-mcp that made them.
const OwnerLabel = "io.podman-mcp.owner"

// maskLabels masks secrets and leaves out what buildah writes into every image and podman-mcp on all that it makes.
func maskLabels(labels map[string]string) map[string]string {
	masked := maps.Clone(labels)
	for key, value := range masked {
		masked[key] = maskValue(key, value)
	}
	delete(masked, "io.buildah.version")
	delete(masked, "io.podman-mcp.call")
	delete(masked, OwnerLabel)
	if len(masked) == 0 {
		return nil
	}
	return masked
}
