package quadlet

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"podman-mcp/parse"
)

// Generate writes a .container unit that makes a container like c. What it
// cannot say stands as a comment in it; masked are the names of the variables
// whose values are not shown.
func Generate(c parse.ContainerDetail, command []string, check *parse.HealthCheck) (unit string, masked []string) {
	var b strings.Builder
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s=%s\n", key, value)
		}
	}
	fmt.Fprintf(&b, "[Unit]\nDescription=Container %s\n\n[Container]\n", c.Name)
	line("Image", c.Image)
	line("ContainerName", c.Name)
	line("Exec", quoteAll(command))
	for _, pair := range c.Env {
		key, value, _ := strings.Cut(pair, "=")
		switch {
		case slices.Contains([]string{"PATH", "HOME", "HOSTNAME", "TERM", "container"}, key): // podman's and the image's own
		case strings.Contains(value, "***"):
			masked = append(masked, key)
			fmt.Fprintf(&b, "# %s is a secret: put it into a file and name that in EnvironmentFile=\n", key)
		default:
			line("Environment", quote(pair))
		}
	}
	for _, port := range c.Ports {
		host, inside, ok := strings.Cut(port, "->")
		if ok {
			line("PublishPort", host+":"+strings.TrimSuffix(inside, "/tcp"))
		}
	}
	for _, m := range c.Mounts {
		source := m.Name
		if m.Type == "bind" {
			source = m.Source
		}
		options := ""
		if m.ReadOnly {
			options = ":ro"
		}
		if source != "" {
			line("Volume", escape(source+":"+m.Destination+options))
		}
	}
	for _, n := range c.Networks {
		if n.Name != "podman" {
			line("Network", n.Name)
		}
	}
	line("User", c.User)
	if c.Workdir != "/" {
		line("WorkingDir", escape(c.Workdir))
	}
	for _, key := range slices.Sorted(maps.Keys(c.Labels)) {
		if !engines(key) {
			line("Label", quote(key+"="+c.Labels[key]))
		}
	}
	health(line, check)
	if c.Limits != nil && c.Limits.MemoryBytes > 0 {
		fmt.Fprintf(&b, "# podman 5.6 and newer: Memory=%d\n", c.Limits.MemoryBytes)
	}
	if policy := c.RestartPolicy; policy != "" {
		name, _, _ := strings.Cut(policy, ":")
		line("\n[Service]\nRestart", strings.Replace(name, "unless-stopped", "always", 1))
	}
	b.WriteString("\n[Install]\nWantedBy=default.target\n")
	return b.String(), masked
}

func health(line func(key, value string), check *parse.HealthCheck) {
	if check == nil || len(check.Test) < 2 {
		return
	}
	command := quoteAll(check.Test[1:])
	if check.Test[0] == "CMD-SHELL" {
		command = escape(check.Test[1])
	}
	line("HealthCmd", command)
	line("HealthInterval", check.Interval)
	line("HealthTimeout", check.Timeout)
	line("HealthStartPeriod", check.StartPeriod)
	if check.Retries > 0 {
		line("HealthRetries", fmt.Sprint(check.Retries))
	}
}

// engines tells of labels by which podman, compose and others know what is theirs.
func engines(key string) bool {
	return slices.ContainsFunc([]string{"io.podman", "io.containers.", "io.buildah.", "com.docker.compose.", "run.oci.", "PODMAN_SYSTEMD_UNIT", "podman-mcp."},
		func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

// escape keeps systemd from putting something in for % and $.
func escape(s string) string { return strings.NewReplacer("%", "%%", "$", "$$").Replace(s) }

// quote writes one word as systemd reads it.
func quote(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t\n\"'\\") {
		return escape(word)
	}
	return `"` + escape(strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(word)) + `"`
}

func quoteAll(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	return strings.Join(quoted, " ")
}
