package kube

import (
	"path"
	"podman-mcp/parse"
	"slices"
	"strings"
)

func workloadSpec(r *reader, at string, value any) (any, error) {
	return r.walk(at, value, fields{
		"replicas": anything, "selector": anything, "template": within(template),
		"strategy": dropped, "updateStrategy": dropped, "minReadySeconds": dropped, "revisionHistoryLimit": dropped,
		"progressDeadlineSeconds": dropped, "paused": dropped,
		"completions": anything, "parallelism": anything, "backoffLimit": anything, "activeDeadlineSeconds": anything,
		"ttlSecondsAfterFinished": dropped, "completionMode": dropped, "suspend": dropped, "manualSelector": dropped,
	})
}

func template() fields { return fields{"metadata": metadata, "spec": podSpec} }

func claimSpec() fields {
	return fields{"accessModes": anything, "resources": within(resources), "storageClassName": anything, "volumeMode": anything,
		"volumeName": dropped, "selector": dropped}
}

func podSpec(r *reader, at string, value any) (any, error) {
	r.hosts = map[string]bool{}
	in, _ := value.(map[string]any)
	volumes, err := each(volume)(r, at+".volumes", in["volumes"]) // first: what is mounted may not be the host's
	if err != nil {
		return nil, err
	}
	const host = "it gives the container %s of this machine"
	say := func(what string) string { return strings.Replace(host, "%s", what, 1) }
	out, err := r.walk(at, value, fields{
		"containers": each(within(container)), "initContainers": each(within(container)),
		"volumes":         func(*reader, string, any) (any, error) { return volumes, nil },
		"hostNetwork":     unless("host-network", say("every port and service"), boolean),
		"hostPID":         unless("host-pid", say("every process"), boolean),
		"hostIPC":         not(say("the shared memory")),
		"securityContext": within(podSecurity),
		"restartPolicy":   anything, "hostname": anything, "subdomain": dropped, "hostAliases": anything, "dnsPolicy": anything, "dnsConfig": anything,
		"terminationGracePeriodSeconds": anything, "activeDeadlineSeconds": anything, "shareProcessNamespace": anything,
		"automountServiceAccountToken": dropped, "enableServiceLinks": dropped, "setHostnameAsFQDN": dropped,
		"serviceAccount": dropped, "serviceAccountName": dropped, "schedulerName": dropped, "priority": dropped, "priorityClassName": dropped,
		"preemptionPolicy": dropped, "readinessGates": dropped, "imagePullSecrets": ignored, "nodeName": ignored, "nodeSelector": ignored,
		"affinity": ignored, "tolerations": dropped, "topologySpreadConstraints": ignored,
	})
	if err == nil && out["containers"] == nil {
		err = invalid("%s.containers is missing", at)
	}
	return out, err
}

func podSecurity() fields {
	f := security()
	delete(f, "capabilities")
	f["fsGroup"], f["fsGroupChangePolicy"], f["supplementalGroups"], f["supplementalGroupsPolicy"] = anything, dropped, anything, dropped
	f["sysctls"] = not("it changes the kernel's settings")
	return f
}

func security() fields {
	return fields{
		"runAsUser": anything, "runAsGroup": anything, "runAsNonRoot": anything,
		"readOnlyRootFilesystem": anything, "allowPrivilegeEscalation": anything,
		"privileged":     unless("privileged", "it gives the container this machine", boolean),
		"capabilities":   within(capabilities),
		"seLinuxOptions": not("it changes the container's confinement"),
		"procMount":      only("it shows the container what is hidden of /proc", "", "Default"),
		"seccompProfile": within(seccomp),
	}
}

func capabilities() fields {
	return fields{"add": unless("capabilities", "it gives the container rights over this machine", each(capability)), "drop": anything}
}

func capability(r *reader, at string, value any) (any, error) {
	return word(func(_ *reader, at, word string) error {
		if !capabilityShape().MatchString(word) {
			return invalid("%s: got %s; takes a capability such as NET_ADMIN", at, short(word))
		}
		return nil
	})(r, at, value)
}

var capabilityShape = parse.Lazily(`^[A-Za-z_]{1,40}$`)

func seccomp() fields {
	return fields{"type": only("it lifts the filter of system calls; takes RuntimeDefault", "RuntimeDefault")}
}

func container() fields {
	return fields{
		"name": name, "image": image, "imagePullPolicy": anything, "command": anything, "args": anything, "workingDir": anything,
		"env": each(within(variable)), "envFrom": anything, "ports": each(port), "resources": within(resources),
		"securityContext": within(security), "volumeMounts": each(mount),
		"livenessProbe": anything, "readinessProbe": anything, "startupProbe": anything, "lifecycle": anything,
		"stdin": anything, "stdinOnce": anything, "tty": anything, "restartPolicy": anything,
		"terminationMessagePath": dropped, "terminationMessagePolicy": dropped,
	}
}

func image(r *reader, at string, value any) (any, error) {
	return word(func(r *reader, at, word string) error { return r.Image(at, word) })(r, at, value)
}

// masked is what podman_kube_generate writes in a secret's place.
const masked = "***"

