// Package kube reads Kubernetes YAML for podman: which pods it names, whether an
// agent may have them, and how it is handed on.
//
//	m, err := kube.Read(text, kube.Judge{HostPath: …, Image: …, Mount: …})
//	handed, err := m.Handed(label, id, volumes)
//
// What podman gets is never the text that was given but JSON, which is YAML too,
// of what was read and judged: two readers of one text may not agree, for
// instance on a key that stands in it twice or is written HostPath.
// It runs nothing and opens no file.
package kube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"podman-mcp/parse"
)

// Judge decides what the host has to say to. A function's first parameter is
// the place in the YAML, for its error.
type Judge struct {
	HostPath func(at, path string) (string, error) // returns the path without symbolic links
	Image    func(at, image string) error
	Mount    func(at, target string) error  // PATH or PATH:OPTIONS in a container
	Label    func(at, label string) error   // KEY=VALUE
	Address  func(at, address string) error // that a port is opened on
	Permits  func(permission string) bool   // whether the operator allows what --allow calls so; nil for nothing
}

// Manifest is Kubernetes YAML that was read.
type Manifest struct {
	objects []object
	ignored []string // what podman has no use for and does not get
	filled  []string
}

// object is one document.
type object struct {
	kind, name string
	body       map[string]any
}

// The kinds that make pods, of which all but Pod itself hold a template.
const (
	pod    = "Pod"
	claim  = "PersistentVolumeClaim"
	secret = "Secret"
)

func workload(kind string) bool { return kind == "Deployment" || kind == "DaemonSet" || kind == "Job" }

// Read reads YAML that is to be played. It refuses what it does not know, and
// what would give containers more of the host than podman_run gives them. The
// error is a *parse.Failure.
func Read(text []byte, judge Judge) (*Manifest, error) {
	m, err := Names(text)
	if err != nil {
		return nil, err
	}
	r := &reader{Judge: judge}
	kept := m.objects[:0]
	for i, o := range m.objects {
		at := fmt.Sprintf("%s %s", o.kind, o.name)
		if o.kind == "Service" {
			r.ignore(at)
			continue
		}
		if err := r.object(at, &m.objects[i]); err != nil {
			return nil, err
		}
		kept = append(kept, m.objects[i])
	}
	m.objects, m.ignored, m.filled = kept, r.ignored, r.filled
	if len(m.Pods()) == 0 {
		return nil, invalid("it names no pod; podman plays Pod, Deployment, DaemonSet and Job")
	}
	return m, nil
}

