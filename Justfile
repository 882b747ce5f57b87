# List the recipes
default:
    @"{{ just_executable() }}" --list --unsorted

# Build bin/podman-mcp
build:
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(git describe --tags --always --dirty 2>/dev/null || echo dev)" -o bin/podman-mcp ./cmd/podman-mcp

# Run the unit tests, or what `go test` is told to
test *arguments='./...':
    go test {{ arguments }}

# Everything that CI checks
check:
    .ci/run

# Run every fuzz target for a while
fuzz duration='30s':
    #!/usr/bin/env bash
    set -euo pipefail
    for package in $(go list ./...); do
      for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
        echo "── $package $target"
        go test -run '^$' -fuzz "^$target\$" -fuzztime {{ duration }} "$package"
      done
    done

# Run golangci-lint
lint:
    scripts/test lint

# Write the tool reference into README.md
generate:
    scripts/generate

# Record the fixtures again from the installed podman
record *arguments:
    scripts/record {{ arguments }}

# Measure the server beside raw podman and another server
bench *arguments:
    scripts/bench {{ arguments }}
