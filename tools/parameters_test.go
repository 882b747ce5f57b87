package tools

func containerParameters() map[string]string {
	return map[string]string{
		"podman_ps": "all filters limit",
		"podman_run": "image name command env ports volumes detach restart entrypoint workdir user labels network pod rm replace " +
			"memory cpus init read_only platform pull health max_bytes",
		"podman_stop":    "containers timeout",
		"podman_start":   "containers",
		"podman_logs":    "container tail since until follow timestamps grep max_bytes duration",
		"podman_inspect": "container type full query",
		"podman_restart": "containers timeout",
		"podman_rm":      "containers force volumes",
		"podman_stats":   "containers samples limit",
		"podman_top":     "container limit",
		"podman_pause":   "containers",
		"podman_unpause": "containers",
		"podman_kill":    "containers signal",
		"podman_rename":  "container name",
		"podman_update":  "container memory memory_swap memory_reservation cpus cpu_shares pids_limit restart",
		"podman_diff":    "container type limit",
		"podman_commit":  "container image author message changes pause",
		"podman_port":    "container limit",
		"podman_exec":    "container command workdir user env detach tty stdin timeout max_bytes",
		"podman_wait":    "container for log port timeout",
		"podman_cp":      "container path from to content max_bytes",
	}
}

func imageParameters() map[string]string {
	return map[string]string{
		"podman_images": "all filters limit",
		"podman_pull":   "image platform policy",

		"podman_tag":        "image tags",
		"podman_untag":      "image tags",
		"podman_rmi":        "images force",
		"podman_history":    "image limit",
		"podman_search":     "term tags filters limit",
		"podman_image_tree": "image limit",

		"podman_manifest_create":  "name images",
		"podman_manifest_add":     "name image platform",
		"podman_manifest_push":    "name destination",
		"podman_manifest_inspect": "name limit",

		"podman_build": "context file containerfile tags build_args target platform no_cache",
		"podman_push":  "image destination",
		"podman_save":  "images file format",
		"podman_load":  "file",
	}
}

func composeParameters() map[string]string {
	return map[string]string{
		"podman_compose_up":      "file project_name detach services build profiles env_file wait",
		"podman_compose_down":    "file project_name volumes",
		"podman_compose_ps":      "file project_name services limit",
		"podman_compose_ls":      "limit",
		"podman_compose_logs":    "file project_name services tail since follow duration grep max_bytes",
		"podman_compose_start":   "file project_name services",
		"podman_compose_stop":    "file project_name services timeout",
		"podman_compose_restart": "file project_name services timeout",
		"podman_compose_exec":    "file project_name service command workdir user env detach tty stdin timeout max_bytes",
		"podman_compose_pull":    "file project_name services profiles env_file policy",
		"podman_compose_build":   "file project_name services profiles env_file no_cache",
		"podman_compose_config":  "file project_name services profiles env_file max_bytes",
	}
}

func podParameters() map[string]string {
	return map[string]string{
		"podman_pod_ps":      "filters limit",
		"podman_pod_create":  "name ports network labels",
		"podman_pod_start":   "pods",
		"podman_pod_stop":    "pods timeout",
		"podman_pod_restart": "pods",
		"podman_pod_rm":      "pods force",
		"podman_pod_inspect": "pod detail query",
		"podman_pod_logs":    "pod tail since until timestamps grep max_bytes",
		"podman_pod_stats":   "pods limit",
	}
}

func volumeParameters() map[string]string {
	return map[string]string{
		"podman_volume_ls":      "filters limit",
		"podman_volume_create":  "name labels",
		"podman_volume_rm":      "volumes force",
		"podman_volume_inspect": "volume detail",
		"podman_volume_prune":   "dry_run filters limit",
		"podman_volume_export":  "volume file",
		"podman_volume_import":  "volume file",
	}
}

func networkParameters() map[string]string {
	return map[string]string{
		"podman_network_ls":         "filters limit",
		"podman_network_create":     "name subnet gateway internal ipv6 labels",
		"podman_network_rm":         "networks force",
		"podman_network_inspect":    "network detail",
		"podman_network_connect":    "network container aliases ip",
		"podman_network_disconnect": "network container force",
		"podman_network_prune":      "dry_run filters limit",
	}
}

func secretParameters() map[string]string {
	return map[string]string{
		"podman_secret_ls":      "filters limit",
		"podman_secret_create":  "name file env labels",
		"podman_secret_rm":      "secrets",
		"podman_secret_inspect": "secret",
	}
}

func systemParameters() map[string]string {
	return map[string]string{
		"podman_info":                 "detail",
		"podman_version":              "",
		"podman_events":               "since until filters follow duration limit",
		"podman_system_df":            "",
		"podman_system_prune":         "what all filters dry_run limit",
		"podman_system_connection_ls": "limit",
	}
}

func machineParameters() map[string]string {
	return map[string]string{
		"podman_machine_ls":      "limit",
		"podman_machine_inspect": "name detail",
		"podman_machine_start":   "name",
		"podman_machine_stop":    "name",
		"podman_machine_set":     "name cpus memory_mib disk_gib rootful",
	}
}

func kubeParameters() map[string]string {
	return map[string]string{
		"podman_kube_generate": "names service file max_bytes",
		"podman_kube_play":     "file yaml replace start network",
		"podman_kube_down":     "file yaml force",
		"podman_kube_apply":    "names file yaml kubeconfig namespace",

		"podman_farm_build": "context file tag farm platforms max_bytes",

		"podman_quadlet_generate": "container",
		"podman_quadlet_install":  "file content name",
		"podman_quadlet_ls":       "limit",
		"podman_quadlet_rm":       "names",
	}
}
