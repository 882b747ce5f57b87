package exec

// Waiting counts the readers of runs that have not begun.
func (r *Runner) Waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, f := range r.pending {
		n += f.waiting
	}
	return n
}

// Key is everything that is in a.
func (a Argv) Key() string { return a.key() }
