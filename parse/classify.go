package parse

import (
	"fmt"
	"regexp"
	"strings"
)

// rule is one line of the tables that tell podman's errors apart; the first whose pattern matches decides.
type rule struct {
	code    Code
	pattern *regexp.Regexp
	message string // "{}" becomes the subject; "" stands for podman's own words
	hint    string
}

// on makes a rule. The pattern is matched against the text of the error, without "Error: ", where \n separates
// several errors; its first group that matched is the subject.
func on(code Code, pattern, message, hint string) rule {
	return rule{code, regexp.MustCompile(pattern), message, hint}
}

const (
	maxDetails = 2048 // bytes
	maxSubject = 200  // bytes
	maxMessage = 300  // bytes
)

// Classify turns what podman wrote to stderr, and its exit status, into a Failure. It never returns nil: whether
// the command failed is the caller's to judge ([FromPodman] helps where the status may be a container's own).
//
// Only the last block of lines that begin "Error:" counts, and what follows it; warnings, retries and a pull's
// chatter before it do not. Without such a line the whole text is looked at.
func Classify(stderr string, exit int) *Failure {
	text := Mask(Clean(stderr))
	f := &Failure{Code: PodmanError, ExitCode: exit, Details: lastLines(text, maxDetails)}
	words := errorText(text)
	if words == "" {
		f.Message = silent(exit)
		return f
	}
	for _, r := range rules() {
		m := r.pattern.FindStringSubmatch(words)
		if m == nil {
			continue
		}
		for _, group := range m[1:] {
			if group != "" && f.Subject == "" {
				f.Subject = cutBytes(shortIDs(group), maxSubject)
			}
		}
		f.Code, f.Hint = r.code, strings.ReplaceAll(r.hint, "{}", f.Subject)
		if f.Subject == "" {
			f.Hint = strings.ReplaceAll(r.hint, " {}", "")
		}
		f.Message = message(r.message, f.Subject, words)
		break
	}
	if f.Message == "" {
		f.Message = message("", "", words)
		f.Hint = "These are podman's own words; the details hold the rest."
	}
	if names := candidates(text); len(names) > 0 && f.Code == ImageNotFound {
		f.Hint = "Name the registry: " + strings.Join(names, ", ") + "."
	}
	return f
}

// FromPodman tells whether a run or exec that ended with this status failed in podman and not in the container's
// own program: podman uses 125, 126, 127 and, for exec, 255, but a program may end with these too, so the last
// thing on stderr must be an error of podman's.
func FromPodman(stderr string, exit int) bool {
	switch exit {
	case 125, 126, 127, 255:
		text := Clean(stderr)
		at := strings.LastIndex("\n"+text, "\nError: ")
		return at >= 0 && strings.Count(strings.TrimSpace(text[at:]), "\n") <= 10
	}
	return false
}

// FromExec is [FromPodman] for an exec, whose output is both streams as one. Podman's own failure comes before the
// program has printed anything; of a program that prints nothing but an error in podman's form and ends with one of
// podman's statuses, nobody can tell.
func FromExec(output string, exit int) bool {
	switch {
	case !FromPodman(output, exit):
		return false
	case ExecLost(output, exit):
		return true
	}
	before, _, _ := strings.Cut("\n"+Clean(output), "\nError: ")
	for line := range strings.Lines(before) {
		if line = strings.TrimSpace(line); line != "" && !warning().MatchString(line) {
			return false
		}
	}
	return true
}

// ExecLost tells of an exec whose podman service ended before the program: podman asks what became of its session,
// and nothing answers. What the program printed until then stands before that.
func ExecLost(output string, exit int) bool {
	return exit == 125 && lost().MatchString(strings.TrimSpace(Clean(output)))
}

var lost = Lazily(`(?:^|\n)Error: Get "[^"\s]*/libpod/exec/[0-9a-f]{64}/json": [^\n]*$`)

