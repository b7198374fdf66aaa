package git

import "testing"

func TestParseRemote(t *testing.T) {
	tests := []struct {
		raw  string
		want remote
	}{
		{"https://host/team/x.git", remote{kind: overHTTP, url: "https://host/team/x.git"}},
		{"https://host:8443/x/", remote{kind: overHTTP, url: "https://host:8443/x"}},
		{"https://me:pw@host/x", remote{kind: overHTTP, url: "https://host/x", user: "me", password: "pw"}},
		{"https://me:p%40w@host/x", remote{kind: overHTTP, url: "https://host/x", user: "me", password: "p@w"}},
		{"ssh://git@host/x.git", remote{kind: overSSH, host: "host:22", path: "/x.git", user: "git"}},
		{"ssh://host:2222/~me/x", remote{kind: overSSH, host: "host:2222", path: "/~me/x"}},
		{"ssh://[::1]:2222/x", remote{kind: overSSH, host: "[::1]:2222", path: "/x"}},
		{"ssh://[::1]/x", remote{kind: overSSH, host: "[::1]:22", path: "/x"}},
		{"git+ssh://host/x", remote{kind: overSSH, host: "host:22", path: "/x"}},
		{"git@host:team/x.git", remote{kind: overSSH, host: "host:22", path: "team/x.git", user: "git"}},
		{"host:/srv/x.git", remote{kind: overSSH, host: "host:22", path: "/srv/x.git"}},
		{"file:///srv/x.git", remote{kind: local, path: "/srv/x.git"}},
		{"/srv/x.git", remote{kind: local, path: "/srv/x.git"}},
		{"/srv/a:b", remote{kind: local, path: "/srv/a:b"}},
	}
	for _, tt := range tests {
		got, err := parseRemote(tt.raw)
		got.display = ""
		if err != nil || got != tt.want {
			t.Errorf("parseRemote(%q) = %+v, %v, want %+v", tt.raw, got, err, tt.want)
		}
	}
}

func TestEditDistance(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"main", "main", 0},
		{"mian", "main", 2},
		{"master", "main", 4},
		{"kitten", "sitting", 3},
	}
	for _, tt := range tests {
		if got := editDistance(tt.a, tt.b); got != tt.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := editDistance(tt.b, tt.a); got != tt.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
}
