package parse

import (
	"fmt"
	"maps"
	"slices"
)

// What is shown to a model of a list or a map that somebody else wrote: an image may carry a label of a megabyte.
// podman_inspect with query gives the whole.
const (
	maxShownValue = 256  // bytes of a label or a variable, its name apart
	maxShownWord  = 1024 // bytes of a command's word
	maxShownItems = 50   // of each; a further one says how many there are more
)

// boundMap cuts the keys and values of m, and leaves out what comes by name after the first ones.
func boundMap(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	shown := make(map[string]string, min(len(m), maxShownItems+1))
	for i, key := range slices.Sorted(maps.Keys(m)) {
		if i == maxShownItems {
			shown["…"] = more(len(m))
			break
		}
		shown[cutBytes(key, maxShownValue)] = cutBytes(m[key], maxShownValue)
	}
	return shown
}

// boundEnv is boundMap for KEY=VALUE.
func boundEnv(list []string) []string { return boundWords(list, 2*maxShownValue) }

// boundArgs is it for the words of a command.
func boundArgs(list []string) []string { return boundWords(list, maxShownWord) }

func boundWords(list []string, size int) []string {
	shown := slices.Clone(list[:min(len(list), maxShownItems)])
	for i, word := range shown {
		shown[i] = cutBytes(word, size)
	}
	if len(list) > maxShownItems {
		shown = append(shown, "… "+more(len(list)))
	}
	return shown
}

func more(all int) string { return fmt.Sprintf("%d more", all-maxShownItems) }

// Shown is d as a model sees it: of long commands, environments, ports and labels only the beginning.
func (d ContainerDetail) Shown() ContainerDetail {
	d.Command, d.Env, d.Labels = boundArgs(d.Command), boundEnv(d.Env), boundMap(d.Labels)
	d.Ports = boundArgs(d.Ports)
	return d
}

// Shown is m as a model sees it: of many names only the first.
func (m Image) Shown() Image {
	m.Names = boundArgs(m.Names)
	return m
}

// Shown is d as a model sees it: of many names only the first.
func (d ImageDetail) Shown() ImageDetail {
	d.Names = boundArgs(d.Names)
	return d
}

// Shown is d as a model sees it: of many containers and ports only the first.
func (d PodDetail) Shown() PodDetail {
	d.Containers = d.Containers[:min(len(d.Containers), maxShownItems)]
	d.Ports = boundArgs(d.Ports)
	return d
}
