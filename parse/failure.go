package parse

import (
	"fmt"
	"strings"
)

// Code names a kind of failure. Codes are part of the interface: agents branch on them.
type Code string

// The codes.
const (
	NotConnected         Code = "PODMAN_NOT_CONNECTED"   // no binary, no socket, machine not running
	InvalidContainerName Code = "INVALID_CONTAINER_NAME" // the word cannot name a container
	InvalidParams        Code = "INVALID_PARAMS"         // a parameter or what it says is not possible
	ContainerNotFound    Code = "CONTAINER_NOT_FOUND"
	ImageNotFound        Code = "IMAGE_NOT_FOUND" // neither here nor in the registry that was asked
	PodNotFound          Code = "POD_NOT_FOUND"
	VolumeNotFound       Code = "VOLUME_NOT_FOUND"
	NetworkNotFound      Code = "NETWORK_NOT_FOUND"
	SecretNotFound       Code = "SECRET_NOT_FOUND"
	MachineNotFound      Code = "MACHINE_NOT_FOUND"    // of podman's virtual machines
	NameInUse            Code = "NAME_IN_USE"          // something of that name is there already
	PortInUse            Code = "PORT_IN_USE"          // another process or container listens there
	InUse                Code = "IN_USE"               // others depend on what should be removed
	NotRunning           Code = "NOT_RUNNING"          // the state does not allow what was asked
	PermissionDenied     Code = "PERMISSION_DENIED"    // by the kernel, the runtime or a registry
	RegistryUnreachable  Code = "REGISTRY_UNREACHABLE" // network, DNS, TLS or a registry that is ill
	ComposeNotAvailable  Code = "COMPOSE_NOT_AVAILABLE"
	ComposeFailed        Code = "COMPOSE_FAILED"
	Timeout              Code = "TIMEOUT"
	Cancelled            Code = "CANCELLED"
	OutputInvalid        Code = "OUTPUT_INVALID" // podman succeeded and printed what nobody can read
	PolicyDenied         Code = "POLICY_DENIED"
	ConfirmationNeeded   Code = "CONFIRMATION_NEEDED" // the user was to agree first, and did not
	RateLimited          Code = "RATE_LIMITED"        // more calls than a session may make
	TooOld               Code = "PODMAN_TOO_OLD"      // this podman lacks the command or the option
	PodmanError          Code = "PODMAN_ERROR"        // the rest, with podman's own words
)

// Codes lists every code, in the order of the documentation.
func Codes() []Code {
	return []Code{
		NotConnected, InvalidContainerName, InvalidParams, ContainerNotFound, ImageNotFound, PodNotFound,
		VolumeNotFound, NetworkNotFound, SecretNotFound, MachineNotFound, NameInUse, PortInUse, InUse, NotRunning,
		PermissionDenied, RegistryUnreachable, ComposeNotAvailable, ComposeFailed, Timeout, Cancelled,
		OutputInvalid, PolicyDenied, ConfirmationNeeded, RateLimited, TooOld, PodmanError,
	}
}

// Failure is an error that a person or a model can act on.
type Failure struct {
	Code     Code
	Message  string // one sentence without a full stop, cleaned and masked
	Details  string // podman's own last lines, cleaned and masked, at most 2 KB; may be empty
	Hint     string // the next step, one or two sentences; may be empty
	ExitCode int    // podman's exit status; 0 where no process ended
	Subject  string // the name that podman complained about; empty where none can be told
	Partly   bool   // it is that of one of several things, and others went well
	Err      error  // the cause, for errors.Is and errors.As; may be nil
}

// Refused tells whether this server refused by what agents may do, whatever podman would have said.
func (f *Failure) Refused() bool {
	return !f.Partly && (f.Code == PolicyDenied || f.Code == ConfirmationNeeded || f.Code == RateLimited)
}

// Error gives "CODE: message. hint".
func (f *Failure) Error() string {
	s := string(f.Code) + ": " + f.Message
	if f.Hint == "" {
		return s
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s + " " + f.Hint
}

func (f *Failure) Unwrap() error { return f.Err }

// OutputInvalidError says that podman's output is not what it should be. What names the thing meant, for
// instance "the list of containers"; the first 200 bytes of out are quoted. Err may be nil.
func OutputInvalidError(what string, out []byte, err error) *Failure {
	f := &Failure{
		Code:    OutputInvalid,
		Message: fmt.Sprintf("podman printed something else than %s", what),
		Hint:    "Run podman-mcp doctor; this podman may be older or newer than those known to work.",
		Err:     err,
	}
	if len(strings.TrimSpace(string(out[:min(len(out), 200)]))) == 0 {
		f.Message = fmt.Sprintf("podman printed nothing where %s was expected", what)
		return f
	}
	f.Details = "output begins: " + Mask(Clean(cutBytes(string(out[:min(len(out), 800)]), 200)))
	if err != nil {
		f.Message += ": " + Mask(Clean(err.Error()))
	}
	return f
}

// cutBytes shortens s to at most n bytes, at a rune's edge and with … as the last one (three bytes).
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len("…")
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:max(n, 0)] + "…"
}
