package exec

import (
	"errors"
	"os"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// newScreen opens a terminal of 120 columns; without a width podman draws blanks.
func newScreen() (*stream, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = master.Close() }()
	// pty leaves the master blocking: a read of it could not be ended. Only a
	// file made anew of its descriptor takes a deadline.
	fd, err := unix.FcntlInt(master.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, errors.Join(err, slave.Close())
	}
	err = errors.Join(unix.SetNonblock(fd, true), pty.Setsize(slave, &pty.Winsize{Rows: 60, Cols: 120}))
	near := os.NewFile(uintptr(fd), master.Name())
	if err != nil {
		return nil, errors.Join(err, near.Close(), slave.Close())
	}
	return newStream(near, slave), nil
}
