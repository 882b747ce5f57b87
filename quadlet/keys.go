package quadlet

import (
	"regexp"
	"slices"
	"strings"
)

// check judges a value and returns how it is to stand in the file.
type check func(value string) (string, error)

// keys are those of a section that neither run a command of the host nor reach
// into it, from podman-systemd.unit(5) and systemd.unit(5). All others are
// refused, among them PodmanArgs, GlobalArgs, AddCapability, AddDevice, Mount,
// Annotation, SecurityLabelDisable, UserNS and every Exec… of a service.
func keys(section string, judge Judge) map[string]check {
	network := matches(`[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}`, "none, a network's name or NAME.network; not the host's network or another container's").except("private", "ns", "pasta", "slirp4netns", "container").unless("host", judge.HostNetwork)
	switch section {
	case "Unit":
		return map[string]check{"Description": text, "Documentation": text, "After": units(anyUnit), "Before": units(anyUnit),
			"Wants": units(needed), "Requires": units(needed), "BindsTo": units(needed), "PartOf": units(needed)}
	case "Service":
		return map[string]check{"Restart": oneOf("no", "always", "on-success", "on-failure", "on-abnormal", "on-abort", "on-watchdog"),
			"RestartSec": span, "TimeoutStartSec": span, "TimeoutStopSec": span, "RemainAfterExit": boolean}
	case "Install":
		// Another unit that wants this one could be one that matters to the machine.
		return map[string]check{"WantedBy": oneOf("default.target", "multi-user.target")}
	case "Container":
		return map[string]check{
			"Image": image(judge), "ContainerName": name, "Pod": matches(`[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}\.pod`, "NAME.pod"),
			"Exec": text, "Entrypoint": text, "Environment": variable, "EnvironmentFile": judge.File, "WorkingDir": target, "User": user, "Group": user,
			"PublishPort": judge.Port, "ExposeHostPort": matches(`[0-9]{1,5}(-[0-9]{1,5})?(/(tcp|udp|sctp))?`, "a port or a range"),
			"Volume": volume(judge), "Tmpfs": target, "Network": network,
			"Label": label(judge), "HostName": name, "NetworkAlias": name, "Timezone": matches(`[A-Za-z0-9_+/-]{1,60}`, "a time zone such as Europe/Berlin"),
			"HealthCmd": text, "HealthInterval": span, "HealthTimeout": span, "HealthStartPeriod": span, "HealthRetries": number,
			"HealthOnFailure": oneOf("none", "kill", "stop", "restart"),
			"ReadOnly":        boolean, "ReadOnlyTmpfs": boolean, "RunInit": boolean, "NoNewPrivileges": boolean,
			"DropCapability": matches(`[A-Za-z_ ]{1,300}`, "capabilities"), "PidsLimit": number, "Memory": size, "ShmSize": size,
			"StopSignal": matches(`[A-Z0-9+]{1,20}`, "a signal"), "StopTimeout": number, "Notify": oneOf("true", "false", "healthy"),
			"Pull": oneOf("always", "missing", "never", "newer"), "AutoUpdate": oneOf("registry", "local"),
			"LogDriver": oneOf("journald", "k8s-file", "json-file", "none", "passthrough"),
			"Secret":    matches(`[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}(,type=(mount|env))?(,target=[A-Za-z0-9_/.-]{1,200})?`, "NAME, with type and target"),
		}
	case "Pod":
		return map[string]check{"PodName": name, "PublishPort": judge.Port, "Volume": volume(judge), "Network": network, "NetworkAlias": name,
			"Label": label(judge), "HostName": name, "ExitPolicy": oneOf("stop", "continue"), "StopTimeout": number, "ShmSize": size}
	case "Volume":
		return map[string]check{"VolumeName": name, "Label": label(judge), "Driver": oneOf("local"), "Copy": boolean, "User": number, "Group": number}
	case "Network":
		address := matches(`[0-9a-fA-F.:/-]{2,90}`, "an address")
		return map[string]check{"NetworkName": name, "Label": label(judge), "Driver": oneOf("bridge"), "Internal": boolean, "IPv6": boolean,
			"DisableDNS": boolean, "DNS": address, "Subnet": address, "Gateway": address, "IPRange": address}
	case "Image":
		word := matches(`[a-z0-9_]{1,30}`, "a word")
		return map[string]check{"Image": image(judge), "ImageTag": image(judge), "Arch": word, "OS": word, "Variant": word, "Policy": oneOf("always", "missing", "never", "newer")}
	}
	return nil
}

func text(value string) (string, error) { return value, nil }

func matches(pattern, takes string) check {
	whole := regexp.MustCompile("^(?:" + pattern + ")$")
	return func(value string) (string, error) {
		if !whole.MatchString(value) {
			return "", invalid("got %.60q; takes %s", value, takes)
		}
		return value, nil
	}
}

