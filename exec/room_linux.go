package exec

import (
	"math"
	"syscall"
)

// Room is how many bytes may still be written below dir, as its file system
// tells; where it does not, 16 GiB are taken for it.
func Room(dir string) int64 {
	var about syscall.Statfs_t
	if err := syscall.Statfs(dir, &about); err != nil {
		return unknownRoom
	}
	if about.Bavail > math.MaxInt64/uint64(about.Bsize) {
		return math.MaxInt64
	}
	return int64(about.Bavail * uint64(about.Bsize))
}
