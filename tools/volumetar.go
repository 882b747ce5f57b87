package tools

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanVolumeExport = act(Tool{
	Name: "podman_volume_export", Title: "Export a volume", Effect: Changes, Toolset: Volumes, Timeout: longTimeout,
	About: "Writes all that is in a volume to a new tar file on the server's machine, which only the server's user can read. " +
		"What a running program is just writing may be half in it: stop the volume's containers first. podman_volume_import puts it back.",
}, func(ctx context.Context, c *Call, in VolumeExportParams) (VolumeExportResult, error) {
	file, err := c.Roots.Target("file", string(in.File))
	if err != nil {
		return VolumeExportResult{}, err
	}
	row, err := c.volume(ctx, in.Volume)
	if err != nil {
		return VolumeExportResult{}, err
	}
	size, err := newFile(file, func(part string) error {
		_, err := c.Runner.Run(ctx, exec.Podman("volume", "export").Option("output", part).Operand(row.Name))
		return err
	})
	if err != nil {
		return VolumeExportResult{}, err
	}
	return VolumeExportResult{row.Name, file, size}, nil
})

// VolumeExportParams are the parameters of podman_volume_export.
type VolumeExportParams struct {
	Volume Name `json:"volume" jsonschema:"Whole name"`
	File   File `json:"file" jsonschema:"New file to write; its folder must exist"`
}

// VolumeExportResult is the result of podman_volume_export.
type VolumeExportResult struct {
	Volume    string `json:"volume"`
	File      string `json:"file"`
	SizeBytes int64  `json:"size_bytes"`
}

var podmanVolumeImport = act(Tool{
	Name: "podman_volume_import", Title: "Import into a volume", Effect: Changes, Toolset: Volumes, Destructive: true, Timeout: longTimeout,
	About: "Unpacks a tar file of the server's machine, plain or gzip, into an existing volume. Files of the same name are overwritten, others stay: " +
		"podman_volume_export saves them first. Refused while a container that uses the volume runs, and for archives with entries outside " +
		"of their own folders. podman_volume_create makes an empty volume to import into.",
}, func(ctx context.Context, c *Call, in VolumeImportParams) (VolumeImportResult, error) {
	file, err := c.Roots.Source("file", string(in.File))
	if err != nil {
		return VolumeImportResult{}, err
	}
	row, err := c.volume(ctx, in.Volume)
	if err != nil {
		return VolumeImportResult{}, err
	}
	if err := c.unused(ctx, row.Name); err != nil {
		return VolumeImportResult{}, err
	}
	private, err := insideTar(ctx, file, importLimit())
	if err != nil {
		return VolumeImportResult{}, err
	}
	defer func() {
		if err := os.Remove(private); err != nil {
			c.Log.Error().Err(err).Msg("cannot remove the copy of an imported archive")
		}
	}()
	if private, err = filepath.Abs(private); err != nil {
		return VolumeImportResult{}, err
	}
	if _, err := c.Runner.Run(ctx, exec.Podman("volume", "import").Operand(row.Name, private)); err != nil {
		f := c.failure(ctx, err, longTimeout)
		if f.Code == parse.TooOld {
			return VolumeImportResult{}, f
		}
		f.Hint = "The volume may hold a part of the archive now. Import again, which overwrites it."
		return VolumeImportResult{}, f
	}
	return VolumeImportResult{row.Name, file}, nil
})

// unused refuses a volume that a running container uses: its program would read
// half of the old and half of the new, and could put links in the way.
func (c *Call) unused(ctx context.Context, volume string) error {
	list, err := c.containers(ctx, "volume="+volume)
	if err != nil {
		return err
	}
	var running []string
	for _, row := range list {
		if row.State != "exited" && row.State != "stopped" && row.State != "created" && row.State != "configured" {
			running = append(running, row.Name)
		}
	}
	if len(running) == 0 {
		return nil
	}
	return &parse.Failure{Code: parse.InUse, Subject: volume,
		Message: fmt.Sprintf("volume %q is used by containers that run: %s", volume, strings.Join(running[:min(10, len(running))], ", ")),
		Hint:    "Nothing was imported. Stop them with podman_stop first, and start them again afterwards."}
}

// VolumeImportParams are the parameters of podman_volume_import.
type VolumeImportParams struct {
	Volume Name `json:"volume" jsonschema:"Whole name of a volume that exists"`
	File   File `json:"file" jsonschema:"Tar file to read"`
}

// VolumeImportResult is the result of podman_volume_import.
type VolumeImportResult struct {
	Volume string `json:"volume"`
	File   string `json:"file"`
}
