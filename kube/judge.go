package kube

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// reader walks an object along its known fields. Podman matches keys in any
// case, so every key that is not written exactly as one of these is refused.
type reader struct {
	Judge
	ignored []string
	filled  []string        // volumes that podman would fill with files
	hosts   map[string]bool // names of a pod's volumes that are the host's folders
}

// field judges a value, which it may alter, at a place.
type field func(r *reader, at string, value any) (any, error)

// fields are those of an object.
type fields map[string]field

func (r *reader) ignore(at string) {
	if !slices.Contains(r.ignored, at) && len(r.ignored) < 20 {
		r.ignored = append(r.ignored, at)
	}
}

// walk judges the fields of an object. What a field gives as nil is left out.
func (r *reader) walk(at string, value any, known fields) (map[string]any, error) {
	in, ok := value.(map[string]any)
	if !ok && value != nil {
		return nil, invalid("%s is no object", at)
	}
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(in)) {
		judge, ok := known[key]
		if !ok {
			return nil, invalid("%s.%s is not known here; known are %s", at, short(key), strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		value, err := judge(r, at+"."+key, in[key])
		if err != nil {
			return nil, err
		}
		if value != nil {
			out[key] = value
		}
	}
	return out, nil
}

func (r *reader) object(at string, o *object) error {
	known := fields{"apiVersion": anything, "kind": anything, "metadata": metadata, "status": dropped}
	switch o.kind {
	case pod:
		known["spec"] = podSpec
	case "Deployment", "DaemonSet", "Job":
		known["spec"] = workloadSpec
	case claim:
		known["metadata"], known["spec"] = claimMetadata, within(claimSpec)
	case "ConfigMap":
		known["data"], known["binaryData"], known["immutable"] = files, files, anything
	case secret:
		known["data"], known["stringData"], known["type"], known["immutable"] = files, files, anything, anything
	default:
		return invalid("podman has no use for the kind %s; it plays Pod, Deployment, DaemonSet, Job, PersistentVolumeClaim, ConfigMap and Secret", short(o.kind))
	}
	body, err := r.walk(at, o.body, known)
	o.body = body
	return err
}

func anything(_ *reader, _ string, value any) (any, error) { return value, nil }

// dropped leaves out what means nothing to podman and changes nothing.
func dropped(*reader, string, any) (any, error) { return nil, nil }

// ignored leaves out what podman cannot do, and says so.
func ignored(r *reader, at string, _ any) (any, error) { r.ignore(at); return nil, nil }

// not refuses every value but false, null and nothing at all.
func not(why string) field {
	return func(_ *reader, at string, value any) (any, error) {
		switch v := value.(type) {
		case nil:
			return nil, nil
		case bool:
			if !v {
				return nil, nil
			}
		case []any:
			if len(v) == 0 {
				return nil, nil
			}
		case map[string]any:
			if len(v) == 0 {
				return nil, nil
			}
		}
		return nil, denied(at, why)
	}
}

// unless is not where the operator does not permit more, and else what permitted says.
func unless(permission, why string, permitted field) field {
	return func(r *reader, at string, value any) (any, error) {
		if r.Permits != nil && r.Permits(permission) {
			return permitted(r, at, value)
		}
		value, err := not(why)(r, at, value)
		if err != nil {
			err = notPermitted(at, why, permission)
		}
		return value, err
	}
}

func boolean(_ *reader, at string, value any) (any, error) {
	if _, ok := value.(bool); !ok && value != nil {
		return nil, invalid("%s takes true or false", at)
	}
	return value, nil
}

// only takes these words.
func only(why string, words ...string) field {
	return func(_ *reader, at string, value any) (any, error) {
		if word, ok := value.(string); value == nil || ok && slices.Contains(words, word) {
			return value, nil
		}
		return nil, denied(at, why)
	}
}

func within(known func() fields) field {
	return func(r *reader, at string, value any) (any, error) { return r.walk(at, value, known()) }
}

func each(one field) field {
	return func(r *reader, at string, value any) (any, error) {
		if value == nil {
			return nil, nil
		}
		list, ok := value.([]any)
		if !ok {
			return nil, invalid("%s is no list", at)
		}
		out := []any{}
		for i, item := range list {
			item, err := one(r, fmt.Sprintf("%s[%d]", at, i), item)
			if err != nil {
				return nil, err
			}
			if item != nil {
				out = append(out, item)
			}
		}
		return out, nil
	}
}

// word takes a string that judge takes.
func word(judge func(r *reader, at, word string) error) field {
	return func(r *reader, at string, value any) (any, error) {
		text, ok := value.(string)
		if !ok {
			return nil, invalid("%s is no string", at)
		}
		return text, judge(r, at, text)
	}
}

func name(r *reader, at string, value any) (any, error) {
	return word(func(_ *reader, at, word string) error {
		if !nameShape().MatchString(word) {
			return invalid("%s: got %s; takes a name of letters, digits, '_', '.' and '-'", at, short(word))
		}
		return nil
	})(r, at, value)
}

func metadata(r *reader, at string, value any) (any, error) {
	return r.walk(at, value, fields{"name": name, "namespace": dropped, "creationTimestamp": dropped, "generation": dropped,
		"resourceVersion": dropped, "uid": dropped, "labels": labels, "annotations": annotations})
}

func claimMetadata(r *reader, at string, value any) (any, error) {
	return r.walk(at, value, fields{"name": name, "namespace": dropped, "creationTimestamp": dropped, "generation": dropped,
		"resourceVersion": dropped, "uid": dropped, "labels": labels, "annotations": claimAnnotations})
}

func labels(r *reader, at string, value any) (any, error) {
	return r.eachKey(at, value, func(key, value string) (bool, error) {
		if key == "io.podman-mcp.call" || key == "io.podman-mcp.owner" {
			return false, nil // of the call and the server that made what this YAML was generated from
		}
		return true, r.Label(at, key+"="+value)
	})
}

// eachKey judges a map of strings; keep says whether one stays.
func (r *reader) eachKey(at string, value any, judge func(key, value string) (keep bool, err error)) (any, error) {
	in, ok := value.(map[string]any)
	if !ok && value != nil {
		return nil, invalid("%s is no object", at)
	}
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(in)) {
		text, ok := in[key].(string)
		if !ok {
			return nil, invalid("%s.%s is no string", at, short(key))
		}
		keep, err := judge(key, text)
		if err != nil {
			return nil, err
		}
		if keep {
			out[key] = text
		}
	}
	return out, nil
}

