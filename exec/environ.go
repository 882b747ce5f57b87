package exec

import (
	"os"
	"slices"
	"strings"
)

// What podman needs of the server's environment. Anything else stays out: an
// image or a compose file can name a variable and so read it from podman's
// environment, which would hand it the server's secrets.
var (
	passed = []string{"PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR",
		"DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "REGISTRY_AUTH_FILE"}
	passedPrefixes = []string{"LC_", "XDG_", "CONTAINER_", "CONTAINERS_"}
	proxies        = []string{"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"}
	// By these podman leaves out warnings that it would put among the words of the container's program.
	quiet = []string{"PODMAN_IGNORE_CGROUPSV1_WARNING=1", "SUPPRESS_BOLTDB_WARNING=1"}
	// Without these no Windows program starts.
	passedWindows = []string{"SYSTEMROOT", "SYSTEMDRIVE", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
		"PROGRAMDATA", "PROGRAMFILES", "TEMP", "TMP", "PATHEXT", "COMSPEC", "WINDIR"}
)

// environ is the environment that a command runs with: what podman needs, the
// names in pass, the proxies where the command may fetch images, and then the
// command's own.
func environ(pass []string, argv Argv) []string {
	env := []string{} // never nil, for which os/exec hands on all of the server's
	for _, pair := range os.Environ() {
		key, _, _ := strings.Cut(pair, "=")
		if windows {
			key = strings.ToUpper(key) // Path and PATH are one there
		}
		keep := slices.Contains(passed, key) ||
			slices.ContainsFunc(pass, func(p string) bool { return p == key || windows && strings.EqualFold(p, key) }) ||
			slices.ContainsFunc(passedPrefixes, func(p string) bool { return strings.HasPrefix(key, p) }) ||
			argv.pulls && slices.Contains(proxies, strings.ToLower(key)) ||
			windows && slices.Contains(passedWindows, key)
		if keep {
			env = append(env, pair)
		}
	}
	return append(append(env, quiet...), argv.environ...)
}
