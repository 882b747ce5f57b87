package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
	"podman-mcp/quadlet"
)

// unitFolder is where the unit files of the server's user lie: podman's own
// place for them, or the first that QUADLET_UNIT_DIRS names, as for quadlet
// itself. It is no path of an agent's, so Roots do not judge it.
func (c *Call) unitFolder() (string, error) {
	switch first, _, _ := strings.Cut(os.Getenv("QUADLET_UNIT_DIRS"), string(os.PathListSeparator)); {
	case c.Runner.Remote:
		return "", &parse.Failure{Code: parse.PodmanError, Message: "unit files lie on the machine where podman's service runs, which cannot be reached from here",
			Hint: "Nothing was done. Run the server there."}
	case c.Units != "":
		return c.Units, nil
	case first != "":
		return filepath.Abs(first)
	case os.Geteuid() == 0:
		return "/etc/containers/systemd", nil
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("look for the folder of unit files: %w", err)
	}
	return filepath.Join(config, "containers", "systemd"), nil
}

// unitsIn lists the unit files in a folder, which may not exist yet.
func unitsIn(folder string) ([]parse.Quadlet, error) {
	list := []parse.Quadlet{}
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if e.Type().IsRegular() && quadlet.Named(e.Name()) == nil {
			list = append(list, parse.Quadlet{Name: e.Name(), Service: quadlet.Service(e.Name()), Path: filepath.Join(folder, e.Name())})
		}
	}
	return list, nil
}

// bySelf tells whether podman left the work to this server: before 5.6 it has
// no commands for quadlets, and without systemd they do nothing.
func bySelf(err error) bool {
	var run *exec.RunError
	if !errors.As(err, &run) || run.Code <= 0 {
		return false
	}
	return parse.WithoutSystemd(run.Stderr) || parse.Classify(run.Stderr, run.Code).Code == parse.TooOld
}

var podmanQuadletLs = act(Tool{
	Name: "podman_quadlet_ls", Title: "List quadlet units", Effect: Reads, Toolset: Kube,
	About: "Lists the unit files of podman's quadlet that are installed for the server's user, each with the service that systemd makes of it. " +
		"podman_quadlet_install installs one; what runs is listed by podman_ps.",
}, func(ctx context.Context, c *Call, in QuadletLsParams) (QuadletLsResult, error) {
	var none QuadletLsResult
	folder, err := c.unitFolder()
	if err != nil {
		return none, err
	}
	var list []parse.Quadlet
	result, err := c.Runner.Read(ctx, exec.Podman("quadlet", "list").Option("format", "json"))
	switch {
	case bySelf(err):
		list, err = unitsIn(folder)
	case err == nil:
		list, err = parse.Quadlets(result.Stdout)
	}
	if err != nil {
		return none, err
	}
	shown := list[:min(in.Limit, len(list))]
	return QuadletLsResult{folder, shown, len(list), len(shown) < len(list)}, nil
})

// QuadletLsParams are the parameters of podman_quadlet_ls.
type QuadletLsParams struct {
	Limit int `json:"limit,omitempty" default:"50" minimum:"1" maximum:"100" jsonschema:"Most units to return"`
}

// QuadletLsResult is the result of podman_quadlet_ls.
type QuadletLsResult struct {
	Folder    string          `json:"folder"`
	Quadlets  []parse.Quadlet `json:"quadlets"`
	Total     int             `json:"total"`
	Truncated bool            `json:"truncated"`
}

var podmanQuadletRm = act(Tool{
	Name: "podman_quadlet_rm", Title: "Remove quadlet units", Effect: Removes, Toolset: Kube,
	About: "Removes unit files of podman's quadlet that are installed for the server's user, by their exact names. A service that runs goes on until it is stopped: " +
		"podman 5.6 and newer refuses to remove its file. podman_quadlet_ls lists them.",
}, func(ctx context.Context, c *Call, in QuadletRmParams) (OutcomesResult, error) {
	folder, err := c.unitFolder()
	if err != nil {
		return OutcomesResult{}, err
	}
	units, err := unitsIn(folder)
	if err != nil {
		return OutcomesResult{}, err
	}
	going := lost{what: "unit file"}
	for _, unit := range units {
		if slices.Contains(in.Names, Name(unit.Name)) {
			going.names = append(going.names, unit.Name)
		}
	}
	if err := c.confirm("Remove", "", going); err != nil {
		return OutcomesResult{}, err
	}
	return c.inTurn(ctx, words(in.Names), func(ctx context.Context, name string) error {
		there, err := unitsIn(folder)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(there, func(q parse.Quadlet) bool { return q.Name == name })
		if i < 0 {
			return noUnit(name, folder)
		}
		_, err = c.Runner.Run(ctx, exec.Podman("quadlet", "rm").Flag("reload-systemd=false", true).Operand(name))
		if bySelf(err) {
			err = os.Remove(there[i].Path)
		}
		return err
	})
})

func noUnit(name, folder string) *parse.Failure {
	return &parse.Failure{Code: parse.InvalidParams, Subject: name, Message: fmt.Sprintf("there is no unit file %q in %s", name, folder),
		Hint: "Nothing was removed. podman_quadlet_ls lists those there are."}
}

// QuadletRmParams are the parameters of podman_quadlet_rm.
type QuadletRmParams struct {
	Names []Name `json:"names" minItems:"1" jsonschema:"Names of files, such as web.container"`
}
