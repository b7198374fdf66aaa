package sources_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

func TestCheckURL(t *testing.T) {
	tests := []struct {
		url      string
		insecure bool
		want     string // empty: allowed
	}{
		{"https://git.example.com/a.git", false, ""},
		{"ssh://git@git.example.com/a.git", false, ""},
		{"file:///srv/git/a.git", false, ""},
		{"http://git.example.com/a.git", false, "http://git.example.com/a.git: it is not encrypted: use https, or set insecure: true"},
		{"HTTP://git.example.com/a.git", false, "not encrypted"},
		{"git://git.example.com/a.git", false, "not encrypted"},
		{"http://git.example.com/a.git", true, ""},
		{"http://127.0.0.1:9000", false, ""},
		{"http://127.1.2.3:9000", false, ""},
		{"http://[::1]:9000", false, ""},
		{"http://[::ffff:127.0.0.1]:9000", false, ""},
		{"http://localhost:9000", false, ""},
		{"http://localhost.example.com", false, "not encrypted"},
		{"http://127.0.0.1.example.com", false, "not encrypted"},
		{"http://10.0.0.1", false, "not encrypted"},
		{"http://0.0.0.0", false, "not encrypted"},
		{"http://u:hunter2@git.example.com/a?token=hunter2", false, "http://git.example.com/a?token=[redacted]: it is not"},
		{"https://u:hunter2@git.example.com:port/", false, "https://git.example.com:port/: it is not a valid URL"},
		{"https://u:hunter2%zz@git.example.com/", false, "https://git.example.com/: it is not a valid URL"},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			err := sources.CheckURL(tt.url, tt.insecure)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			sourcetest.WantError(t, err, sources.Misconfigured, tt.want)
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error has the password: %v", err)
			}
		})
	}
}

func TestRedactURL(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"https://example.com/a.git", "https://example.com/a.git"},
		{"https://user:hunter2@example.com/a.git", "https://example.com/a.git"},
		{"https://hunter2@example.com", "https://example.com"},
		{"https://example.com/a?token=hunter2&x", "https://example.com/a?token=[redacted]&[redacted]"},
		{"https://example.com/a#hunter2", "https://example.com/a"},
		{"ssh://git@example.com:22/a.git", "ssh://git@example.com:22/a.git"},
		{"ssh://git:hunter2@example.com/a.git", "ssh://git@example.com/a.git"},
		{"git@example.com:team/a.git", "git@example.com:team/a.git"},
		{"/srv/git/a.git", "/srv/git/a.git"},
		{"", ""},
		// What people write, and no URL may be.
		{"https://user:hunter2/x@example.com/a", "https://[redacted]@example.com/a"},
		{"https://user:hunter2#x@example.com/a", "https://[redacted]@example.com/a"},
		{"https://user:hunter2?x@example.com/a", "https://[redacted]@example.com/a"},
		{"https://user:hunter2@x@example.com/a", "https://example.com/a"},
		{"user:hunter2@example.com:a.git", "[redacted]@example.com:a.git"},
	}
	for _, tt := range tests {
		if got := sources.RedactURL(tt.raw); got != tt.want {
			t.Errorf("RedactURL(%q) = %q, want %q", tt.raw, got, tt.want)
		}
	}
}

func FuzzRedactURL(f *testing.F) {
	f.Add("https", "user", "hunter2", "/a.git")
	f.Add("ssh", "git", "p@ss/word?#", "/a")
	f.Add("http", "", "x%zz", "")
	f.Fuzz(func(t *testing.T, scheme, user, password, path string) {
		if len(password) < 4 || strings.ContainsAny(scheme, ":/@") || strings.Contains(path, "@") {
			t.Skip()
		}
		plain := url.URL{Scheme: scheme, Host: "host", Path: path}
		if strings.Contains(scheme+"://"+user+"@host"+path+plain.String()+"[redacted]", password) {
			t.Skip()
		}
		full := plain
		full.User = url.UserPassword(user, password)
		for _, raw := range []string{scheme + "://" + user + ":" + password + "@host" + path, full.String()} {
			if got := sources.RedactURL(raw); strings.Contains(got, password) {
				t.Errorf("RedactURL(%q) = %q", raw, got)
			}
		}
	})
}
