//go:build unix && !linux

package exec_test

func more(string) bool { return false }
