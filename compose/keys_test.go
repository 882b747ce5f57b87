package compose

import (
	"os"
	"path/filepath"
	"testing"
)

// Each key that a service may have, and some that would hand it the machine.
func TestStrangeKey(t *testing.T) {
	for service, want := range map[string]string{
		"command: [a]":                      "",
		"environment: {A: b}":               "",
		"healthcheck: {test: [CMD, a]}":     "",
		"deploy: {replicas: 2}":             "",
		"ulimits: {nofile: 10}":             "",
		"provider: {type: ./evil}":          "provider",
		"use_api_socket: true":              "use_api_socket",
		"post_start: [{command: [a]}]":      "post_start",
		"annotations: {run.oci.x: y}":       "annotations",
		"volumes_from: [db]":                "volumes_from",
		"sysctls: {net.core.somaxconn: 10}": "sysctls",
		"gpus: all":                         "gpus",
		"x-podman.rootfs: /":                "x-podman.rootfs",
		"x-mine: {a: b}":                    "",
	} {
		file := filepath.Join(t.TempDir(), "compose.yaml")
		if err := os.WriteFile(file, []byte("services:\n  web:\n    image: a\n    "+service+"\n  db: {image: a}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		m := loaded(t, request{file: file})
		if got := strangeKey(m.project.Services["web"]); got != want {
			t.Errorf("%s: %q, want %q", service, got, want)
		}
	}
}
