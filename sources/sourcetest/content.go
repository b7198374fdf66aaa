package sourcetest

import (
	"fmt"
	"maps"
	"strings"
)

func contentCases() []testCase {
	same := func(files Files) func(*trial) {
		return func(t *trial) {
			t.Write(files)
			src := t.Open()
			t.check(t.fetch(src, t.resolve(src), ""), files)
		}
	}
	links := func(h Harness) bool { return h.Links }
	return []testCase{
		{name: "names that are not plain", run: same(Text(
			"naïve/日本語.go", "1", "with space/and + plus.txt", "2", "percent%20.txt", "3", "hash#tag?.txt", "4",
			"semi;colon&amp.txt", "5", "'quotes\"<>|*.txt", "6", "-dash", "7", "~tilde", "8", "..dots", "9",
			"[brackets]{braces}.txt", "10", "emoji-😀.txt", "11", strings.Repeat("long", 60), "12",
		))},
		{name: "dot files", run: same(Text(
			".hidden", "1", ".github/workflows/ci.yml", "2", ".gitignore", "*", ".gitattributes", "* text=auto\n", "dir/.gitignore", "4",
		))},
		{name: "empty files", run: same(Text("empty", "", "dir/empty", "", "full", "x"))},
		{name: "bytes as they are", run: same(Text(
			"crlf.txt", "one\r\ntwo\r\n", "no-newline", "x", "bom.txt", "\ufeffx", "binary", "\x00\xff\xfe\n\r\x1a", "nul", "\x00",
		))},
		{name: "a file of a megabyte and a half", run: same(Text("large", strings.Repeat("0123456789abcdef", 3<<15)))},
		{name: "many files", run: func(t *trial) {
			files := Files{}
			for i := range 300 {
				files[fmt.Sprintf("dir%d/sub%d/file%d.go", i%7, i%3, i)] = File{Content: fmt.Sprint("content ", i)}
			}
			same(files)(t)
		}},
		{name: "a deep folder", run: same(Text(strings.Repeat("d/", 31)+"f", "deep"))},
		{name: "files of version control are left out", run: func(t *trial) {
			t.Write(Text("a.go", "a", "sub/.hg/store", "x", ".svn/wc.db", "x"))
			src := t.Open()
			t.check(t.fetch(src, t.resolve(src), ""), Text("a.go", "a"))
		}},
		{name: "execute bits", run: same(Files{
			"run.sh": {Content: "#!/bin/sh\n", Exec: true}, "dir/run": {Content: "x", Exec: true}, "plain": {Content: "y"},
		}), needs: func(h Harness) bool { return h.Modes }},
		{name: "links to files are copies", run: func(t *trial) {
			files := Files{"dir/run.sh": {Content: "#!", Exec: t.Modes}, "a.go": {Content: "a"}}
			t.Write(files)
			t.Write(Files{
				"link":      {Link: "a.go"},
				"dir/up":    {Link: "../a.go"},
				"exec":      {Link: "dir/run.sh"},
				"chain":     {Link: "link"},
				"tofolder":  {Link: "dir"},
				"dangling":  {Link: "nowhere"},
				"circle":    {Link: "circle"},
				"thrufoldr": {Link: "tofolder/run.sh"},
			})
			want := maps.Clone(files)
			want["link"], want["dir/up"], want["chain"] = files["a.go"], files["a.go"], files["a.go"]
			want["exec"], want["thrufoldr"] = files["dir/run.sh"], files["dir/run.sh"]
			src := t.Open()
			t.check(t.fetch(src, t.resolve(src), ""), want)
		}, needs: links},
		{name: "a link to a folder in a hidden one is a copy", run: func(t *trial) {
			files := Text("..v1/a.go", "a", "..v1/pkg/b.go", "b")
			t.Write(files)
			t.Write(Files{"..data": {Link: "..v1"}, "a.go": {Link: "..data/a.go"}, "pkg": {Link: "..data/pkg"}})
			want := maps.Clone(files)
			want["a.go"], want["pkg/b.go"] = files["..v1/a.go"], files["..v1/pkg/b.go"]
			src := t.Open()
			t.check(t.fetch(src, t.resolve(src), ""), want)
		}, needs: links},
	}
}
