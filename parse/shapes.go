package parse

import (
	"regexp"
	"strings"
)

// Shapes of well-known tokens, from their issuers' documentation. Go's regexp runs in linear time, so a text of
// a container cannot make them slow. A mark is what a text must hold for its shape to be looked for.
var (
	tokenMarks = []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "glptt-", "glrt-", "gldt-", "glcbt-", "glsoat-", "sk-", "k_live_", "k_test_", "whsec_", "xox", "xapp-",
		"AKIA", "ASIA", "AIza", "npm_", "hf_", "dckr_pat_", "eyJ", "pypi-", "dop_v1_", "shp", "SG.", "hvs.", "hvb.", "AGE-SECRET-KEY-",
		"ya29.", "sntry", "gsk_", "tskey-", "lin_api_", "PMAK-", "dapi", "rubygems_", "figd_", ":AA", "hooks.slack.com/", "/api/webhooks/"}
	tokenShape = Lazily(`\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|gl(?:pat|ptt|rt|dt|cbt|soat)-[A-Za-z0-9_.-]{16,}` +
		`|sk-[A-Za-z0-9_-]{16,}|[rs]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}` +
		`|(?:AKIA|ASIA)[A-Z0-9]{16}\b|AIza[A-Za-z0-9_-]{30,}|npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{30,}|dckr_pat_[A-Za-z0-9_-]{16,}` +
		`|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*|pypi-[A-Za-z0-9_-]{32,}|dop_v1_[a-f0-9]{32,}|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}` +
		`|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|hv[sb]\.[A-Za-z0-9_-]{20,}|AGE-SECRET-KEY-1[A-Z0-9]{20,}|ya29\.[A-Za-z0-9_-]{20,}` +
		`|sntry[su]_[A-Za-z0-9+/=_-]{20,}|gsk_[A-Za-z0-9]{20,}|tskey-[a-z]+-[A-Za-z0-9-]{10,}|lin_api_[A-Za-z0-9]{20,}|PMAK-[a-f0-9-]{20,}` +
		`|dapi[a-f0-9]{32}|rubygems_[a-f0-9]{32,}|figd_[A-Za-z0-9_-]{20,}|[0-9]{8,10}:AA[A-Za-z0-9_-]{30,})`)
	// The last part of these addresses is all that it takes to post there.
	hook = Lazily(`(hooks\.slack\.com/[a-z]+/|/api/webhooks/[0-9]+/)[A-Za-z0-9/_-]+`)

	privateKey = Lazily(`(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z)`)
	authScheme = Lazily(`\b([Bb]earer|BEARER|[Bb]asic|BASIC) +([A-Za-z0-9._~+/=-]{8,})`)
	userinfo   = Lazily(`([A-Za-z][A-Za-z0-9+.-]*://[^\s/?#:@"']*):([^\s/?#"']+)@`)
	driverDSN  = Lazily(`\b([A-Za-z0-9_.-]+):[^\s:@/]+@(tcp|unix)\(`) // of Go's driver for mysql
	// A value in quotes ends at the quote, whether it stands before the key or after the sign.
	assignment = Lazily(`"(-{0,2}[A-Za-z_][A-Za-z0-9_.-]*)=([^"]*)"|'(-{0,2}[A-Za-z_][A-Za-z0-9_.-]*)=([^']*)'` +
		`|(-{0,2}[A-Za-z_][A-Za-z0-9_.-]*)=("[^"]*"|'[^']*'|\S+)`)
	// In JSON, in JSON inside a string, as a line of YAML or of an ini file, as the header of a request.
	jsonPair  = Lazily(`"([A-Za-z_][A-Za-z0-9_.-]*)"\s*:\s*"((?:[^"\\]|\\.)+)"`)
	innerPair = Lazily(`\\"([A-Za-z_][A-Za-z0-9_.-]*)\\"\s*:\s*\\"([^"\\]+)\\"`)
	// At a line's beginning a name and several words are rather what a program says of that name.
	lineShape = Lazily(`(?m)^(?:[ \t]+(?:- )?|- )([A-Za-z_][A-Za-z0-9_.-]*):[ \t]+(\S.*)$`)
	topShape  = Lazily(`(?m)^([A-Za-z_][A-Za-z0-9_.-]*):[ \t]+("[^"]*"|'[^']*'|\S+)[ \t]*$`)
	spaced    = Lazily(`\b([A-Za-z_][A-Za-z0-9_.-]*)[ \t]+=[ \t]+("[^"]*"|'[^']*'|[^\s"',]+)`)
	header    = Lazily(`\b((?i:x(?:-[a-z]+)+|(?:private|deploy|job|access|auth|api)-(?:token|key)|(?:set-)?cookie)): ?([^\s"',]+)`)
	// The word before the credentials is their scheme, if there are two.
	authorization = Lazily(`(?i)\bauthorization: *(?:[a-z]+ +)?([^\s"',]+)`)
)

func maskTokens(s string) string {
	if !containsAny(s, tokenMarks...) {
		return s
	}
	return hook().ReplaceAllString(tokenShape().ReplaceAllString(s, mask), "${1}"+mask)
}

// maskPairs masks what stands behind a colon, or a sign with spaces around it. Most texts hold none of what each
// regular expression needs.
func maskPairs(s string) string {
	if strings.Contains(s, "@tcp(") || strings.Contains(s, "@unix(") {
		s = driverDSN().ReplaceAllString(s, "${1}:"+mask+"@${2}(")
	}
	if strings.Contains(s, `"`) {
		s = replaceValues(replaceValues(s, jsonPair()), innerPair())
	}
	if strings.Contains(s, " = ") {
		s = replaceValues(s, spaced())
	}
	if strings.Contains(s, ": ") || strings.Contains(s, ":\t") {
		s = replaceValues(replaceValues(s, lineShape()), topShape())
	}
	if strings.Contains(s, ":") && (strings.Contains(s, "-") || containsAny(s, "ookie", "uthorization", "UTHORIZATION")) {
		s = replaceValues(s, header())
		s = replaceGroup(s, authorization(), 1, func([]int) bool { return true })
	}
	return s
}

// replaceValues masks the second group of shape's matches where the first is a secret's key.
func replaceValues(s string, shape *regexp.Regexp) string {
	return replaceGroup(s, shape, 2, func(m []int) bool {
		key := strings.ToLower(s[m[2]:m[3]])
		if strings.HasSuffix(key, "authorization") && shape != jsonPair() && shape != innerPair() {
			return false // whose scheme stays
		}
		return strings.HasSuffix(key, "cookie") || SecretKey(s[m[2]:m[3]])
	})
}

// replaceGroup masks group n of those matches of shape that fit.
func replaceGroup(s string, shape *regexp.Regexp, n int, fit func(match []int) bool) string {
	var b strings.Builder
	last := 0
	for _, m := range shape.FindAllStringSubmatchIndex(s, -1) {
		if fit(m) {
			b.WriteString(s[last:m[2*n]] + mask)
			last = m[2*n+1]
		}
	}
	if last == 0 {
		return s
	}
	return b.String() + s[last:]
}