// except takes words out, and what they begin before a colon.
func (c check) except(words ...string) check {
	return func(value string) (string, error) {
		if slices.Contains(words, value) || strings.HasSuffix(value, ".container") || strings.HasSuffix(value, ".pod") {
			return "", denied("%s reaches out of the container", value)
		}
		return c(value)
	}
}

// unless asks about one word before all else.
func (c check) unless(word string, ask func() error) check {
	return func(value string) (string, error) {
		if value == word {
			return value, ask()
		}
		return c(value)
	}
}

func oneOf(words ...string) check {
	return func(value string) (string, error) {
		if !slices.Contains(words, value) {
			return "", invalid("got %.60q; takes one of %s", value, strings.Join(words, ", "))
		}
		return value, nil
	}
}

func name(value string) (string, error) {
	return matches(`[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}`, "a name of letters, digits, '_', '.' and '-'")(value)
}

func user(value string) (string, error) {
	return matches(`[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,63}(:[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,63})?`, "a user by name or number")(value)
}

func boolean(value string) (string, error) {
	return oneOf("true", "false", "yes", "no", "1", "0")(value)
}

func number(value string) (string, error) { return matches(`[0-9]{1,9}`, "a number")(value) }

func size(value string) (string, error) {
	return matches(`[0-9]{1,15}[bkmgBKMG]?`, "a size such as 512m")(value)
}

func span(value string) (string, error) {
	return matches(`([0-9]{1,9}(ms|s|m|min|h)?){1,3}|infinity`, "a time such as 30s")(value)
}

func target(value string) (string, error) {
	return matches(`/[^:,\x00-\x1f]{1,500}`, "an absolute path in the container")(value)
}

func image(judge Judge) check {
	return func(value string) (string, error) {
		if of, ok := strings.CutSuffix(value, ".image"); ok {
			_, err := name(of)
			return value, err
		}
		return value, judge.Image(value)
	}
}

func label(judge Judge) check {
	return func(value string) (string, error) {
		plain, err := single(value)
		if err != nil {
			return "", err
		}
		return value, judge.Label(plain)
	}
}

// single takes one assignment a line: KEY=VALUE without blanks, or in quotes.
// What stands after a blank is another one.
func single(value string) (string, error) {
	plain := value
	if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
		plain = value[1 : len(value)-1]
		if strings.Contains(strings.NewReplacer(`\\`, "", `\"`, "").Replace(plain), `"`) {
			plain = ""
		}
	} else if strings.ContainsAny(value, " \t\"'") {
		plain = ""
	}
	if key, _, ok := strings.Cut(plain, "="); !ok || key == "" {
		return "", invalid(`takes one KEY=VALUE a line, in quotes where it holds blanks: "KEY=VALUE"`)
	}
	return plain, nil
}

// variable always has a value: without one podman takes the host's.
func variable(value string) (string, error) {
	plain, err := single(value)
	if err != nil {
		return "", err
	}
	key, _, _ := strings.Cut(plain, "=")
	if _, err := matches(`[A-Za-z_][A-Za-z0-9_]{0,254}`, "KEY=VALUE")(key); err != nil {
		return "", err
	}
	return value, nil
}

// volume takes NAME.volume too. What begins with a dot would count from the
// file's own folder.
func volume(judge Judge) check {
	return func(value string) (string, error) {
		if of, rest, ok := strings.Cut(value, ".volume:"); ok && !strings.ContainsAny(of, "/:") {
			if _, err := judge.Volume(of + ":" + rest); err != nil {
				return "", err
			}
			return value, nil
		}
		return judge.Volume(value)
	}
}

// units judges a list of units.
func units(one check) check {
	return func(value string) (string, error) {
		for unit := range strings.FieldsSeq(value) {
			if _, err := one(unit); err != nil {
				return "", err
			}
		}
		return value, nil
	}
}

func anyUnit(unit string) (string, error) {
	return matches(`[a-zA-Z0-9][a-zA-Z0-9_.@-]{0,120}`, "a unit's name")(unit)
}

// needed are units that this one starts: others of quadlet, and targets that
// only wait. A unit that needs poweroff.target would end the machine.
func needed(unit string) (string, error) {
	if slices.Contains([]string{"network-online.target", "network.target", "nss-lookup.target", "time-sync.target", "local-fs.target", "remote-fs.target"}, unit) {
		return unit, nil
	}
	if _, err := matches(`[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}\.(container|pod|volume|network|image)`, "")(unit); err != nil {
		return "", denied("%.60q is another unit that it would start; takes NAME.container, .pod, .volume, .network or .image, and network-online.target", unit)
	}
	return unit, nil
}
