package sourcetest

import "strings"

// Hostile is a set of paths of which one must not get into a tree, perhaps because of another.
type Hostile struct {
	Name  string
	Paths []string
	// Want is what the refusal says.
	Want string
}

// HostilePaths returns sets of paths as an attacker may put them into an origin. A kind whose origin can have them refuses
// them all, and reads and writes nothing for them outside of the tree.
func HostilePaths() []Hostile {
	one := func(name, path, want string) Hostile { return Hostile{name, []string{"good.go", path}, want} }
	const (
		up      = `an element ".."`
		dot     = `an element "."`
		empty   = "an empty element"
		control = "a control character"
		git     = "take for .git"
		utf     = "not valid UTF-8"
		folded  = "only in case"
		both    = "a file and a folder"
	)
	return []Hostile{
		one("a file above", "../x", up),
		one("far above", "../../../../etc/cron.d/x", up),
		one("above from within", "a/../../x", up),
		one("above and back", "a/../b", up),
		one("a file named as the folder above", "a/..", up),
		one("here", "./x", dot),
		one("here within", "a/./x", dot),
		one("a file named as the folder itself", "a/.", dot),
		one("absolute", "/etc/passwd", ""),
		one("absolute twice", "//etc/passwd", ""),
		one("an empty element", "a//b", empty),
		one("a backslash", `a\b`, "a backslash"),
		one("above with backslashes", `..\..\x`, "a backslash"),
		one("a drive", `C:\x`, "a backslash"),
		one("a share", `\\server\share\x`, "a backslash"),
		one("a line feed", "a\nb", control),
		one("a carriage return", "a\rb", control),
		one("a tab", "a\tb", control),
		one("an escape sequence", "a\x1b[2Jb", control),
		one("a delete", "a\x7fb", control),
		one("a control character of Latin-1", "a\u0085b", control),
		one("not UTF-8", "a\xffb", utf),
		one("an overlong slash", "a\xc0\xafb", utf),
		one("half a surrogate", "a\xed\xa0\x80b", utf),
		one("git's folder, shouted", ".GIT/config", git),
		one("git's folder in mixed case", "sub/.gIt/hooks/post-checkout", git),
		one("git's folder with a dot", ".git./config", git),
		one("git's folder with spaces", ".git  /config", git),
		one("git's folder with dots and spaces", ".git . ./config", git),
		one("git's short name", "git~1/config", git),
		one("git's short name, shouted", "sub/GIT~1/config", git),
		one("git's other short name", "git~12/config", git),
		one("git's folder as a stream", ".git::$INDEX_ALLOCATION/config", git),
		one("a stream of git's folder", ".git:x/config", git),
		one("git's folder with a joiner", ".g\u200dit/config", git),
		one("git's folder with a direction", ".gi\u202et/config", git),
		one("git's folder with a byte order mark", "\ufeff.git/config", git),
		one("git's file, shouted", "sub/.Git", git),
		one("a long path", strings.Repeat("x", 200)+strings.Repeat("/"+strings.Repeat("y", 200), 5), "the limit is 1024"),
		one("a deep path", strings.Repeat("d/", 32)+"f", "the limit is 32"),
		{"other case", []string{"a/readme", "a/README"}, folded},
		{"other case of a folder", []string{"Dir/a", "dir/b"}, folded},
		{"other case of a folder above", []string{"Dir/x/a", "dir/x/b"}, folded},
		{"a folder and a file in other case", []string{"Dir/a", "dir"}, ""},
		{"a sharp s", []string{"straße", "STRASSE"}, folded},
		{"a kelvin sign", []string{"k", "\u212a"}, folded},
		{"a long s", []string{"s.go", "ſ.go"}, folded},
		{"composed otherwise", []string{"caf\u00e9", "cafe\u0301"}, folded},
		{"a folder composed otherwise", []string{"caf\u00e9/a", "cafe\u0301/b"}, folded},
		{"a ligature", []string{"file.go", "\ufb01le.go"}, folded},
		{"final sigma", []string{"σ", "ς"}, folded},
		{"a file that is a folder", []string{"a", "a/b"}, both},
	}
}
