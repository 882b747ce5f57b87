//go:build unix

package serve

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// firstInherited is the first descriptor that systemd hands over; see
// sd_listen_fds(3).
const firstInherited = 3

// Inherited returns the listeners that systemd opened for this process, by the
// names of its socket units, and none where it did not.
func Inherited(e Exposure) (map[string][]net.Listener, error) {
	pid, count, names := os.Getenv("LISTEN_PID"), os.Getenv("LISTEN_FDS"), strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	for _, name := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		_ = os.Unsetenv(name) // they are not for our children
	}
	if pid != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 || n > 16 {
		return nil, fmt.Errorf("systemd's LISTEN_FDS is %q", count)
	}
	found := map[string][]net.Listener{}
	for i := range n {
		syscall.CloseOnExec(firstInherited + i)
		name := ""
		if i < len(names) {
			name = names[i]
		}
		f := os.NewFile(uintptr(firstInherited+i), name)
		ln, err := net.FileListener(f) // duplicates it
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("systemd's socket %q: %w", name, err)
		}
		if err := e.check(ln.Addr()); err != nil {
			return nil, fmt.Errorf("systemd's socket %q: %w", name, err)
		}
		found[name] = append(found[name], e.wrap(ln))
	}
	return found, nil
}

// Tell tells systemd the service's state, such as READY=1; see sd_notify(3).
// It does nothing where systemd does not ask for it.
func Tell(state string) error {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"}) // "@" begins an abstract name
	if err != nil {
		return fmt.Errorf("tell systemd: %w", err)
	}
	_, err = conn.Write([]byte(state))
	return errors.Join(err, conn.Close())
}
