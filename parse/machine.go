package parse

import (
	"strconv"

	"github.com/tidwall/gjson"
)

// MachineRow is one of podman's virtual machines in a list.
type MachineRow struct {
	Name        string `json:"name"`
	Default     bool   `json:"default"`
	State       string `json:"state"` // running, starting or stopped
	Type        string `json:"type,omitempty"`
	CPUs        int    `json:"cpus,omitempty"`
	MemoryBytes int64  `json:"memory_bytes,omitempty"`
	DiskBytes   int64  `json:"disk_bytes,omitempty"`
	Created     string `json:"created,omitempty"`
	LastUp      string `json:"last_up,omitempty"` // left out for one that never was, and for one that runs
}

// Machines reads podman machine list --format json. Its sizes are strings of bytes.
func Machines(out []byte) ([]MachineRow, error) {
	list := []MachineRow{}
	err := eachRow("a list of machines", out, func(row gjson.Result) {
		m := MachineRow{
			Name:        clean(row.Get("Name")),
			Default:     row.Get("Default").Bool(),
			State:       "stopped",
			Type:        clean(row.Get("VMType")),
			CPUs:        int(row.Get("CPUs").Int()),
			MemoryBytes: stringBytes(row.Get("Memory")),
			DiskBytes:   stringBytes(row.Get("DiskSize")),
			Created:     inspectTime(row.Get("Created").Str),
		}
		switch {
		case row.Get("Running").Bool():
			m.State = "running"
		case row.Get("Starting").Bool():
			m.State = "starting"
		default:
			m.LastUp = inspectTime(row.Get("LastUp").Str)
		}
		list = append(list, m)
	})
	return list, err
}

// stringBytes is a number of bytes, which podman writes as a string.
func stringBytes(v gjson.Result) int64 {
	n, err := strconv.ParseInt(v.String(), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// MachineDetail is what one mostly wants to know of a machine.
type MachineDetail struct {
	Name           string `json:"name"`
	State          string `json:"state"`
	Rootful        bool   `json:"rootful"` // its default connection is root's
	CPUs           int    `json:"cpus,omitempty"`
	MemoryBytes    int64  `json:"memory_bytes,omitempty"`
	DiskBytes      int64  `json:"disk_bytes,omitempty"`
	Socket         string `json:"socket,omitempty"` // of podman's service on this side, or a named pipe
	SSHPort        int    `json:"ssh_port,omitempty"`
	SSHUser        string `json:"ssh_user,omitempty"`
	UserNetworking bool   `json:"user_mode_networking,omitempty"`
	Created        string `json:"created,omitempty"`
	LastUp         string `json:"last_up,omitempty"`
}

const (
	mebi = 1 << 20
	gibi = 1 << 30
)

// InspectMachine reads podman machine inspect of one machine. It counts memory in MiB and the disk in GiB.
func InspectMachine(out []byte) (MachineDetail, error) {
	v, err := firstObject("an inspected machine", out)
	if err != nil {
		return MachineDetail{}, err
	}
	resources, ssh := v.Get("Resources"), v.Get("SSHConfig")
	d := MachineDetail{
		Name:           clean(v.Get("Name")),
		State:          clean(v.Get("State")),
		Rootful:        v.Get("Rootful").Bool(),
		CPUs:           int(resources.Get("CPUs").Int()),
		MemoryBytes:    resources.Get("Memory").Int() * mebi,
		DiskBytes:      resources.Get("DiskSize").Int() * gibi,
		Socket:         clean(v.Get("ConnectionInfo.PodmanSocket.Path")),
		SSHPort:        int(ssh.Get("Port").Int()),
		SSHUser:        clean(ssh.Get("RemoteUsername")),
		UserNetworking: v.Get("UserModeNetworking").Bool(),
		Created:        inspectTime(v.Get("Created").Str),
		LastUp:         inspectTime(v.Get("LastUp").Str),
	}
	if d.Socket == "" {
		d.Socket = clean(v.Get("ConnectionInfo.PodmanPipe.Path"))
	}
	if d.Name == "" {
		return MachineDetail{}, OutputInvalidError("an inspected machine", out, nil)
	}
	return d, nil
}
