package tools

import (
	"bytes"
	"context"
	"encoding"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"podman-mcp/exec"
	"podman-mcp/fixtures"
)

var (
	generated = flag.Int("generated", 100, "how many calls TestGenerated makes of every tool")
	seed      = flag.Uint64("seed", 1, "what TestGenerated makes them of")
)

// TestGenerated calls every tool with generated arguments, half of them hostile,
// and reads each command line back as podman would. Podman answers as it was
// recorded, so that a call goes as far as it can. Every word must be one that
// testdata/words.txt lists for the tool: a flag that the tool's own code sets,
// with one value, which is a constant of that code or holds one whole word of the
// caller's (*), one that podman or a file had told (%), or a number (#).
//
// No process is started ([exec.Rehearsal]), for a million would take an hour.
// scripts/torture makes 10,000 calls of every tool.
func TestGenerated(t *testing.T) {
	known, may, all := knownFlags(t), readWords(t), readAll(t)
	newest := known["5.8.2"]
	for version := range known {
		known[version] = known[version].and(newest)
	}
	calls, ran, began := 0, 0, time.Now()
	for _, tool := range All() {
		t.Run(tool.Name, func(t *testing.T) {
			scenes := scenesOf(t, tool, all)
			// Time is the bubble's own: who waits there waits for nothing.
			synctest.Test(t, func(t *testing.T) {
				r := &rehearsed{t: t, tool: tool, may: may[tool.Name], said: map[string]bool{}, given: map[string]bool{}}
				g := &generator{Rand: rand.New(rand.NewPCG(*seed, uint64(len(tool.Name))))}
				for n := range *generated {
					s := scenes[g.IntN(len(scenes))]
					r.podman = known[fixtures.Version(s.file)]
					r.call(g, s, n%2 == 0)
				}
				calls, ran = calls+*generated, ran+r.processes
				for _, pattern := range r.may {
					if !r.said[pattern] && *generated >= thorough {
						t.Errorf("in %d calls it never says %q", *generated, pattern)
					}
				}
			})
		})
	}
	t.Logf("%d calls, %d processes, in %.1f s; again with -seed=%d -generated=%d", calls, ran, time.Since(began).Seconds(), *seed, *generated)
}

// thorough are so many calls that each word of the list is said in them.
const thorough = 10_000

// readWords reads the list: by tool, what it may say.
func readWords(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/words.txt")
	if err != nil {
		t.Fatal(err)
	}
	list := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		tool, pattern, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		list[tool] = append(list[tool], pattern)
	}
	return list
}

// recorded are the recordings, by file, and by version and subcommand what podman
// answered.
type recorded struct {
	calls   map[string]*fixtures.Recording
	answers map[string]map[string][]fixtures.Process
}

func readAll(t *testing.T) recorded {
	t.Helper()
	all := recorded{map[string]*fixtures.Recording{}, map[string]map[string][]fixtures.Process{}}
	for _, file := range recordings(t) {
		r, err := fixtures.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		all.calls[file] = r
		version := fixtures.Version(file)
		if all.answers[version] == nil {
			all.answers[version] = map[string][]fixtures.Process{}
		}
		for _, p := range r.Processes {
			if verb := verbOf(p.Argv); p.Exit == "" {
				all.answers[version][verb] = append(all.answers[version][verb], p)
			}
		}
	}
	return all
}

// scene is a recorded call of a tool with its files, where calls of the tool
// find what they ask podman for.
type scene struct {
	*fixtures.Recording
	*fixtures.Stage
	file    string
	files   []string                      // of the call's folder
	answers map[string][]fixtures.Process // by subcommand, those of all recordings of this version
	told    string                        // all that the files say
}

