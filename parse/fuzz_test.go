package parse

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// seeds adds the recorded outputs and error texts.
func seeds(f *testing.F, pattern string, add func(recording)) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds at %s (%v)", pattern, err)
	}
	for _, path := range files {
		add(readRecording(f, path))
	}
}

var jsonWord = regexp.MustCompile(`"((?:[^"\\]|\\.)+)"(\s*:)?`)

// poisoned is JSON or a table with characters in every word that must not come out of it; with keys also in those
// keys that may be a person's.
func poisoned(out string, keys bool) string {
	const bad = "\u200b\u202e\U000e0041\ufe0f\u2066\u3164"
	if !json.Valid([]byte(out)) {
		return regexp.MustCompile(`(?m)(\S)$`).ReplaceAllString(out, "${1}"+bad)
	}
	return jsonWord.ReplaceAllStringFunc(out, func(word string) string {
		if strings.HasSuffix(word, ":") && (!keys || word[1] >= 'A' && word[1] <= 'Z') {
			return word
		}
		at := strings.LastIndexByte(word, '"')
		return word[:at] + bad + `\u001b[31m` + word[at:]
	})
}

// FuzzJSON feeds every reader of JSON and of tables: none panics, each gives a value that is JSON and clean, or a *Failure.
func FuzzJSON(f *testing.F) {
	seeds(f, "testdata/podman-*/*.txtar", func(r recording) {
		f.Add([]byte(r.stdout), "Config.Env")
		f.Add([]byte(poisoned(r.stdout, false)), "#")
		f.Add([]byte(poisoned(r.stdout, true)), "#")
	})
	f.Add([]byte(table), "")
	f.Add([]byte(secretive), "State.[Status,Pid]")
	f.Add([]byte(`[{"Id":"a","Names":["\u001b[31m\u202e"],"Ports":[{"range":1e300,"host_port":-1}],"Created":1e99}]`), "#.#")
	f.Fuzz(func(t *testing.T, out []byte, path string) {
		check := func(v any, err error) {
			if err != nil {
				fail, ok := err.(*Failure)
				if !ok {
					t.Fatalf("%T is no failure", err)
				}
				checkFailure(t, fail)
				return
			}
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{`\u001b`, `\u202e`, `\u0000`} {
				if strings.Contains(strings.ReplaceAll(string(text), `\\`, ""), bad) {
					t.Fatalf("%s in %s", bad, text)
				}
			}
			if at := strings.IndexFunc(string(text), invisible); at >= 0 {
				t.Fatalf("%q in %s", text[at:min(len(text), at+8)], text)
			}
		}
		list, err := Containers(out)
		check(list, err)
		machines, err := Machines(out)
		check(machines, err)
		machine, err := InspectMachine(out)
		check(machine, err)
		connections, err := Connections(out)
		check(connections, err)
		uses, err := DiskUses(out)
		check(uses, err)
		quadlets, err := Quadlets(out)
		check(quadlets, err)
		command, health, err := ContainerCommand(out)
		check([]any{command, health}, err)
		images, err := Images(out)
		check(images, err)
		container, err := InspectContainer(out)
		check(container, err)
		image, err := InspectImage(out)
		check(image, err)
		volume, err := InspectVolume(out)
		check(volume, err)
		network, err := InspectNetwork(out)
		check(network, err)
		volumes, err := Volumes(out)
		check(volumes, err)
		networks, err := Networks(out)
		check(networks, err)
		pod, err := InspectPod(out)
		check(pod, err)
		pods, err := Pods(out)
		check(pods, err)
		podStats, err := PodStats(out)
		check(podStats, err)
		secrets, err := StoredSecrets(out)
		check(secrets, err)
		names, err := SecretNames(out)
		check(names, err)
		stats, err := Stats(out)
		check(stats, err)
		changes, err := Diff(out)
		check(changes, err)
		resources, err := ContainerResources(out)
		check(resources, err)
		processes, err := Processes(out)
		check(processes, err)
		mappings, err := Mappings(out)
		check(mappings, err)
		version, err := Version(out)
		check(version, err)
		full, err := Full(out)
		check(full, err)
		history, err := History(out)
		check(history, err)
		tree, err := Tree(out)
		check(tree, err)
		found, err := Search(out)
		check(found, err)
		manifests, err := Manifests(out)
		check(manifests, err)
		removed, err := RemovedImages(out)
		check(removed, err)
		answer, err := Query(out, path)
		check(answer, err)
		if len(answer) > maxAnswer {
			t.Fatal(len(answer))
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[31mb\x1b]0;t\a\x1bPx\x1b\\ä\xff\u202e\u009b1m\r\n")
	f.Add("\xc2\x1b[m\x9b")
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) && r != '\n' && r != '\t' || invisible(r) {
				t.Fatalf("%U in %q", r, got)
			}
		}
		if Clean(got) != got {
			t.Fatalf("%q is not clean", got)
		}
	})
}

