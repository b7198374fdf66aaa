package git_test

import (
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
)

func TestOptionsThatDoNotHold(t *testing.T) {
	secret := sources.Literal(password)
	tests := []struct {
		name string
		opts git.Options
		want string
	}{
		{"no url", git.Options{}, "it has no url"},
		{"not a url", git.Options{URL: "https://me:" + password + "@host:port/x"}, "git repository https://host:port/x: it is not a valid URL"},
		{"an unknown scheme", git.Options{URL: "ftp://me:" + password + "@host/x"}, "git repository ftp://host/x: the scheme ftp is not supported: use https, ssh or file"},
		{"git's own scheme", git.Options{URL: "git://host/x"}, "the scheme git is not supported"},
		{"plain http", git.Options{URL: "http://me:" + password + "@git.example.com/x"}, "address http://git.example.com/x: it is not encrypted: use https, or set insecure: true"},
		{"no host", git.Options{URL: "https:///x"}, "it needs a host and a path"},
		{"no path", git.Options{URL: "https://host/"}, "it needs a host and a path"},
		{"no path of ssh", git.Options{URL: "git@host:"}, "it needs a host and a path"},
		{"token and password", git.Options{URL: "https://host/x", Token: secret, Password: secret}, "it has both a token and a password"},
		{"a token for ssh", git.Options{URL: "git@host:x", Token: secret}, "a token is for https"},
		{"a key for https", git.Options{URL: "https://host/x", SSHKey: secret}, "an ssh key is for ssh"},
		{"a password for a folder", git.Options{URL: "/x", Password: secret}, "a password is for https and ssh"},
		{"a passphrase alone", git.Options{URL: "git@host:x", SSHKeyPassphrase: secret}, "it has a passphrase and no ssh key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := git.New(tt.opts)
			wantError(t, err, sources.Misconfigured, tt.want)
		})
	}
}

func TestOptionsThatHold(t *testing.T) {
	for _, opts := range []git.Options{
		{URL: "https://host/team/x.git"},
		{URL: "http://git.example.com/x", Insecure: true},
		{URL: "http://127.0.0.1:3000/x"},
		{URL: "git@host:team/x.git"},
		{URL: "host:x"},
		{URL: "ssh://host:2222/x"},
		{URL: "./x:y"},
		{URL: "relative/path"},
	} {
		if _, err := git.New(opts); err != nil {
			t.Errorf("%s: %v", opts.URL, err)
		}
	}
}
