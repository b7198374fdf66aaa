package config

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"name", "filesystem", "git", "s3", "dir", "interval", "file_bytes", "path_bytes", "secret_access_key"}
	for word, want := range map[string]string{
		"nam":               "name",
		"naem":              "name",
		"Name":              "name",
		"gti":               "git",
		"intreval":          "interval",
		"interval_":         "interval",
		"file-bytes":        "file_bytes",
		"fileBytes":         "file_bytes",
		"secretAccessKey":   "secret_access_key",
		"filesytem":         "filesystem",
		"svn":               "",
		"hg":                "",
		"path":              "",
		"":                  "",
		"ünïcödé":           "",
		"x":                 "",
		"something_else_at": "",
	} {
		if got := nearest(word, names); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"abc", "abc", 0},
		{"abc", "abd", 1},
		{"abc", "acb", 1},
		{"abc", "ab", 1},
		{"abcd", "badc", 2},
		{"kitten", "sitting", 3},
	} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("%q to %q: got %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