func scenesOf(t *testing.T, tool Tool, all recorded) []*scene {
	t.Helper()
	var list []*scene
	for _, file := range slices.Sorted(maps.Keys(all.calls)) {
		r := *all.calls[file]
		if r.Call.Tool != tool.Name || len(r.Call.Globals) > 0 {
			continue
		}
		if len(r.Call.Arguments) == 0 {
			r.Call.Arguments = json.RawMessage("{}")
		}
		stage, err := fixtures.NewStage(t.TempDir(), &r, fixtures.Play)
		if err != nil {
			t.Fatal(err)
		}
		s := &scene{Recording: &r, Stage: stage, file: file, answers: all.answers[fixtures.Version(file)], files: []string{stage.Work()}}
		for _, f := range r.Files {
			s.told += f.Name + "\n{dir}/" + f.Name + "\n" + string(f.Data)
			s.files = append(s.files, filepath.Join(stage.Work(), filepath.FromSlash(strings.TrimSuffix(f.Name, ".base64"))))
		}
		list = append(list, s)
	}
	return list
}

// verbOf is a program with the fixed words that follow its name.
func verbOf(argv []string) string {
	n := 1
	for n < len(argv) && !strings.HasPrefix(argv[n], "-") {
		n++
	}
	if argv[0] != "podman" { // whose options stand before its subcommand
		for _, word := range argv[n:] {
			if !strings.HasPrefix(word, "-") {
				return argv[0] + " " + word
			}
		}
	}
	return strings.Join(argv[:n], " ")
}

// rehearsed makes calls of one tool and judges the words of their processes.
type rehearsed struct {
	t         *testing.T
	tool      Tool
	podman    podmanFlags
	may       []string        // of the list
	said      map[string]bool // which of them were seen
	processes int

	// of one call
	scene     *scene
	arguments json.RawMessage
	given     map[string]bool // the words of the caller's, and what they are rebuilt to
	env       []string        // what a private file with variables may hold
	turn      map[string]int  // how many processes of a subcommand there were
	told      string          // what podman has printed, and what the files hold
}

func (r *rehearsed) call(g *generator, s *scene, bad bool) {
	g.files, g.dir = s.files, s.Work()
	input, _ := r.tool.Schemas()
	arguments, err := g.arguments(input, json.RawMessage(s.Show(string(s.Call.Arguments))), bad)
	if err != nil {
		r.t.Fatal(err)
	}
	r.scene, r.arguments, r.turn, r.told = s, arguments, map[string]int{}, s.told
	r.take(arguments)
	runner := exec.Rehearsal(r.play)
	host := &Host{Runner: runner, Roots: Roots{s.Work()}, Units: filepath.Join(s.Work(), "units"), Timeout: time.Minute}
	host.holes.builder = s.Podman // a server asks once, when it starts
	c := &Call{Host: host, Progress: func(context.Context, string, float64, float64) {}}
	// What the call says is not asked here: its words to podman are.
	_, _ = r.tool.run(r.t.Context(), c, arguments)
}

// take notes every word that podman may be given from these arguments: each
// string as it is, as its kind rebuilds it, and as the path it may be, and
// words and lists as JSON.
func (r *rehearsed) take(arguments json.RawMessage) {
	decoder := json.NewDecoder(bytes.NewReader(arguments))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		r.t.Fatal(err)
	}
	clear(r.given)
	r.env = nil
	for _, word := range stringsOf(value) {
		r.given[r.scene.Hide(word)] = true
		if quoted, err := compact(word); err == nil {
			r.given[string(quoted)] = true
		}
		if strings.Contains(word, "=") {
			r.env = append(r.env, word)
		}
		for _, k := range kinds {
			rebuilt := reflect.New(k.of)
			if text, ok := rebuilt.Interface().(encoding.TextUnmarshaler); ok && text.UnmarshalText([]byte(word)) == nil {
				r.given[rebuilt.Elem().String()] = true
			}
		}
		r.given[filepath.Base(word)] = true
		if platform := strings.Split(word, "/"); len(platform) < 4 {
			for _, part := range platform {
				r.given[part] = true
			}
		}
		if path, err := filepath.Abs(word); err == nil {
			r.given[r.scene.Hide(path)] = true
		}
	}
}

