package serve

import (
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// process writes what Go and the kernel tell of this process, by the names that
// dashboards know from Prometheus' own client.
func (e *exposition) process(started time.Time) {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	var gc debug.GCStats
	debug.ReadGCStats(&gc)

	e.family("go_info", "gauge", "The version of Go.")
	e.value("go_info", 1, "version", runtime.Version())
	e.single("go_goroutines", "gauge", "Goroutines that exist.", float64(runtime.NumGoroutine()))
	e.family("go_gc_duration_seconds", "summary", "How long garbage collections stopped the process.")
	e.value("go_gc_duration_seconds_sum", gc.PauseTotal.Seconds())
	e.value("go_gc_duration_seconds_count", float64(gc.NumGC))
	e.single("go_memstats_alloc_bytes_total", "counter", "Bytes allocated on the heap, all told.", float64(memory.TotalAlloc))
	e.single("go_memstats_heap_alloc_bytes", "gauge", "Bytes of objects on the heap.", float64(memory.HeapAlloc))
	e.single("go_memstats_heap_inuse_bytes", "gauge", "Bytes of the heap's spans in use.", float64(memory.HeapInuse))
	e.single("go_memstats_heap_objects", "gauge", "Objects on the heap.", float64(memory.HeapObjects))
	e.single("go_memstats_heap_released_bytes", "gauge", "Bytes of the heap given back to the system.", float64(memory.HeapReleased))
	e.single("go_memstats_stack_inuse_bytes", "gauge", "Bytes of goroutines' stacks.", float64(memory.StackInuse))
	e.single("go_memstats_sys_bytes", "gauge", "Bytes that Go has of the system.", float64(memory.Sys))

	e.single("process_start_time_seconds", "gauge", "When the process began, in seconds since 1970.", float64(started.UnixMilli())/1000)
	if stat, ok := ownStat(); ok {
		e.single("process_cpu_seconds_total", "counter", "Processor time used, the user's and the system's.", (stat[11]+stat[12])/ticks)
		e.single("go_threads", "gauge", "Threads of the process.", stat[17])
		e.single("process_virtual_memory_bytes", "gauge", "Size of the address space.", stat[20])
		e.single("process_resident_memory_bytes", "gauge", "Resident memory.", stat[21]*float64(os.Getpagesize()))
	}
	if fds, err := os.ReadDir("/proc/self/fd"); err == nil {
		e.single("process_open_fds", "gauge", "Open file descriptors.", float64(len(fds)-1)) // one of them is ReadDir's
	}
	if most, ok := mostDescriptors(); ok {
		e.single("process_max_fds", "gauge", "How many file descriptors may be open.", most)
	}
}

// ticks a second are the unit of times in proc_pid_stat(5), on every
// architecture that Go knows.
const ticks = 100

// ownStat reads /proc/self/stat from proc_pid_stat(5)'s field 3 on, the first
// behind the program's name, which may hold anything. Only Linux has it.
func ownStat() (fields []float64, ok bool) {
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return nil, false
	}
	words := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	for _, word := range words {
		n, err := strconv.ParseFloat(word, 64)
		if err != nil {
			n = 0 // field 3, the state, is a letter
		}
		fields = append(fields, n)
	}
	return fields, len(fields) > 21
}

// mostDescriptors is the soft limit of open files.
func mostDescriptors() (float64, bool) {
	text, err := os.ReadFile("/proc/self/limits")
	if err != nil {
		return 0, false
	}
	_, line, _ := strings.Cut(string(text), "Max open files")
	words := strings.Fields(line)
	if len(words) == 0 {
		return 0, false
	}
	n, err := strconv.ParseFloat(words[0], 64)
	return n, err == nil
}
