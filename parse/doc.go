// Package parse turns podman's output into values: JSON of every podman from 4.3 on into small types, and
// stderr into a [Failure] with a code. It never runs anything and keeps no state between calls.
//
// Most callers want one of
//
//	parse.Containers(stdout)       // podman ps -a --format json
//	parse.Images(stdout)           // podman images --format json
//	parse.InspectContainer(stdout) // podman container inspect NAME
//	parse.Classify(stderr, exit)   // after a command that failed
//
// Every reader takes the bytes as podman printed them. Output that is not what it should be is a *Failure with
// the code [OutputInvalid]. Text that comes from a container, an image or a registry is passed through [Clean],
// values that look secret through [Mask]; so what leaves this package may be shown to a model.
//
// JSON is snake_case, sizes are bytes, times are RFC 3339 in UTC to the second, and a field without a value is
// left out.
package parse