// play judges one process and answers as it was recorded.
func (r *rehearsed) play(p exec.Process) (string, int) {
	r.processes++
	argv := append([]string{filepath.Base(p.Argv[0])}, p.Argv[1:]...)
	r.judge(argv)
	verb := verbOf(argv)
	var own []fixtures.Process
	for _, p := range r.scene.Processes {
		if verbOf(p.Argv) == verb {
			own = append(own, p)
		}
	}
	all := own
	if len(all) == 0 {
		all = r.scene.answers[verb]
	}
	if len(all) == 0 {
		return "", 125
	}
	turn := min(r.turn[verb], len(all)-1)
	r.turn[verb]++
	answer := all[turn]
	r.told += answer.Stdout
	code := 0
	if answer.Exit != "" {
		code = 125
	}
	return r.scene.Show(answer.Stdout), code
}

// judge holds a command line to the words that the tool may say.
func (r *rehearsed) judge(argv []string) {
	if argv[0] == "podman-compose" {
		for _, word := range argv[1:] {
			name, value, given := strings.Cut(word, "=")
			if strings.HasPrefix(word, "-") && given {
				r.one(argv, "podman-compose "+name+"=", value)
			} else {
				r.one(argv, "podman-compose ", word)
			}
		}
		return
	}
	line, err := r.podman.read(argv[1:])
	if err != nil {
		r.bad(argv, err.Error())
		return
	}
	for _, name := range slices.Sorted(maps.Keys(line.flags)) {
		for _, value := range line.flags[name] {
			r.one(argv, line.verb+" --"+name+"=", value)
			if name == "env-file" {
				r.variables(argv, value)
			}
		}
	}
	for i, operand := range line.operands {
		switch tail := i > 0 && (line.verb == "run" || line.verb == "exec"); {
		case tail:
			r.one(argv, line.verb+" … ", operand)
			continue
		case strings.HasPrefix(operand, "-") && operand != "-":
			r.bad(argv, fmt.Sprintf("the operand %q begins with a dash", operand))
		case transported.MatchString(operand) && r.given[operand]:
			r.bad(argv, fmt.Sprintf("the operand %q names a transport", operand))
		}
		r.one(argv, line.verb+" ", operand)
	}
}

// variables holds a container's variables to those that were given.
func (r *rehearsed) variables(argv []string, path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		r.bad(argv, err.Error())
		return
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSuffix(line, "\n"); !slices.Contains(r.env, line) {
			r.bad(argv, fmt.Sprintf("the variable %q was never given", line))
		}
	}
}

// one holds one word to the patterns that may stand at a place.
func (r *rehearsed) one(argv []string, at, word string) {
	word = r.scene.Hide(word)
	for _, line := range r.may {
		if pattern, ok := strings.CutPrefix(line, at); ok && r.fits(pattern, word) {
			r.said[line] = true
			return
		}
	}
	r.bad(argv, fmt.Sprintf("nothing like %s%q is listed", at, word))
}

// fits tells whether a word is a pattern's.
func (r *rehearsed) fits(pattern, word string) bool {
	i := strings.IndexAny(pattern, "*%#")
	if i < 0 {
		return word == pattern
	}
	rest, ok := strings.CutPrefix(word, pattern[:i])
	if !ok {
		return false
	}
	is := map[byte]func(string) bool{'*': func(piece string) bool { return r.given[piece] }, '%': r.podmans, '#': number.MatchString}[pattern[i]]
	if pattern[i+1:] == "" {
		return is(rest)
	}
	for n := range len(rest) + 1 {
		if is(rest[:n]) && r.fits(pattern[i+1:], rest[n:]) {
			return true
		}
	}
	return false
}

var (
	wholeID = regexp.MustCompile(`^(sha256:)?[0-9a-f]{12,64}$`)
	// Where podman takes an image, these name one in a file or in another engine.
	transported = regexp.MustCompile(`^(dir|oci|oci-archive|docker-archive|docker-daemon|docker|containers-storage|tarball|sif|ostree):`)
	number      = regexp.MustCompile(`^[0-9]+$`)
)

// podmans tells whether a word was told in this call, or is an id, which podman
// gives in more than one length.
func (r *rehearsed) podmans(word string) bool {
	return wholeID.MatchString(word) || word != "" && !strings.HasPrefix(word, "-") && strings.Contains(r.told, word)
}

func (r *rehearsed) bad(argv []string, why string) {
	r.t.Errorf("%s\n%q\nof %.2000s\nin %s", why, argv, r.arguments, r.scene.file)
}
