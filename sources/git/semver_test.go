package git_test

import (
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

func TestVersionRanges(t *testing.T) {
	dir, repo := newRepo(t)
	commits := map[string]string{}
	for _, tag := range []string{
		"v0.9.0", "v1.0.0", "v1.2.0", "v1.2.9", "v1.2.10", "v1.10.0", "1.9.0", "v1.11.0-rc.1", "v2.0.0", "v2.0", "v3", "nightly", "release-4.0.0",
	} {
		commits[tag] = push(t, repo, gitserver.Change{Message: tag, Files: files("a", tag)})
		run(t, repo, "tag", tag)
	}
	commits["v1.5.0"] = push(t, repo, gitserver.Change{Message: "v1.5.0", Files: files("a", "x")})
	run(t, repo, "tag", "-a", "-m", "x", "v1.5.0")
	commits["branch"] = push(t, repo, gitserver.Change{Branch: "v2.x", Files: files("a", "b")})
	_, overSSH := serveSSH(t, dir)
	for over, opts := range map[string]git.Options{
		"http": {URL: serve(t, dir, gitserver.Options{}).URL("plugins.git")}, "ssh": overSSH, "local": {URL: repo.Dir},
	} {
		for ref, want := range map[string]string{
			"v1.x": "v1.10.0", "1.x": "v1.10.0", "v1.2.x": "v1.2.10", "~1.2": "v1.2.10", "^1": "v1.10.0", "~1.2.0": "v1.2.10", ">=1.4 <1.9": "v1.5.0",
			">=1.4, <1.10": "1.9.0", "*": "v2.0.0", "<1 || ^1.2 <1.3": "v1.2.10", ">=1.11.0-0 <1.12": "v1.11.0-rc.1", "v2.x": "branch", "v1.2.9": "v1.2.9",
			"=1.5.0": "v1.5.0", "v0.x": "v0.9.0", "v2.0": "v2.0",
		} {
			opts.Ref = ref
			rev, err := open(t, opts).Resolve(t.Context())
			if err != nil || string(rev) != commits[want] {
				t.Errorf("%s: %q is %s, %v, want that of %s, %s", over, ref, rev, err, want, commits[want])
			}
		}
		for ref, want := range map[string]string{
			"v4.x": `ref "v4.x": no tag is a version in this range`, ">5": "no tag is a version in this range", "v1.2": `ref "v1.2": it does not exist`,
			"release-x": "it does not exist", ">=": "it does not exist",
		} {
			opts.Ref = ref
			_, err := open(t, opts).Resolve(t.Context())
			wantError(t, err, sources.NotFound, want)
		}
	}
}
