package parse

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestInspectGolden reads every recorded inspect answer and compares with testdata/inspect.golden. Read each
// changed line before you run it with -update.
func TestInspectGolden(t *testing.T) {
	var b strings.Builder
	for _, dir := range versions(t, "testdata") {
		files, _ := filepath.Glob(filepath.Join(dir, "*inspect*.txtar"))
		for _, path := range files {
			r := readRecording(t, path)
			if r.exit != 0 {
				continue
			}
			var v any
			var err error
			switch base := name(path); {
			case strings.HasPrefix(base, "inspect-image"):
				v, err = InspectImage([]byte(r.stdout))
			case strings.HasPrefix(base, "volume"):
				v, err = InspectVolume([]byte(r.stdout))
			case strings.HasPrefix(base, "network"):
				v, err = InspectNetwork([]byte(r.stdout))
			case strings.HasPrefix(base, "pod"):
				v, err = InspectPod([]byte(r.stdout))
			case strings.HasPrefix(base, "secret"):
				v, err = StoredSecrets([]byte(r.stdout))
			default:
				v, err = InspectContainer([]byte(r.stdout))
			}
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if len(text) > 2048 {
				t.Errorf("%s: %d bytes are not concise", path, len(text))
			}
			if bytes.Contains(text, []byte(":null")) || bytes.Contains(text, []byte("0001-01-01")) {
				t.Errorf("%s: %s", path, text)
			}
			b.WriteString(filepath.Base(dir) + "/" + name(path) + " " + string(text) + "\n")
		}
	}
	compareGolden(t, "testdata/inspect.golden", b.String())
}

const secretive = `[{"Id":"aaaaaaaaaaaaaaaaaaaa","Name":"x","Path":"sh","Args":["--password","hunter2","--token=hunter2","ok"],
"State":{"Status":"exited","ExitCode":3,"Health":{"Status":"unhealthy","FailingStreak":2,"Log":[{"Output":"old"},{"Output":"PASSWORD=hunter2\u001b[31m failed"}]}},
"Config":{"Env":["PATH=/bin","DB_PASSWORD=hunter2 with space","URL=postgres://u:hunter2@db/x"],"Labels":{"app.secret":"hunter2","a":"b","io.buildah.version":"1"},
"Entrypoint":"/bin/sh","CreateCommand":["podman","run","-e","API_KEY=hunter2","--env=TOKEN=hunter2","--env","A=b","-eGH_PAT=hunter2","--label","my.token=hunter2","--secret","name","img"]},
"HostConfig":{"Memory":67108864,"NanoCpus":500000000,"PidsLimit":0,"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3},"LogConfig":{"Config":{"splunk-token":"hunter2"}}}}]`

func TestSecretsNeverLeave(t *testing.T) {
	d, err := InspectContainer([]byte(secretive))
	if err != nil {
		t.Fatal(err)
	}
	concise, _ := json.Marshal(d)
	full, err := Full([]byte(secretive))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(concise), string(full)} {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "\x1b") || !strings.Contains(text, "DB_PASSWORD=***") {
			t.Error(text)
		}
	}
	if !json.Valid(full) || !strings.Contains(string(full), `"--secret","name"`) {
		t.Errorf("%s", full)
	}
	if d.RestartPolicy != "on-failure:3" || d.Limits == nil || *d.Limits != (Limits{67108864, 0.5, 0}) ||
		*d.State.ExitCode != 3 || d.State.Health.LastOutput != "PASSWORD=*** failed" || len(d.Labels) != 2 {
		t.Errorf("%s", concise)
	}
}

func TestQuery(t *testing.T) {
	for version, out := range stdout(t, "inspect-container-web") {
		for path, want := range map[string]string{
			"State.Status":      `"running"`,
			"Config.Labels.app": `"web"`,
			"HostConfig.Memory": "67108864",
			"Config.Cmd.#":      "4",
			`NetworkSettings.Ports.80/tcp.0.HostPort`: `"18080"`,
		} {
			if got, err := Query(out, path); err != nil || string(got) != want {
				t.Errorf("%s %s: %s, %v", version, path, got, err)
			}
		}
		for _, path := range []string{"", "@this", "a|@pretty", "State.@keys", "Nope", "a\x00", "a\nb", "[[a,b],c]", strings.Repeat("a", 513), "State.Status.x"} {
			_, err := Query(out, path)
			if f, ok := err.(*Failure); !ok || f.Code != InvalidParams {
				t.Errorf("%q was taken: %v", path, err)
			}
		}
	}
	if _, err := Query([]byte("json"), "a"); err.(*Failure).Code != OutputInvalid {
		t.Error(err)
	}
	if got, err := Query([]byte(secretive), "Config.Env.1"); err != nil || string(got) != `"DB_PASSWORD=***"` {
		t.Errorf("%s, %v", got, err)
	}
}

// TestFullKeepsPodmansJSON: without secrets nothing changes but white space.
func TestFullKeepsPodmansJSON(t *testing.T) {
	for version, out := range stdout(t, "inspect-container-web") {
		full, err := Full(out)
		if err != nil {
			t.Fatal(err)
		}
		var list []json.RawMessage
		if err := json.Unmarshal(out, &list); err != nil {
			t.Fatal(err)
		}
		var want, got bytes.Buffer
		_ = json.Compact(&want, list[0])
		_ = json.Compact(&got, full)
		if unescaped := strings.NewReplacer(`\u003e`, ">", `\u003c`, "<", `\u0026`, "&").Replace(want.String()); got.String() != unescaped {
			t.Errorf("%s:\n got %s\nwant %s", version, got.String(), unescaped)
		}
	}
}