func variable() fields {
	return fields{"name": anything, "valueFrom": anything, "value": func(_ *reader, at string, value any) (any, error) {
		if value == masked {
			return nil, invalid("%s is %s, in the place of a secret that was masked; the file that podman_kube_generate writes holds the secret itself", at, masked)
		}
		return value, nil
	}}
}

// resources of podman's own kind are the host's devices.
func resources() fields {
	amount := func() fields {
		return fields{"cpu": anything, "memory": anything, "storage": anything, "ephemeral-storage": dropped}
	}
	return fields{"limits": within(amount), "requests": within(amount)}
}

// port opens a port on 127.0.0.1 where no address is given: podman's own
// default opens it to the network. One without a host's port is not opened at
// all, which podman 4.3 would do.
func port(r *reader, at string, value any) (any, error) {
	out, err := r.walk(at, value, fields{"containerPort": anything, "hostPort": anything, "hostIP": address, "protocol": anything, "name": anything})
	switch number, _ := out["hostPort"].(int64); {
	case err != nil:
		return nil, err
	case out["hostPort"] == nil || number == 0 && out["hostPort"] == int64(0):
		return nil, nil
	case out["hostIP"] == nil:
		out["hostIP"] = "127.0.0.1"
	}
	return out, nil
}

// address is empty where none is given.
func address(r *reader, at string, value any) (any, error) {
	if value == nil || value == "" {
		return nil, nil
	}
	return word(func(r *reader, at, word string) error { return r.Address(at, word) })(r, at, value)
}

func volume(r *reader, at string, value any) (any, error) {
	out, err := r.walk(at, value, fields{
		"name": name, "hostPath": hostPath, "emptyDir": within(func() fields { return fields{"medium": anything, "sizeLimit": anything} }),
		"configMap": within(func() fields {
			return fields{"name": written, "items": each(within(item)), "defaultMode": anything, "optional": anything}
		}),
		"secret":                secretVolume,
		"persistentVolumeClaim": within(func() fields { return fields{"claimName": name, "readOnly": anything} }),
		"image":                 within(func() fields { return fields{"reference": image, "pullPolicy": anything} }),
	})
	if err != nil {
		return nil, err
	}
	called, _ := out["name"].(string)
	if out["hostPath"] != nil {
		r.hosts[called] = true
	}
	if out["emptyDir"] != nil { // which podman makes a volume of that name, and removes it with the pod
		_, err = written(r, at+".name", out["name"])
	}
	return out, err
}

// secretVolume says optional in any case: podman 4.3 crashes without it.
func secretVolume(r *reader, at string, value any) (any, error) {
	out, err := r.walk(at, value, fields{"secretName": written, "items": each(within(item)), "defaultMode": anything, "optional": anything})
	if err == nil && out["optional"] == nil {
		out["optional"] = false
	}
	return out, err
}

// written is the name of a volume that podman fills with files.
func written(r *reader, at string, value any) (any, error) {
	if called, ok := value.(string); ok && !slices.Contains(r.filled, called) {
		r.filled = append(r.filled, called)
	}
	return name(r, at, value)
}

func item() fields { return fields{"key": file, "path": file, "mode": anything} }

// file is a file's name that podman writes into a volume, on this machine.
func file(r *reader, at string, value any) (any, error) {
	return word(func(_ *reader, at, word string) error {
		if !fileShape().MatchString(word) || strings.Trim(word, ".") == "" {
			return invalid("%s: got %s; takes a file's name of letters, digits, '_', '.' and '-'", at, short(word))
		}
		return nil
	})(r, at, value)
}

var fileShape = parse.Lazily(`^[a-zA-Z0-9_.-]{1,253}$`)

// files are a ConfigMap's or Secret's values by the names of their files.
func files(r *reader, at string, value any) (any, error) {
	in, _ := value.(map[string]any)
	for key := range in {
		if _, err := file(r, at, key); err != nil {
			return nil, err
		}
	}
	return value, nil
}

func hostPath(r *reader, at string, value any) (any, error) {
	return r.walk(at, value, fields{
		"type": only("it is no plain file or folder", "", "Directory", "DirectoryOrCreate", "File", "FileOrCreate"),
		"path": func(r *reader, at string, value any) (any, error) {
			given, ok := value.(string)
			if !ok || !strings.HasPrefix(given, "/") || path.Clean(given) != given {
				return nil, invalid("%s takes an absolute path, written plainly", at)
			}
			return r.HostPath(at, given)
		},
	})
}

func mount(r *reader, at string, value any) (any, error) {
	out, err := r.walk(at, value, fields{
		"name": name, "readOnly": anything, "subPath": anything,
		"mountPropagation": only("mounts would reach this machine", "", "None"),
		"mountPath":        word(func(r *reader, at, word string) error { return r.Mount(at, word) }),
	})
	if err != nil {
		return nil, err
	}
	if sub, _ := out["subPath"].(string); out["subPath"] != nil && sub != "" {
		of, _ := out["name"].(string)
		if r.hosts[of] || strings.HasPrefix(sub, "/") || strings.Contains("/"+sub+"/", "/../") {
			return nil, denied(at+".subPath", "it could lead out of the folder; name the folder itself in hostPath")
		}
	}
	return out, nil
}
