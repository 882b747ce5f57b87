package tools

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"

	"podman-mcp/compose"
	"podman-mcp/exec"
	"podman-mcp/parse"
)

// Host is the podman that the tools act on.
type Host struct {
	Runner   *exec.Runner
	Compose  compose.Choice // which provider runs compose files
	Roots    Roots          // the host's folders that calls may use
	Policy   Policy         // what else of the host they may have
	Images   ImagePolicy    // the images and registries that calls may use
	Kept     *Kept          // gives answers again that cannot have changed; nil for none
	Scope    Scope          // which containers and pods calls may change
	Units    string         // the folder of quadlet's unit files; "" for podman's own
	Offered  []Tool         // those that clients may call; nil for all
	Timeout  time.Duration  // the deadline of every call; 0 for each tool's own
	Moment   time.Duration  // for which a container that was just run is watched; 0 for 400 ms
	Patience time.Duration  // after its deadline a call has to tidy up, before it is answered; 0 for each tool's own
	// Confirm has the caller's user agree before a call removes things.
	Confirm       bool
	ConfirmWithin time.Duration    // for which a question to the user stands; 0 for five minutes
	Middleware    []mcp.Middleware // sees every request, the first of them before the others
	Log           zerolog.Logger

	follows     follows
	connections connections
	holes       holes
}

// Call is one call of a tool.
type Call struct {
	*Host
	// Progress tells the caller how far the call is, where it asked to be told.
	// done grows; total is 0 where it is not known.
	Progress func(ctx context.Context, message string, done, total float64)

	place  string // the connection that the call names; "" where it names none
	agreed string // the digest of the question that the user has agreed to
}

// on is the call on another podman.
func (c *Call) on(host *Host, connection string) *Call {
	there := *c
	there.Host, there.place = host, connection
	return &there
}

// failure makes of any error one that the caller can act on.
func (c *Call) failure(ctx context.Context, err error, timeout time.Duration) *parse.Failure {
	var (
		f    *parse.Failure
		arg  *exec.ArgError
		run  *exec.RunError
		path *os.PathError
		text string
	)
	switch {
	case errors.As(err, &f):
		if f.Code == parse.ContainerNotFound && f.Hint == "" {
			c.suggest(ctx, f)
		}
		return f
	case errors.As(err, &arg):
		return invalid(arg.Name, "%s %s", short([]byte(arg.Value)), arg.Why)
	case errors.As(err, &run):
		text = run.Stderr
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		f = &parse.Failure{Code: parse.Timeout, Message: fmt.Sprintf("podman did not finish within %s", timeout),
			Details: parse.Details(text),
			Hint:    ended(err) + " Try again, ask for less, or have the operator raise --timeout."}
		if errors.Is(err, errStuck) {
			f.Hint = stuckHint
		}
	case errors.Is(err, context.Canceled), errors.Is(err, ErrShutdown):
		f = &parse.Failure{Code: parse.Cancelled, Message: "the call was cancelled", Details: parse.Details(text),
			Hint: ended(err)}
		if errors.Is(err, ErrShutdown) {
			f.Message = "the server is shutting down"
		}
	case errors.Is(err, exec.ErrNotFound):
		f = &parse.Failure{Code: parse.NotConnected, Message: "there is no podman here: " + parse.Clean(err.Error()),
			Hint: "Install podman, or name its executable with --podman. podman-mcp doctor tells more."}
	case errors.Is(err, exec.ErrOutputTooLong):
		f = parse.OutputInvalidError("a bounded answer", nil, err)
	case run != nil && run.Code >= 0:
		f = parse.Classify(run.Stderr, run.Code)
		switch f.Code {
		case parse.ContainerNotFound:
			c.suggest(ctx, f)
		case parse.TooOld:
			parse.NeedsNewer(f, run.Verb)
		}
	case errors.Is(err, syscall.E2BIG):
		f = invalid("arguments", "are longer together than a command line can be")
	case errors.Is(err, syscall.ENOSPC):
		f = &parse.Failure{Code: parse.PodmanError, Message: "the disk is full: " + parse.Clean(err.Error()),
			Hint: "Free space where it says; for podman's own, podman_system_prune removes what is unused."}
	case errors.Is(err, os.ErrPermission):
		f = &parse.Failure{Code: parse.PermissionDenied, Message: parse.Clean(err.Error()),
			Hint: "Check that the server's user may run podman."}
	case errors.As(err, &path) && path.Op == "fork/exec": // as where its file is damaged
		f = &parse.Failure{Code: parse.NotConnected, Message: "podman cannot be started: " + parse.Clean(path.Error()),
			Hint: "Mend what is at that path, or name another executable with --podman. podman-mcp doctor tells more."}
	default:
		f = &parse.Failure{Code: parse.PodmanError, Message: parse.Mask(parse.Clean(err.Error())), Details: parse.Details(text),
			Hint: "See what is there before you call again; podman-mcp doctor tells whether podman works here."}
	}
	f.Err = err
	return f
}

// stopped tells whether a command failed because ctx was done: its exit status
// then means nothing.
func stopped(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
}

// suggest names the containers that a wrong name may have meant.
func (c *Call) suggest(ctx context.Context, f *parse.Failure) {
	list, err := c.containers(ctx)
	if err != nil {
		f.Hint = "podman_ps with all lists every container." // the first error is the one to tell
		return
	}
	suggest(f, list)
}

func suggest(f *parse.Failure, list []parse.Container) {
	f.Hint = "podman_ps with all lists every container."
	var names []string
	for _, row := range list {
		names = append(names, row.Name)
	}
	if near := Nearest(f.Subject, names); len(near) > 0 {
		f.Hint = "Nearest names: " + strings.Join(near, ", ") + ". " + f.Hint
	} else if len(names) == 0 {
		f.Hint = "There are no containers at all."
	}
}

// containers lists all containers, also those that do not run.
func (c *Call) containers(ctx context.Context, filters ...string) ([]parse.Container, error) {
	result, err := c.Runner.Read(ctx, exec.Podman("ps").Flag("all", true).Option("filter", filters...).Option("format", "json"))
	if err != nil {
		return nil, err
	}
	return parse.Containers(result.Stdout)
}

// lookup finds the container that a name or whole id means.
func (c *Call) lookup(ctx context.Context, name string) (parse.Container, error) {
	list, err := c.containers(ctx)
	if err != nil {
		return parse.Container{}, err
	}
	row, ok := find(list, name)
	if !ok {
		f := notFound(name)
		suggest(f, list)
		return parse.Container{}, f
	}
	return row, nil
}

// exact refuses a hexadecimal word of fewer than 12 digits that is no
// container's name: podman would take it for the beginning of any id.
func (c *Call) exact(ctx context.Context, name string) error {
	if len(name) >= 12 || strings.Trim(name, "0123456789abcdef") != "" {
		return nil
	}
	list, err := c.containers(ctx)
	if err != nil {
		return err
	}
	if _, ok := find(list, name); !ok {
		f := notFound(name)
		f.Message += "; an id needs at least 12 digits"
		suggest(f, list)
		return f
	}
	return nil
}

func notFound(name string) *parse.Failure {
	return &parse.Failure{Code: parse.ContainerNotFound, Subject: name, Message: fmt.Sprintf("there is no container %q", name)}
}
