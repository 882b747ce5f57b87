package parse

import "github.com/tidwall/gjson"

// HostInfo is what one mostly wants to know of podman and its machine.
type HostInfo struct {
	Version          string     `json:"version"`
	OS               string     `json:"os,omitempty"`
	Architecture     string     `json:"architecture,omitempty"`
	Distribution     string     `json:"distribution,omitempty"`
	CPUs             int        `json:"cpus"`
	MemoryTotalBytes int64      `json:"memory_total_bytes"`
	MemoryFreeBytes  int64      `json:"memory_free_bytes"`
	Rootless         bool       `json:"rootless"`
	Remote           bool       `json:"remote"` // podman works through a service
	CgroupVersion    string     `json:"cgroup_version,omitempty"`
	Runtime          string     `json:"runtime,omitempty"`
	EventLogger      string     `json:"event_logger,omitempty"` // with none nothing can be watched
	StorageDriver    string     `json:"storage_driver,omitempty"`
	Containers       HostCounts `json:"containers"`
	Images           int        `json:"images"` // also the intermediate ones of builds

	StorageFolder string `json:"-"`
}

// HostCounts are numbers of containers.
type HostCounts struct {
	Total   int `json:"total"`
	Running int `json:"running"`
	Paused  int `json:"paused"`
	Stopped int `json:"stopped"`
}

// Info reads podman info --format json.
func Info(out []byte) (HostInfo, error) {
	v, err := firstObject("podman's information", out)
	if err != nil {
		return HostInfo{}, err
	}
	host, store := v.Get("host"), v.Get("store")
	number := func(v gjson.Result) int { return int(v.Int()) }
	info := HostInfo{
		Version:          clean(v.Get("version.Version")),
		OS:               clean(host.Get("os")),
		Architecture:     clean(host.Get("arch")),
		CPUs:             number(host.Get("cpus")),
		MemoryTotalBytes: host.Get("memTotal").Int(),
		MemoryFreeBytes:  host.Get("memFree").Int(),
		Rootless:         host.Get("security.rootless").Bool(),
		Remote:           host.Get("serviceIsRemote").Bool(),
		CgroupVersion:    clean(host.Get("cgroupVersion")),
		Runtime:          clean(host.Get("ociRuntime.name")),
		EventLogger:      clean(host.Get("eventLogger")),
		StorageDriver:    clean(store.Get("graphDriverName")),
		StorageFolder:    clean(store.Get("graphRoot")),
		Images:           number(store.Get("imageStore.number")),
	}
	if name := clean(host.Get("distribution.distribution")); name != "" {
		info.Distribution = name
		if version := clean(host.Get("distribution.version")); version != "" {
			info.Distribution += " " + version
		}
	}
	count := store.Get("containerStore")
	info.Containers = HostCounts{number(count.Get("number")), number(count.Get("running")), number(count.Get("paused")), number(count.Get("stopped"))}
	if info.Version == "" {
		return HostInfo{}, OutputInvalidError("podman's information", out, nil)
	}
	return info, nil
}
