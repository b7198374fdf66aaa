package git_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

func BenchmarkSource(b *testing.B) {
	for _, n := range []int{10, 2000} {
		dir := b.TempDir()
		repo, err := gitserver.Init(b.Context(), dir, "plugins.git")
		if err != nil {
			b.Fatal(err)
		}
		content := map[string]string{}
		for i := range n {
			content[fmt.Sprintf("dir%d/file%d.go", i%50, i)] = strings.Repeat(fmt.Sprintln("line", i), 200)
		}
		if _, err := repo.Push(b.Context(), content, "Files"); err != nil {
			b.Fatal(err)
		}
		srv, err := gitserver.Start(dir, gitserver.Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer srv.Close()
		for kind, url := range map[string]string{"http": srv.URL("plugins.git"), "local": repo.Dir} {
			src, err := git.New(git.Options{URL: url})
			if err != nil {
				b.Fatal(err)
			}
			var rev sources.Revision
			b.Run(fmt.Sprintf("resolve/%s/files=%d", kind, n), func(b *testing.B) {
				for b.Loop() {
					if rev, err = src.Resolve(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(fmt.Sprintf("fetch/%s/files=%d", kind, n), func(b *testing.B) {
				for b.Loop() {
					if err := src.Fetch(b.Context(), rev, sources.NewTree(sources.Selection{}, sources.Limits{})); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
