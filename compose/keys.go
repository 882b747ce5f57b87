package compose

import (
	"reflect"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// known are the keys of a service that give it no more of this machine than
// podman_run does, or that permitted looks into. What compose learns beside
// them is refused until somebody has thought about it.
func known() []string {
	return strings.Fields("attach build cap_add cap_drop command configs container_name cpu_count cpu_percent cpu_period cpu_quota " +
		"cpu_shares cpus cpuset depends_on deploy develop dns dns_opt dns_search domainname entrypoint env_file environment expose extends " +
		"extra_hosts group_add healthcheck hostname image init ipc label_file labels links logging mac_address mem_limit mem_reservation " +
		"mem_swappiness memswap_limit name network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports profiles " +
		"pull_policy read_only restart scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal tmpfs tty ulimits user " +
		"userns_mode uts cgroup privileged devices device_cgroup_rules cgroup_parent runtime volumes working_dir")
}

// strangeKey names a key of the service that is set and not known, "" where
// there is none.
func strangeKey(s types.ServiceConfig) string {
	for key := range s.Extensions {
		if strings.HasPrefix(key, "x-podman") { // options that podman-compose hands on
			return key
		}
	}
	return strangeField(reflect.ValueOf(s))
}

func strangeField(v reflect.Value) string {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case v.Field(i).IsZero() || slices.Contains(known(), key) || strings.HasPrefix(key, "#"):
		case field.Anonymous && field.Type.Kind() == reflect.Struct: // its fields are the service's
			if key := strangeField(v.Field(i)); key != "" {
				return key
			}
		case key != "-":
			return key
		}
	}
	return ""
}

// capabilities are those that containers have by themselves, and some that stay
// inside.
func capabilities() []string {
	return strings.Fields("AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID IPC_LOCK KILL NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID " +
		"SYS_CHROOT SYS_NICE")
}

// logs tells whether a service's log goes where podman keeps it: a path would
// be written by podman, whoever the file belongs to.
func logs(l *types.LoggingConfig) bool {
	if l == nil {
		return true
	}
	for key := range l.Options {
		if !slices.Contains([]string{"max-size", "max-file", "tag"}, key) {
			return false
		}
	}
	return slices.Contains([]string{"", "json-file", "k8s-file", "journald", "none", "local"}, l.Driver)
}
