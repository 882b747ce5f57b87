package tools

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"podman-mcp/exec"
)

// FuzzRun builds podman run of any words and reads it back as podman would:
// every flag and operand must be one that was asked for.
func FuzzRun(f *testing.F) {
	f.Add("web", "n", "cmd", "KEY=v", "80:80", "data:/data", "lab=1", "always", "/w", "u:g", "net", "512m", "e", "h")
	f.Add("--all", "-af", "--privileged", "K=a\n--privileged", "127.0.0.1:1:80,0.0.0.0:2:81", "/:/host", "a=b,c=d", "always --privileged",
		"/w\n", "0,--privileged", "host", "1g", "--help", "CMD-SHELL")
	f.Add("docker-archive:/x", "{{.}}", "--", "=", "[::1]:80:80/udp", "a:/b:ro,z", "io.podman.x=1", "on-failure:3", "//", "0:0", "ns:/x", "0b", "", "")
	podman := knownFlags(f)["5.8.2"]
	f.Fuzz(func(t *testing.T, image, name, command, env, port, volume, label, restart, workdir, user, network, memory, entrypoint, health string) {
		record := map[string]any{"image": image, "name": name, "command": []string{command, "last"}, "env": []string{env}, "ports": []string{port},
			"volumes": []string{volume}, "labels": []string{label}, "restart": restart, "workdir": workdir, "user": user,
			"network": network, "memory": memory, "entrypoint": []string{entrypoint}, "health": map[string]any{"command": []string{"t", health}}}
		// A word that is refused takes only its own parameter away, so that the
		// others are still tried.
		var in RunParams
		input := newParams(schemaFor[RunParams]())
		for _, key := range slices.Sorted(mapKeys(record)) {
			if key == "image" {
				continue
			}
			one, err := json.Marshal(map[string]any{key: record[key]})
			if err != nil {
				t.Fatal(err)
			}
			value, err := json.Marshal(record[key])
			if err != nil {
				t.Fatal(err)
			}
			var alone RunParams
			if input.check(input.Properties[key], key, value) != nil || json.Unmarshal(one, &alone) != nil {
				delete(record, key)
			}
		}
		text, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		if decode(input, text, &in) != nil {
			return
		}
		argv, err := in.argv("CALL", "OWNER")
		if err != nil {
			return
		}
		words, err := argv.Args()
		var refused *exec.ArgError
		if errors.As(err, &refused) {
			return
		}
		line, err := podman.read(words)
		if err != nil {
			t.Fatalf("%v\n%q", err, words)
		}
		if want := append([]string{string(in.Image)}, in.Command...); !slices.Equal(line.operands, want) {
			t.Errorf("operands %q, want %q", line.operands, want)
		}
		same := func(flag string, want ...string) {
			got := line.flags[flag]
			delete(line.flags, flag)
			if !slices.Equal(got, slices.DeleteFunc(want, func(w string) bool { return w == "" })) {
				t.Errorf("--%s is %q, want %q", flag, got, want)
			}
		}
		same("name", string(in.Name))
		same("publish", words2(in.Ports)...)
		same("volume", words2(in.Volumes)...)
		same("label", append([]string{callLabel + "=CALL", "OWNER"}, words2(in.Labels)...)...)
		same("restart", string(in.Restart))
		same("workdir", string(in.Workdir))
		same("user", string(in.User))
		same("network", string(in.Network))
		same("memory", string(in.Memory))
		same("pull", in.Pull)
		same("detach", "true")
		same("http-proxy", "false")
		for _, flag := range []string{"env", "env-file", "entrypoint", "health-cmd", "health-interval"} {
			delete(line.flags, flag)
		}
		for flag, values := range line.flags {
			t.Errorf("--%s=%q was never asked for", flag, values)
		}
		for _, published := range in.Ports {
			if strings.ContainsAny(string(published), ", ") || !strings.Contains(string(published), ".") && !strings.HasPrefix(string(published), "[") {
				t.Errorf("port %q", published)
			}
		}
	})
}

// words2 is words, but nil for no words.
func words2[S ~string](list []S) []string {
	if len(list) == 0 {
		return nil
	}
	return words(list)
}

func mapKeys(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for key := range m {
			if !yield(key) {
				return
			}
		}
	}
}

// FuzzDecode: any arguments give parameters or an INVALID_… that says which.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{}`, `null`, `[]`, `{"all":true}`, `{"filters":{"name":"-a"}}`, `{"filters":null,"limit":null}`, `{"limit":1e400}`,
		`{"limit":-0}`, `{"all":true,"all":false}`, `{"filters":{"label":"a=b"}}`, "{\"filters\":{\"name\":\"\xff\"}}", `{"ALL":true}`, `{"filters":[]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, arguments []byte) {
		input := newParams(schemaFor[PsParams]())
		var in PsParams
		failure := decode(input, arguments, &in)
		if failure != nil {
			if !strings.HasPrefix(string(failure.Code), "INVALID_") || failure.Subject == "" && !strings.Contains(string(arguments), `""`) || len(failure.Message) > 2000 {
				t.Errorf("%s: %+v", arguments, failure)
			}
			return
		}
		if in.Limit < 1 || in.Limit > 100 {
			t.Errorf("%s: limit %d", arguments, in.Limit)
		}
		words, err := exec.Podman("ps").Option("filter", in.Filters.pairs()...).Args()
		if err != nil {
			t.Errorf("%s: %v", arguments, err)
			return
		}
		for _, word := range words[1:] {
			key, _, _ := strings.Cut(strings.TrimPrefix(word, "--filter="), "=")
			if !slices.Contains([]string{"status", "name", "label", "id", "ancestor", "pod", "network", "volume", "health"}, key) || strings.Contains(word, ",") {
				t.Errorf("%s: word %q", arguments, word)
			}
		}
	})
}

// FuzzPort: what a port is rebuilt to means the same when it is read again.
func FuzzPort(f *testing.F) {
	for _, s := range []string{"80", "80:80", "1-2:3-4/udp", "[::1]:80:80", "0.0.0.0::80", "::1:80:80", "1.2.3.4:5:6/sctp", "65536:1", "2-1:1-2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var once, twice Port
		if once.UnmarshalText([]byte(s)) != nil {
			return
		}
		if err := twice.UnmarshalText([]byte(once)); err != nil || twice != once {
			t.Errorf("%q is %q, and again %q: %v", s, once, twice, err)
		}
		if strings.ContainsAny(string(once), ", =\n") {
			t.Errorf("%q is %q", s, once)
		}
	})
}
