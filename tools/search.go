package tools

import (
	"context"
	"strconv"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

const (
	maxFound = 100  // the most that registries give for a search
	maxTags  = 5000 // the most tags of an image that are read
)

var podmanSearch = act(Tool{
	Name: "podman_search", Title: "Search registries for images", Effect: Reads, Toolset: Images, OpenWorld: true,
	About: "Searches the registry that term begins with, or else those that podman is set up for; with tags, lists the tags of one image. " +
		"podman_images lists what is here; podman_manifest_inspect tells an image's platforms.",
}, func(ctx context.Context, c *Call, in SearchParams) (SearchResult, error) {
	if err := c.permitSearch("term", string(in.Term)); err != nil {
		return SearchResult{}, err
	}
	result, err := c.Runner.Read(ctx, in.argv())
	if err != nil {
		return SearchResult{}, err
	}
	return in.result(result.Stdout)
})

func (in SearchParams) argv() exec.Argv {
	limit := maxFound
	if in.Tags {
		limit = maxTags
	}
	return exec.Podman("search").Flag("list-tags", in.Tags).Flag("no-trunc", true).
		Option("limit", strconv.Itoa(limit)).
		Option("filter", in.Filters.pairs()...).
		Option("format", "json").Operand(string(in.Term)).Pulls()
}

func (in SearchParams) result(out []byte) (SearchResult, error) {
	list, err := parse.Search(out)
	if err != nil {
		return SearchResult{}, err
	}
	if in.Tags {
		return foundTags(list, in.Limit), nil
	}
	shown := list[:min(in.Limit, len(list))]
	result := SearchResult{Results: shown, Total: len(list), Truncated: len(shown) < len(list)}
	if len(list) == 0 {
		result.Note = "nothing was found; without a registry in term only the unqualified-search-registries of registries.conf are searched"
	}
	return result, nil
}

// foundTags bounds the tags, of which it counts those of all images.
func foundTags(list []parse.Found, limit int) SearchResult {
	out := SearchResult{Results: list}
	left := limit
	for i := range list {
		out.Total += len(list[i].Tags)
		list[i].Tags = list[i].Tags[:min(left, len(list[i].Tags))]
		left -= len(list[i].Tags)
	}
	out.Truncated = out.Total > limit
	return out
}

// SearchParams are the parameters of podman_search.
type SearchParams struct {
	Term    ImageMatch    `json:"term" jsonschema:"A part of a name, after a registry where one is meant: docker.io/nginx. With tags the image's whole name"`
	Tags    bool          `json:"tags,omitempty" default:"false" jsonschema:"List the tags of the image that term names"`
	Filters SearchFilters `json:"filters,omitzero" jsonschema:"Only images that match all of these; not with tags"`
	Limit   int           `json:"limit,omitempty" default:"25" minimum:"1" maximum:"500" jsonschema:"Most images, or tags, to return"`
}

// SearchFilters are podman's own filters of a search.
type SearchFilters struct {
	Stars      int   `json:"stars,omitempty" minimum:"0" jsonschema:"At least so many"`
	IsOfficial *bool `json:"is_official,omitempty" jsonschema:"Only official images (true), or only others (false)"`
}

func (f SearchFilters) pairs() []string {
	return pairs("stars", positive(f.Stars), "is-official", truth(f.IsOfficial))
}

// SearchResult is the result of podman_search.
type SearchResult struct {
	Results   []parse.Found `json:"results"`
	Total     int           `json:"total" jsonschema:"Images found, at most 100 a registry; with tags the tags there are"`
	Truncated bool          `json:"truncated"`
	Note      string        `json:"note,omitempty"`
}