func FuzzMask(f *testing.F) {
	f.Add(`a=b "PASSWORD=x y" https://u:p@h Bearer abcdefgh -----BEGIN PRIVATE KEY-----`, "PASSWORD")
	f.Fuzz(func(t *testing.T, s, key string) {
		once := Mask(s)
		if len(once) > 4*len(s)+8 {
			t.Fatalf("%d bytes became %d", len(s), len(once))
		}
		if utf8.ValidString(s) && !utf8.ValidString(once) {
			t.Fatalf("%q became %q", s, once)
		}
		const secret = "zq9secretzq9"
		if SecretKey(key) && !strings.ContainsAny(key, "=") {
			if got := MaskEnv([]string{key + "=" + secret}); strings.Contains(got[0], secret) {
				t.Fatalf("%q", got)
			}
		}
		MaskArgs(strings.Fields(s))
	})
}

func FuzzClassify(f *testing.F) {
	seeds(f, catalogue+"/podman-*/*.txtar", func(r recording) { f.Add(r.stderr, r.exit) })
	f.Fuzz(func(t *testing.T, stderr string, exit int) {
		stderr = strings.ReplaceAll(stderr, "{}", "") // checkFailure takes it for a message that was not filled
		checkFailure(t, Classify(stderr, exit))
		FromPodman(stderr, exit)
	})
}

func FuzzPull(f *testing.F) {
	raws, _ := filepath.Glob("testdata/pty/*.raw")
	for _, path := range raws {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, 64)
	}
	f.Add([]byte("Copying blob a 9999999999TiB / 1B\nCopying blob a 1ib / 2ib\nCopying blob a 1..2KiB / 1MiB\n"), 3)
	f.Fuzz(func(t *testing.T, raw []byte, n int) {
		var p PullProgress
		var before int64
		for len(raw) > 0 {
			k := min(max(n, 1), len(raw))
			p.Feed(raw[:k])
			raw = raw[k:]
			finished, known := p.Layers()
			if p.Done() < before || p.Done() > p.Total() || finished > known || known > maxBlobs {
				t.Fatalf("%d of %d after %d, %d of %d layers", p.Done(), p.Total(), before, finished, known)
			}
			before = p.Done()
			if m := p.Message(); Clean(m) != m || len(m) > maxMessage {
				t.Fatalf("%q", m)
			}
		}
	})
}

func FuzzBuild(f *testing.F) {
	seeds(f, catalogue+"/podman-*/err-build-*.txtar", func(r recording) { f.Add(r.stdout) })
	f.Add("[1/2] STEP 1/2: FROM a\n[2/2] STEP 1/1: FROM b\nSTEP 99999/99999: x\n[9999/1] STEP 1/99999: y\n")
	f.Fuzz(func(t *testing.T, out string) {
		var p BuildProgress
		before := 0
		for line := range strings.Lines(Clean(out)) {
			p.Line(strings.TrimSuffix(line, "\n"))
			if p.Done() < before || p.Done() > p.Total() {
				t.Fatalf("%d of %d after %d", p.Done(), p.Total(), before)
			}
			before = p.Done()
			if len(p.Step()) > maxMessage+100 || Clean(p.Step()) != p.Step() {
				t.Fatalf("%q", p.Step())
			}
		}
		if list, err := Loaded([]byte(out)); err == nil && Clean(strings.Join(list, "\n")) != strings.Join(list, "\n") {
			t.Fatalf("%q", list)
		}
	})
}
