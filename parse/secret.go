package parse

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const mask = "***"

// SecretKey tells whether the value under this name is likely a secret: PGPASSWORD, apiKey, GH_PAT, db.auth.
// It looks at the words of the name, so PATH, AUTHOR, KEYBOARD and COMPAT are none, and neither is a name that
// says its value is a path, a number or a switch (POSTGRES_PASSWORD_FILE, SSH_AUTH_SOCK, MAX_TOKENS).
func SecretKey(key string) bool {
	words := keyWords(key)
	if len(words) == 0 || len(key) > 255 {
		return false
	}
	last := words[len(words)-1]
	if slices.Contains(harmlessEnds, last) {
		return false
	}
	for i, w := range words {
		switch {
		case strings.Contains(w, "password"), strings.Contains(w, "passwd"), strings.Contains(w, "passphrase"),
			strings.Contains(w, "secret"), strings.Contains(w, "credential"), strings.Contains(w, "apikey"),
			strings.HasSuffix(w, "token"), w == "authorization", w == "jwt", w == "bearer", w == "authkey":
			return true
		case w == "tokens":
			return !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(counters, w) })
		case w == "key" && i > 0 && slices.Contains(keyKinds, words[i-1]):
			return true
		case w == "accesskey", w == "privatekey", w == "secretkey":
			return true
		}
	}
	switch last {
	case "pass", "auth", "creds", "cred", "pat", "passcode":
		return true
	case "pwd": // PWD and OLDPWD are folders
		return len(words) > 1
	}
	return len(words) > 1 && words[len(words)-2] == "auth" && (last == "header" || last == "data")
}

var (
	podmanFlags  = []string{"--secret", "--passwd", "--passwd-entry"} // a secret's name, a switch, a line without the password
	harmlessEnds = []string{"file", "path", "dir", "sock", "socket", "length", "enabled", "disabled", "type", "method", "ttl", "expiry"}
	counters     = []string{"max", "min", "num", "limit", "count", "total"}
	keyKinds     = []string{"access", "api", "private", "secret", "auth", "signing", "encryption", "master", "account", "service", "ssh", "app", "license", "deploy", "shared"}
)

// keyWords splits DB_PASSWORD, db.password and dbPassword alike into lower-case words.
func keyWords(key string) []string {
	var words []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	runes := []rune(key)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush()
			continue
		}
		if unicode.IsUpper(r) && i > 0 {
			afterLower := unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1])
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])
			if afterLower || beforeLower {
				flush()
			}
		}
		word = append(word, r)
	}
	flush()
	return words
}

// Shapes of well-known tokens, from their issuers' documentation. Go's regexp runs in linear time, so a text of
// a container cannot make them slow.
var (
	tokenMarks = []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk-", "xox", "AKIA", "ASIA", "AIza", "npm_", "hf_", "dckr_pat_", "eyJ"}
	tokenShape = regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|glpat-[A-Za-z0-9_-]{16,}` +
		`|sk-[A-Za-z0-9_-]{16,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}\b|AIza[A-Za-z0-9_-]{30,}` +
		`|npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{30,}|dckr_pat_[A-Za-z0-9_-]{16,}` +
		`|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*)`)
	privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z)`)
	authScheme = regexp.MustCompile(`\b([Bb]earer|BEARER|[Bb]asic|BASIC) +([A-Za-z0-9._~+/=-]{8,})`)
	userinfo   = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s/?#:@"']*):([^\s/?#"']+)@`)
	// A value in quotes ends at the quote, whether it stands before the key or after the sign.
	assignment = regexp.MustCompile(`"(-{0,2}[A-Za-z_][A-Za-z0-9_.-]*)=([^"]*)"|'(-{0,2}[A-Za-z_][A-Za-z0-9_.-]*)=([^']*)'` +
		`|(-{0,2}[A-Za-z_][A-Za-z0-9_.-]*)=("[^"]*"|'[^']*'|\S+)`)
)

