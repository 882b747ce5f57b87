package parse

// Resources are what a container may use, as podman keeps it: 0, and so left
// out, is no limit.
type Resources struct {
	MemoryBytes            int64   `json:"memory_bytes,omitempty"`
	MemorySwapBytes        int64   `json:"memory_swap_bytes,omitempty"` // memory and swap together; -1 is no limit
	MemoryReservationBytes int64   `json:"memory_reservation_bytes,omitempty"`
	CPUs                   float64 `json:"cpus,omitempty"`
	CPUShares              int64   `json:"cpu_shares,omitempty"`
	PIDsLimit              int64   `json:"pids_limit,omitempty"`
	Restart                string  `json:"restart,omitempty"` // left out for "no"
}

// ContainerResources reads them from podman container inspect.
func ContainerResources(out []byte) (Resources, error) {
	v, err := firstObject("an inspected container", out)
	if err != nil {
		return Resources{}, err
	}
	host := v.Get("HostConfig")
	if !host.IsObject() {
		return Resources{}, OutputInvalidError("an inspected container", out, nil)
	}
	number := func(key string) int64 { return max(host.Get(key).Int(), -1) }
	r := Resources{
		MemoryBytes:            number("Memory"),
		MemorySwapBytes:        number("MemorySwap"),
		MemoryReservationBytes: number("MemoryReservation"),
		CPUShares:              number("CpuShares"),
		PIDsLimit:              number("PidsLimit"),
		Restart:                restartPolicy(host.Get("RestartPolicy")),
	}
	if l := limits(host); l != nil {
		r.CPUs = l.CPUs
	}
	return r, nil
}
