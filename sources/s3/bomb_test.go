package s3_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest/bomb"
)

// endless writes text over and over until the other side has enough, 10 GB at most.
func endless(w io.Writer, text string) {
	chunk := strings.Repeat(text, 1+(1<<20)/len(text))
	for n := 0; n < 10<<30; n += len(chunk) {
		if _, err := io.WriteString(w, chunk); err != nil {
			return
		}
	}
}

func TestBombs(t *testing.T) {
	const head = `<?xml version="1.0"?><ListBucketResult><Name>b</Name>`
	one := func(kind sources.Kind, list, get http.HandlerFunc, words ...string) func(*testing.T) {
		return func(t *testing.T) {
			t.Helper()
			src := fake(t, list, get)
			rev, err := src.Resolve(t.Context())
			if err == nil {
				err = src.Fetch(t.Context(), rev, sources.NewTree(sources.Selection{}, sources.Limits{}))
			}
			fails(t, err, kind, words...)
		}
	}
	list := func(size int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			answer(w, page{Contents: []content{{Key: "a", ETag: "x", Size: size}, {Key: "b", ETag: "x", Size: size}}})
		}
	}
	manifest := keys(sources.ManifestName)
	bomb.Run(t, map[string]func(*testing.T){
		"a million keys": func(t *testing.T) {
			t.Helper()
			var pages atomic.Int32
			one(sources.Refused, func(w http.ResponseWriter, _ *http.Request) {
				n := pages.Add(1)
				p := page{IsTruncated: n < 1000, NextContinuationToken: fmt.Sprint(n)}
				for i := range 1000 {
					p.Contents = append(p.Contents, content{Key: fmt.Sprintf("%d/%s", n*1000+int32(i), strings.Repeat("k", 900)), ETag: "x"})
				}
				answer(w, p)
			}, text(""), "more than 100000 objects")(t)
		},
		"a million keys on a page": one(sources.Refused, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, head)
			for i := range 1_000_000 {
				if _, err := fmt.Fprintf(w, "<Contents><Key>%d</Key><Size>1</Size><ETag>x</ETag></Contents>", i); err != nil {
					return
				}
			}
			fmt.Fprint(w, "</ListBucketResult>")
		}, text("")),
		"a page without end":   one(sources.Refused, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, head); endless(w, "<Contents></Contents>") }, text("")),
		"a name without end":   one(sources.Refused, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, head+"<Prefix>"); endless(w, "x") }, text("")),
		"elements in elements": one(sources.Refused, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, head); endless(w, "<a>") }, text("")),
		"an error without end": one(sources.Denied, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			endless(w, "<Error>")
		}, text("")),
		"ten gigabytes of zeros": one(sources.Refused, list(10<<30), func(w http.ResponseWriter, _ *http.Request) { endless(w, "\x00") }, "it has more than"),
		"more than was listed":   one(sources.Transient, list(1), func(w http.ResponseWriter, _ *http.Request) { endless(w, "\x00") }, "and was listed with 1"),
		"a manifest without end": one(sources.Refused, manifest, func(w http.ResponseWriter, _ *http.Request) { endless(w, " ") }, "more than 33554432 bytes"),
		"a manifest of nothing": one(sources.Refused, manifest, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"version":1,"files":[`+strings.Repeat("{},", 10_000_000)+`{}]}`)
		}, "more than 100000 files"),
		"a manifest of lists": one(sources.Refused, manifest, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"version":1,"files":`+strings.Repeat("[", 30_000_000))
		}),
		"a manifest with a long word": one(sources.Refused, manifest, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"version":1,"files":[{"path":"`+strings.Repeat(`\u0041`, 5_000_000)+`"}]}`)
		}),
	})
}