// Mask replaces secrets in a text with ***: the value of KEY=VALUE where [SecretKey] holds, tokens of known
// shape, private keys, "Bearer …" and the password in a URL. It is a net, not a wall: a secret without a name
// or a shape passes.
func Mask(s string) string {
	if strings.Contains(s, "PRIVATE KEY") {
		s = privateKey.ReplaceAllString(s, mask)
	}
	if strings.Contains(s, "://") {
		s = userinfo.ReplaceAllString(s, "${1}:"+mask+"@")
	}
	if assignsSecret(s) {
		s = maskAssignments(s)
	}
	if len(s) < 10 { // no token is shorter
		return s
	}
	if containsAny(s, "earer ", "EARER ", "asic ", "ASIC ") {
		s = authScheme.ReplaceAllString(s, "${1} "+mask)
	}
	if containsAny(s, tokenMarks...) {
		s = tokenShape.ReplaceAllString(s, mask)
	}
	return s
}

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

// assignsSecret tells whether a word before any = names a secret, which most texts spare the regular expression.
func assignsSecret(s string) bool {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], '=')
		if i < 0 {
			return false
		}
		end := from + i
		start := end
		for start > from && isKeyByte(s[start-1]) {
			start--
		}
		if start < end && SecretKey(s[start:end]) {
			return true
		}
		from = end + 1
	}
}

func isKeyByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-'
}

// maskAssignments goes from one KEY= to the next, and looks again inside a value that it lets stand:
// --env=PASSWORD=x holds two.
func maskAssignments(s string) string {
	var b strings.Builder
	for {
		m := assignment.FindStringSubmatchIndex(s)
		if m == nil {
			b.WriteString(s)
			return b.String()
		}
		key, value := m[2:4], m[4:6]
		for i := 6; i < len(m); i += 4 {
			if m[i] >= 0 {
				key, value = m[i:i+2], m[i+2:i+4]
			}
		}
		if SecretKey(s[key[0]:key[1]]) && value[1] > value[0] {
			b.WriteString(s[:value[0]] + mask)
			s = s[value[1]:]
			continue
		}
		b.WriteString(s[:value[0]])
		s = s[value[0]:]
	}
}

// MaskEnv masks a list of KEY=VALUE: the whole value where the key names a secret, else what [Mask] finds. The
// list is a new one.
func MaskEnv(list []string) []string {
	masked := make([]string, len(list))
	for i, entry := range list {
		key, value, ok := strings.Cut(entry, "=")
		if ok {
			masked[i] = key + "=" + maskValue(key, value)
		} else {
			masked[i] = Mask(entry)
		}
	}
	return masked
}

// MaskArgs masks the words of a command line: what [Mask] finds in a word, and whole words after a flag that
// names a secret (--password x) or an environment variable (-e KEY=VALUE). The list is a new one.
func MaskArgs(words []string) []string {
	masked := make([]string, len(words))
	for i, word := range words {
		before := ""
		if i > 0 {
			before = words[i-1]
		}
		flag, value, both := strings.Cut(word, "=")
		switch {
		case before == "-e" || before == "--env" || before == "-l" || before == "--label" || before == "--build-arg":
			masked[i] = MaskEnv(words[i : i+1])[0]
		case strings.HasPrefix(before, "--") && !strings.Contains(before, "=") && !strings.HasPrefix(word, "-") &&
			!slices.Contains(podmanFlags, before) && SecretKey(before):
			masked[i] = mask
		case both && (flag == "--env" || flag == "--label" || flag == "--build-arg"):
			masked[i] = flag + "=" + MaskEnv([]string{value})[0]
		case both && strings.HasPrefix(word, "-e") && !strings.HasPrefix(word, "--"):
			masked[i] = "-e" + MaskEnv([]string{word[2:]})[0]
		case both && SecretKey(flag):
			masked[i] = flag + "=" + maskValue(flag, value)
		default:
			masked[i] = Mask(word)
		}
	}
	return masked
}

// maskValue masks the value of a key. An empty value stays: that it is empty is worth knowing.
func maskValue(key, value string) string {
	if value != "" && SecretKey(key) {
		return mask
	}
	return Mask(value)
}
