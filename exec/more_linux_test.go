package exec_test

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// more does the steps that only Linux has.
func more(step string) bool {
	if step != "terminals" {
		return false
	}
	for i, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		if size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil {
			fmt.Printf("%d is a terminal of %d columns\n", i, size.Col)
		}
	}
	if f, err := os.Open("/dev/tty"); err == nil {
		fmt.Println("it can ask on", f.Name())
	}
	return true
}
