package compose

import (
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
)

// oneWay refuses a path that goes through a symbolic link and up again. The
// loader takes "link/.." out by its words, so that is what is judged; a provider
// and the kernel go up from where the link leads. A word may hold more than one
// path, such as a volume's source and target.
func (g *guard) oneWay(s scope, node *yaml.Node, text string) error {
	if g.m.reads == nil || !strings.Contains(text, "..") {
		return nil
	}
	for _, piece := range append(strings.FieldsFunc(text, func(r rune) bool { return r == ':' || r == '=' || r == ',' }), text) {
		for _, dir := range s.dirs {
			path := piece
			if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(path, "~") {
				path = home + path[1:]
			}
			if !filepath.IsAbs(path) {
				path = dir + "/" + path
			}
			if !twoWays(path) {
				continue
			}
			if err := g.m.reads.check(s.place(node), path); err != nil {
				return err
			}
			return s.refuse(node, "%s goes through a symbolic link and up again, which leads to two places; write it plainly", shown(piece))
		}
	}
	return nil
}

// twoWays tells whether a ".." in an absolute path follows a symbolic link.
func twoWays(path string) bool {
	parts := strings.Split(filepath.ToSlash(path), "/")
	for i, part := range parts {
		if part != ".." {
			continue
		}
		up := strings.Join(parts[:i+1], "/")
		actual, err := filepath.EvalSymlinks(up)
		if err != nil {
			continue // where it leads nowhere there are not two places
		}
		if plain, err := filepath.EvalSymlinks(filepath.Clean(up)); err != nil || plain != actual {
			return true
		}
	}
	return false
}