// warning is a line of podman's own log, which it writes to stderr.
var warning = Lazily(`^time="[^"]+" level=\w+ msg=`)

func silent(exit int) string {
	if exit < 0 {
		return "podman was ended by a signal"
	}
	return fmt.Sprintf("podman ended with status %d and said nothing", exit)
}

// message fills a rule's message; without one it is the first line of podman's words.
func message(template, subject, words string) string {
	switch {
	case template != "" && (subject != "" || !strings.Contains(template, "{}")):
		return cutBytes(strings.ReplaceAll(template, "{}", subject), maxMessage)
	default:
		line, _, _ := strings.Cut(words, "\n")
		if line = strings.TrimRight(shortIDs(line), ". :"); line == "" {
			line = "podman failed"
		}
		return cutBytes(line, maxMessage)
	}
}

// errorText gives the errors without "Error: ", one a line, from a cleaned text.
func errorText(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	isError := func(i int) bool { return i >= 0 && strings.HasPrefix(lines[i], "Error: ") }
	first := len(lines) - 1
	for first >= 0 && !isError(first) {
		first--
	}
	for isError(first - 1) {
		first--
	}
	if first < 0 {
		first = 0
	}
	// podman on macOS and Windows says what to do in the line before.
	if first > 0 && strings.HasPrefix(lines[first-1], "Cannot connect to Podman") {
		lines[first] += "; " + lines[first-1]
	}
	// An OCI runtime says in the line before why it failed.
	if first > 0 && strings.HasSuffix(lines[first], "failed: exit status 1") {
		if _, why, ok := strings.Cut(lines[first-1], "level=error msg="); ok {
			lines[first] += ": " + strings.Trim(why, `"`)
		}
	}
	// kube play says why in the lines before.
	if first > 0 && strings.HasPrefix(lines[first], "Error: failed to start ") && strings.HasPrefix(lines[first-1], "starting container ") {
		lines[first] += "; " + lines[first-1]
	}
	var kept []string
	for _, line := range lines[first:] {
		line = strings.TrimSpace(strings.TrimPrefix(line, "Error: "))
		if line == "" || strings.HasPrefix(line, "See 'podman") || strings.HasPrefix(line, "Try 'podman") {
			continue
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

// Details are the last lines of what a command printed, cleaned and masked, at most 2 KB.
func Details(text string) string { return lastLines(Mask(Clean(text)), maxDetails) }

// lastLines gives the last whole lines of text, at most n bytes, without the bars of a pull.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	size, first := 0, len(lines)
	var kept []string
	for first > 0 {
		first--
		line := strings.TrimRight(lines[first], " \t")
		if strings.HasPrefix(line, "Copying blob ") || strings.HasPrefix(line, "Copying config ") {
			continue
		}
		if size += len(line) + 1; size > n {
			if len(kept) == 0 {
				return cutBytes(line, n)
			}
			break
		}
		kept = append(kept, line)
	}
	for i, j := 0, len(kept)-1; i < j; i, j = i+1, j-1 {
		kept[i], kept[j] = kept[j], kept[i]
	}
	return strings.Join(kept, "\n")
}

var fullID = Lazily(`\b([0-9a-f]{12})[0-9a-f]{52}\b`)

func shortIDs(s string) string { return fullID().ReplaceAllString(s, "$1") }

// candidate is a line of the menu that podman shows on a terminal when it does not know which registry a short
// name means.
var candidate = Lazily(`(?m)^[\s▸>]*([a-z0-9][a-z0-9.-]*(?::\d+)?/[a-z0-9._/-]+(?::[\w.-]+)?)\s*$`)

func candidates(text string) []string {
	_, menu, ok := strings.Cut(text, "Please select an image")
	if !ok {
		return nil
	}
	var names []string
	for _, m := range candidate().FindAllStringSubmatch(menu, 8) {
		names = append(names, m[1])
	}
	return names
}
