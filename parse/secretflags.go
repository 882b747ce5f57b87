package parse

import (
	"slices"
	"strings"
)

// Command lines name secrets by flags: --password x, and by letters that mean a password to some programs only.

// podmanFlags hold a secret's name, a switch and a line without the password.
var podmanFlags = []string{"--secret", "--passwd", "--passwd-entry"}

// secretFlag tells whether the word after this one is a secret: --password, and Java's and Go's -password.
func secretFlag(word string) bool {
	return len(word) > 3 && word[0] == '-' && !strings.Contains(word, "=") && !slices.Contains(podmanFlags, word) && SecretKey(word)
}

// passwordFlag is how a program takes a password on its command line.
type passwordFlag struct {
	programs []string
	flag     string
	next     bool // it may be the next word, beside being one with the flag
	colon    bool // only what stands after a colon: NAME:PASSWORD
}

var passwordFlags = []passwordFlag{
	{programs: []string{"mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlcheck", "mysqlsh", "mariadb", "mariadb-dump", "mariadb-admin"}, flag: "-p"},
	{programs: []string{"sshpass", "mongo", "mongosh", "mongodump", "mongorestore", "login"}, flag: "-p", next: true},
	{programs: []string{"redis-cli", "valkey-cli"}, flag: "-a", next: true},
	{programs: []string{"sqlcmd", "unzip"}, flag: "-P", next: true},
	{programs: []string{"ldapsearch", "ldapadd", "ldapmodify"}, flag: "-w", next: true},
	{programs: []string{"curl"}, flag: "-u", next: true, colon: true},
	{programs: []string{"curl"}, flag: "--user", next: true, colon: true},
}

// programOf is the program whose flags follow word: word itself where it is one of the table, else the one before.
func programOf(before, word string) string {
	name := word[strings.LastIndexByte(word, '/')+1:]
	for _, f := range passwordFlags {
		if slices.Contains(f.programs, name) {
			return name
		}
	}
	return before
}

// passwordIn tells where in a word of program's command line a password begins.
func passwordIn(program, before, word string) (from int, ok bool) {
	if program == "" {
		return 0, false
	}
	for _, f := range passwordFlags {
		if !slices.Contains(f.programs, program) {
			continue
		}
		switch {
		case f.next && before == f.flag:
			from = 0
		case len(f.flag) == 2 && len(word) > 2 && word[:2] == f.flag:
			from = 2
		default:
			continue
		}
		if f.colon {
			colon := strings.IndexByte(word[from:], ':')
			if colon < 0 {
				continue
			}
			from += colon + 1
		}
		if from < len(word) {
			return from, true
		}
	}
	return 0, false
}

var portWord = Lazily(`^[0-9a-fA-F.:\[\]-]+(?:/[a-z]+)?$`)

// likePassword tells of -pX, of any program, where X looks like a password and not like a port, a path or a word:
// an image's command does not tell its program, which is the image's entrypoint.
func likePassword(word string) bool {
	if !strings.HasPrefix(word, "-p") || len(word) < 8 || portWord().MatchString(word[2:]) || strings.ContainsAny(word, "/= ") {
		return false
	}
	return strings.ContainsAny(word, "0123456789") && strings.ContainsFunc(word[2:], func(r rune) bool { return r > '9' }) && word != "-print0"
}

var (
	flagValue = Lazily(`(--?[A-Za-z][A-Za-z0-9_.-]*)(?:[ \t]+|["'][ \t]*,?[ \t]*["'])("[^"]*"|'[^']*'|[^\s"',]+)`)
	plainWord = Lazily(`[^\s"',\[\]]+`)
	prose     = []string{"and", "or", "to", "is", "are", "flag", "flags", "option", "options", "***"}
)

// maskFlags masks the passwords of command lines that stand in a text.
func maskFlags(s string) string {
	var b strings.Builder
	last := 0
	for at := 0; ; {
		m := flagValue().FindStringSubmatchIndex(s[at:])
		if m == nil {
			break
		}
		from, to := at+m[4], at+m[5]
		start := at + m[2]
		flag, value := s[start:at+m[3]], s[from:to]
		at += m[3] // the next flag may be this one's value
		if start > 0 && isKeyByte(s[start-1]) || !secretFlag(flag) || strings.HasPrefix(value, "--") || slices.Contains(prose, value) {
			continue
		}
		b.WriteString(s[last:from] + mask)
		at, last = to, to
	}
	return maskPrograms(b.String() + s[last:])
}

func maskPrograms(s string) string {
	if !slices.ContainsFunc(passwordFlags, func(f passwordFlag) bool { return containsAny(s, f.programs...) }) {
		return s
	}
	var b strings.Builder
	program, before, last := "", "", 0
	for _, m := range plainWord().FindAllStringIndex(s, -1) {
		word := s[m[0]:m[1]]
		if from, ok := passwordIn(program, before, word); ok && word[from:] != mask {
			b.WriteString(s[last:m[0]+from] + mask)
			last = m[1]
		}
		before, program = word, programOf(program, word)
		if strings.HasSuffix(word, ";") || word == "|" || word == "&&" || word == "||" {
			program = ""
		}
	}
	return b.String() + s[last:]
}
