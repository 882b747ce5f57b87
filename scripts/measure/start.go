package main

import "os"

// size is the stripped binary's.
func (b *bench) size() error {
	info, err := os.Stat(b.server)
	if err != nil {
		return err
	}
	bytes, other := float64(info.Size()), ""
	if b.rivals.binary != "" {
		theirs, err := os.Stat(b.rivals.binary)
		if err != nil {
			return err
		}
		other = megabytes(float64(theirs.Size()))
	}
	b.report.add(row{what: "stripped binary", ours: megabytes(bytes), cli: other, rest: other,
		goal: b.report.goals.set(goalSize, bytes <= 20e6, megabytes(bytes)), readme: true})
	return nil
}

// start times a server from its start to its reply to initialize, and looks at
// what it has then.
func (b *bench) start() error {
	resident := make([][]float64, 3)
	starts := func(which int, open func() (*client, error)) contender {
		return func() (float64, error) {
			c, err := open()
			if err != nil {
				return 0, err
			}
			resident[which] = append(resident[which], memory(c.pid, "VmRSS"))
			return c.greeted, c.close()
		}
	}
	contenders := []contender{starts(0, func() (*client, error) { return b.ours(nil) }), nil, nil}
	if b.rivals.binary != "" {
		contenders[1] = starts(1, func() (*client, error) { return b.rivals.cli(b) })
		contenders[2] = starts(2, func() (*client, error) { return b.rivals.rest(b) })
	}
	times, err := turns(b.pairs, contenders...)
	if err != nil {
		return err
	}
	b.report.add(row{what: "start to the reply to initialize", ours: ms(times[0]), cli: ms(times[1]), rest: ms(times[2]),
		goal: b.report.goals.set(goalStart, median(times[0]) <= 10, ms(times[0])), readme: true})
	b.report.add(row{what: "resident after it", ours: held(resident[0]), cli: held(resident[1]), rest: held(resident[2]),
		goal: b.residentGoal(resident[0]), readme: true})
	return nil
}

func (b *bench) residentGoal(bytes []float64) string {
	if median(bytes) == 0 {
		b.report.goals.cannot(goalResident, "this system does not tell")
		return ""
	}
	return b.report.goals.set(goalResident, median(bytes) <= 20e6, held(bytes))
}

// held is what was resident; "" where the system does not tell.
func held(bytes []float64) string {
	if median(bytes) == 0 {
		return ""
	}
	return megabytes(median(bytes))
}
