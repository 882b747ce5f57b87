package parse

import (
	"strconv"
)

// BuildProgress follows the lines that podman build prints: "STEP 2/3: RUN make" before each step, "[1/2] STEP 2/3:
// RUN make" where the file has several stages, what the steps themselves print and, last, the image's id. The zero value
// is ready.
//
// A step may print the same words: only a step that can be the next one counts.
type BuildProgress struct {
	stage, number, of int    // of the step that runs
	line              string // that announced it
	before            int    // steps of the stages before its own
	id                string
}

var (
	stepLine = Lazily(`^(?:\[(\d{1,4})/\d{1,4}\] )?STEP (\d{1,5})/(\d{1,5}): `)
	wholeID  = Lazily(`^[0-9a-f]{64}$`)
)

// Line takes one clean line. It tells whether a step begins with it.
func (p *BuildProgress) Line(line string) (begins bool) {
	if m := stepLine().FindStringSubmatch(line); m != nil && p.step(m) {
		p.line = cutBytes(Mask(line), maxMessage)
		return true
	}
	if wholeID().MatchString(line) {
		p.id = line
	}
	return false
}

func (p *BuildProgress) step(m []string) bool {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n } // digits, or none where there is one stage
	stage, n, of := number(m[1]), number(m[2]), number(m[3])
	switch {
	case n < 1 || n > of:
		return false
	case n == p.number+1 && stage == p.stage && of == p.of:
	case n == 1 && (stage > p.stage || p.of == 0):
		p.before += p.of
	default:
		return false
	}
	p.stage, p.number, p.of = stage, n, of
	p.id = ""
	return true
}

// Done is which step runs, counted over all stages; 0 before the first. It never falls, and is at most Total.
func (p *BuildProgress) Done() int { return p.before + p.number }

// Total is how many steps the stages have that were seen so far.
func (p *BuildProgress) Total() int { return p.before + p.of }

// Step is podman's line about the step that runs, "STEP 2/3: RUN make"; "" before the first.
func (p *BuildProgress) Step() string { return p.line }

// ID is the id of the image, whole; "" while there is none.
func (p *BuildProgress) ID() string { return p.id }
