package tools

import (
	"context"
	"errors"
	"slices"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanSecretLs = act(Tool{
	Name: "podman_secret_ls", Title: "List secrets", Effect: Reads, Toolset: Secrets,
	About: "Lists podman's secrets by name: labels and times, never a value. podman_secret_create makes one.",
}, func(ctx context.Context, c *Call, in SecretLsParams) (SecretLsResult, error) {
	out := SecretLsResult{Secrets: []parse.StoredSecret{}}
	result, err := c.Runner.Read(ctx, exec.Podman("secret", "ls").
		Option("filter", pairs("name", string(in.Filters.Name))...).Option("format", "{{json .}}"))
	if err != nil {
		return out, err
	}
	names, err := parse.SecretNames(result.Stdout)
	if err != nil || len(names) == 0 {
		return out, err
	}
	slices.Sort(names)
	shown := names[:min(in.Limit, len(names))]
	// Times and labels stand only here. Of one that was removed in between
	// podman complains, and tells the others all the same.
	result, err = c.Runner.Read(ctx, exec.Podman("secret", "inspect").Operand(shown...))
	var run *exec.RunError
	if errors.As(err, &run) && run.Code > 0 && !stopped(ctx, err) && parse.Classify(run.Stderr, run.Code).Code == parse.SecretNotFound {
		err = nil
	}
	if err != nil {
		return out, err
	}
	list, err := parse.StoredSecrets(result.Stdout)
	if err != nil {
		return out, err
	}
	return SecretLsResult{list, len(names), len(shown) < len(names)}, nil
}).kept()

// SecretLsParams are the parameters of podman_secret_ls.
type SecretLsParams struct {
	Filters SecretFilters `json:"filters,omitzero" jsonschema:"Only secrets that match all of these"`
	Limit   int           `json:"limit,omitempty" default:"50" minimum:"1" maximum:"100" jsonschema:"Most secrets to return"`
}

// SecretFilters are podman's own filters of secret ls.
type SecretFilters struct {
	Name NameMatch `json:"name,omitempty" jsonschema:"Part of the name, or a regular expression"`
}

// SecretLsResult is the result of podman_secret_ls.
type SecretLsResult struct {
	Secrets   []parse.StoredSecret `json:"secrets"`
	Total     int                  `json:"total" jsonschema:"Secrets that match, also those not shown"`
	Truncated bool                 `json:"truncated"`
}

var podmanSecretInspect = act(Tool{
	Name: "podman_secret_inspect", Title: "Inspect a secret", Effect: Reads, Toolset: Secrets,
	About: "Tells a secret's driver, labels and times, never its value. To list secrets use podman_secret_ls.",
}, func(ctx context.Context, c *Call, in SecretInspectParams) (SecretInspectResult, error) {
	var none SecretInspectResult
	result, err := c.Runner.Read(ctx, exec.Podman("secret", "inspect").Operand(string(in.Secret)))
	if err != nil {
		return none, err
	}
	if !parse.Called(result.Stdout, string(in.Secret)) {
		return none, abbreviated(parse.SecretNotFound, "secret", string(in.Secret))
	}
	list, err := parse.StoredSecrets(result.Stdout)
	switch {
	case err != nil:
		return none, err
	case len(list) != 1:
		return none, parse.OutputInvalidError("one inspected secret", result.Stdout, nil)
	}
	return SecretInspectResult{list[0]}, nil
}).kept()

// SecretInspectParams are the parameters of podman_secret_inspect.
type SecretInspectParams struct {
	Secret Name `json:"secret" jsonschema:"Name or id"`
}

// SecretInspectResult is the result of podman_secret_inspect.
type SecretInspectResult struct {
	Secret parse.StoredSecret `json:"secret"`
}

var podmanSecretRm = act(Tool{
	Name: "podman_secret_rm", Title: "Remove secrets", Effect: Removes, Toolset: Secrets,
	About: "Removes secrets; their values are lost. Containers that have one keep it; new ones cannot be made with it.",
}, func(ctx context.Context, c *Call, in SecretRmParams) (OutcomesResult, error) {
	if err := c.confirm("Remove", " with what they hold", lost{what: "secret", names: words(in.Secrets)}); err != nil {
		return OutcomesResult{}, err
	}
	return c.inTurn(ctx, words(in.Secrets), func(ctx context.Context, name string) error {
		if err := c.whole(ctx, "secret", parse.SecretNotFound, name); err != nil {
			return err
		}
		_, err := c.finish(ctx, exec.Podman("secret", "rm").Operand(name))
		return err
	})
})

// SecretRmParams are the parameters of podman_secret_rm.
type SecretRmParams struct {
	Secrets []Name `json:"secrets" minItems:"1" jsonschema:"Names or ids"`
}