var nameShape = parse.Lazily(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}$`)

// Names reads YAML only for the names in it.
func Names(text []byte) (*Manifest, error) {
	documents, err := decode(text)
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	for i, body := range documents {
		kind, _ := body["kind"].(string)
		about, _ := body["metadata"].(map[string]any)
		name, _ := about["name"].(string)
		switch {
		case kind == "":
			return nil, invalid("document %d has no kind", i+1)
		case !nameShape().MatchString(name):
			return nil, invalid("document %d, a %s, has no metadata.name of letters, digits, '_', '.' and '-'", i+1, short(kind))
		case slices.ContainsFunc(m.objects, func(o object) bool { return o.kind == kind && o.name == name }):
			return nil, invalid("%s %s stands in it twice", short(kind), name)
		}
		m.objects = append(m.objects, object{kind, name, body})
	}
	return m, nil
}

// Volumes are the names of the volumes that it claims.
func (m *Manifest) Volumes() []string { return m.named(claim) }

// Secrets are the names of the secrets that it holds.
func (m *Manifest) Secrets() []string { return m.named(secret) }

// Filled are the names of the volumes that podman makes by itself: those of
// emptyDir, which it removes with their pod whoever made them, and those that it
// fills with the files of a ConfigMap or Secret. Podman before 5.6.1 follows a symbolic link that a
// container left in such a volume, and writes what lies behind it
// (CVE-2025-9566).
func (m *Manifest) Filled() []string { return m.filled }

func (m *Manifest) named(kind string) []string {
	var names []string
	for _, o := range m.objects {
		if o.kind == kind {
			names = append(names, o.name)
		}
	}
	return names
}

// Pods are the names of what makes pods.
func (m *Manifest) Pods() []string {
	var names []string
	for _, o := range m.objects {
		if o.kind == pod || workload(o.kind) {
			names = append(names, o.name)
		}
	}
	return names
}

// Objects are all that it holds, each KIND NAME.
func (m *Manifest) Objects() []string {
	list := []string{}
	for _, o := range m.objects {
		list = append(list, o.kind+" "+o.name)
	}
	return list
}

// Masked tells whether a secret in it was masked by [Mask].
func (m *Manifest) Masked() bool {
	var holds func(value any) bool
	holds = func(value any) bool {
		switch v := value.(type) {
		case string:
			return v == masked
		case []any:
			return slices.ContainsFunc(v, holds)
		case map[string]any:
			return slices.ContainsFunc(slices.Collect(maps.Values(v)), holds)
		}
		return false
	}
	return slices.ContainsFunc(m.objects, func(o object) bool { return holds(o.body) })
}

// Ignored says what podman does not get: at most a few words each.
func (m *Manifest) Ignored() []string { return m.ignored }

// Makes tells whether a pod of that name comes from this YAML. Podman calls the
// pods of a deployment NAME-pod, and before 4.4 NAME-pod-0, NAME-pod-1, ….
func (m *Manifest) Makes(name string) bool {
	return slices.ContainsFunc(m.objects, func(o object) bool {
		if o.kind == pod {
			return o.name == name
		}
		if !workload(o.kind) {
			return false
		}
		number, ok := strings.CutPrefix(name, o.name+"-pod")
		if !ok || number == "" {
			return ok
		}
		n, err := strconv.Atoi(strings.TrimPrefix(number, "-"))
		return err == nil && number == "-"+strconv.Itoa(n) && n >= 0
	})
}

// Handed is what podman is to play: with these labels on all that it makes, and
// without the claims of volumes that are there already, for which podman 4.3
// refuses the whole.
func (m *Manifest) Handed(labels map[string]string, volumes []string) ([]byte, error) {
	var documents []map[string]any
	for _, o := range m.objects {
		if o.kind == claim && slices.Contains(volumes, o.name) {
			continue
		}
		body := maps.Clone(o.body)
		mark(body, labels)
		if workload(o.kind) {
			spec := maps.Clone(inner(body, "spec"))
			template := maps.Clone(inner(spec, "template"))
			mark(template, labels)
			spec["template"], body["spec"] = template, spec
		}
		documents = append(documents, body)
	}
	return encode(documents)
}

// mark puts labels into the metadata of a copy.
func mark(body map[string]any, further map[string]string) {
	about := maps.Clone(inner(body, "metadata"))
	if about == nil {
		about = map[string]any{}
	}
	labels := maps.Clone(inner(about, "labels"))
	if labels == nil {
		labels = map[string]any{}
	}
	for label, value := range further {
		labels[label] = value
	}
	about["labels"] = labels
	body["metadata"] = about
}

func inner(in map[string]any, key string) map[string]any {
	value, _ := in[key].(map[string]any)
	return value
}

// Down is what podman is to take down: the pods of these names, and the secrets
// and volumes that the YAML names. Podman 4.3 refuses the whole for one pod that
// is not there.
func (m *Manifest) Down(pods []string) ([]byte, error) {
	var documents []map[string]any
	add := func(kind, name string) {
		documents = append(documents, map[string]any{"apiVersion": "v1", "kind": kind, "metadata": map[string]any{"name": name}})
	}
	for _, name := range pods {
		add(pod, name)
	}
	for _, o := range m.objects {
		if o.kind == claim || o.kind == secret {
			add(o.kind, o.name)
		}
	}
	return encode(documents)
}

func encode(documents []map[string]any) ([]byte, error) {
	var out bytes.Buffer
	for _, body := range documents {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("encode Kubernetes YAML: %w", err)
		}
		out.WriteString("---\n")
		out.Write(text)
		out.WriteString("\n")
	}
	return out.Bytes(), nil
}

func invalid(format string, args ...any) *parse.Failure {
	return &parse.Failure{Code: parse.InvalidParams, Subject: "yaml",
		Message: "yaml: " + parse.Mask(parse.Clean(fmt.Sprintf(format, args...))),
		Hint:    "Nothing was run. Correct the YAML and call again."}
}

func denied(at, why string) *parse.Failure {
	return &parse.Failure{Code: parse.PolicyDenied, Subject: at,
		Message: "yaml: " + parse.Mask(parse.Clean(at)) + " is not allowed: " + why,
		Hint:    "Nothing was run. Leave it out and call again."}
}

// notPermitted is denied for what the operator can allow.
func notPermitted(at, why, permission string) *parse.Failure {
	f := denied(at, why)
	f.Hint += " The operator allows it with --allow " + permission + "."
	return f
}

// short is as much of a word as a message needs.
func short(word string) string {
	if r := []rune(word); len(r) > 60 {
		word = string(r[:60]) + "…"
	}
	return strconv.Quote(word)
}
