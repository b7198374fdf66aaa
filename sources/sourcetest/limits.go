package sourcetest

import (
	"fmt"
	"strings"

	"github.com/scriptd/scriptd/sources"
)

func limitCases() []testCase {
	refused := func(limits sources.Limits, files Files, words ...string) func(*trial) {
		return func(t *trial) {
			t.Write(Text("small", "x"))
			t.Write(files)
			src := t.Open()
			tree := sources.NewTree(sources.Selection{}, limits)
			err := src.Fetch(t.Context(), t.resolve(src), tree)
			if err == nil {
				_, err = tree.Seal()
			}
			t.fails(err, kinds(sources.Refused), words...)
		}
	}
	many := Files{}
	for i := range 20 {
		many[fmt.Sprint("file", i)] = File{Content: "twelve bytes"}
	}
	links := func(h Harness) bool { return h.Links }
	return []testCase{
		{name: "a large file is refused by name", run: refused(sources.Limits{FileBytes: 1000},
			Text("dir/large", strings.Repeat("x", 1001)), `"dir/large"`, "1000 bytes")},
		{name: "a large tree is refused", run: refused(sources.Limits{Bytes: 200}, many, "more than 200 bytes")},
		{name: "many files are refused", run: refused(sources.Limits{Files: 15}, many, "more than 15 files")},
		{name: "a deep path is refused", run: refused(sources.Limits{Depth: 3}, Text("a/b/c/d", "x"), `"a/b/c/d"`, "4 elements")},
		{name: "a long path is refused", run: refused(sources.Limits{PathBytes: 10}, Text("dir/longname", "x"), `"dir/longname"`, "12 bytes")},
		{name: "names that differ in case are refused", run: refused(sources.Limits{}, Text("dir/readme", "x", "dir/README", "y"), "only in case")},
		{name: "a link out of the tree is refused", run: refused(sources.Limits{},
			Files{"link": {Link: "../outside"}}, `"link"`, "outside the tree"), needs: links},
		{name: "a link to an absolute path is refused", run: refused(sources.Limits{},
			Files{"link": {Link: "/etc/passwd"}}, `"link"`, "outside the tree"), needs: links},
		{name: "what is outside the selected folder counts for nothing", run: func(t *trial) {
			t.Write(many)
			t.Write(Text("dir/a", "a", "large", strings.Repeat("x", 5000), "a/b/c/d/e", "deep"))
			src := t.Open()
			tree := sources.NewTree(sources.Selection{Dir: "dir"},
				sources.Limits{Files: 1, Bytes: 1, FileBytes: 1, PathBytes: 1, Depth: 1})
			if err := src.Fetch(t.Context(), t.resolve(src), tree); err != nil {
				t.Fatal(err)
			}
			t.check(t.seal(tree), Text("a", "a"))
		}},
	}
}