// annotations reach the runtime, where they may be orders to it. Those that
// podman itself generates and that order nothing are left out without a word,
// others with one, and those that would order something are refused.
func annotations(r *reader, at string, value any) (any, error) {
	_, err := r.eachKey(at, value, func(key, value string) (bool, error) {
		what, _, _ := strings.Cut(key, "/")
		switch what {
		case "io.kubernetes.cri-o.ContainerType", "io.kubernetes.cri-o.SandboxID", "io.kubernetes.cri-o.TTY",
			"io.podman.annotations.autoremove", "io.podman.annotations.init", "kubectl.kubernetes.io", "deployment.kubernetes.io":
			return false, nil
		case "io.podman.annotations.privileged", "io.podman.annotations.publish-all":
			if strings.EqualFold(value, "false") {
				return false, nil
			}
		}
		if strings.HasPrefix(key, "org.opencontainers.image.") {
			return false, nil
		}
		for _, prefix := range []string{"io.podman.", "io.kubernetes.cri-o.", "io.containers.", "run.oci.", "volume.podman.io", "io.katacontainers."} {
			if strings.HasPrefix(key, prefix) {
				return false, denied(at+"."+key, "it orders podman or its runtime to give the container more than it has by itself")
			}
		}
		r.ignore(at + "." + key)
		return false, nil
	})
	return nil, err
}

// claimAnnotations may say how a volume is mounted: as any folder of the host.
func claimAnnotations(r *reader, at string, value any) (any, error) {
	_, err := r.eachKey(at, value, func(key, value string) (bool, error) {
		if strings.HasPrefix(key, "volume.podman.io/") && (key != "volume.podman.io/driver" || value != "local") {
			return false, denied(at+"."+key, "it could mount any folder of this machine")
		}
		return false, nil
	})
	return nil, err
}
