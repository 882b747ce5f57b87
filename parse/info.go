package parse

import "github.com/tidwall/gjson"

// HostInfo is what one mostly wants to know of podman and its machine.
type HostInfo struct {
	Version          string     `json:"version"`
	APIVersion       string     `json:"api_version,omitempty"`
	OS               string     `json:"os,omitempty"`
	Architecture     string     `json:"architecture,omitempty"`
	Distribution     string     `json:"distribution,omitempty"`
	Kernel           string     `json:"kernel,omitempty"`
	Hostname         string     `json:"hostname,omitempty"`
	CPUs             int        `json:"cpus"`
	MemoryTotalBytes int64      `json:"memory_total_bytes"`
	MemoryFreeBytes  int64      `json:"memory_free_bytes"`
	Rootless         bool       `json:"rootless"`
	Remote           bool       `json:"remote"` // podman works through a service
	CgroupVersion    string     `json:"cgroup_version,omitempty"`
	CgroupManager    string     `json:"cgroup_manager,omitempty"`
	Runtime          string     `json:"runtime,omitempty"`
	NetworkBackend   string     `json:"network_backend,omitempty"`
	EventLogger      string     `json:"event_logger,omitempty"` // with none nothing can be watched
	StorageDriver    string     `json:"storage_driver,omitempty"`
	StorageFolder    string     `json:"storage_folder,omitempty"`
	Containers       HostCounts `json:"containers"`
	Images           int        `json:"images"` // also the intermediate ones of builds
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
		APIVersion:       clean(v.Get("version.APIVersion")),
		OS:               clean(host.Get("os")),
		Architecture:     clean(host.Get("arch")),
		Kernel:           clean(host.Get("kernel")),
		Hostname:         clean(host.Get("hostname")),
		CPUs:             number(host.Get("cpus")),
		MemoryTotalBytes: host.Get("memTotal").Int(),
		MemoryFreeBytes:  host.Get("memFree").Int(),
		Rootless:         host.Get("security.rootless").Bool(),
		Remote:           host.Get("serviceIsRemote").Bool(),
		CgroupVersion:    clean(host.Get("cgroupVersion")),
		CgroupManager:    clean(host.Get("cgroupManager")),
		Runtime:          clean(host.Get("ociRuntime.name")),
		NetworkBackend:   clean(host.Get("networkBackend")),
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
