package s3_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/s3"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

// A fake server is for what a real one cannot be made to do. It answers listings with list, and anything else with get.
func fake(t *testing.T, list, get http.HandlerFunc) *s3.Source {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("list-type") != "" {
			w.Header().Set("Content-Type", "application/xml")
			list(w, r)
			return
		}
		get(w, r)
	}))
	t.Cleanup(srv.Close)
	return open(t, s3.Options{
		Bucket: "b", Endpoint: srv.URL, Region: "us-east-1", PathStyle: true,
		AccessKeyID: sources.Literal("id"), SecretAccessKey: sources.Literal("secret"),
	})
}

type page struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Name                  string
	IsTruncated           bool
	NextContinuationToken string
	Contents              []content
}

type content struct {
	Key, ETag string
	Size      int
}

func answer(w http.ResponseWriter, p page) {
	p.Name = "b"
	_ = xml.NewEncoder(w).Encode(p) // the client may be gone
}

// keys lists objects of one byte.
func keys(names ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		var p page
		for _, name := range names {
			p.Contents = append(p.Contents, content{Key: name, ETag: `"x"`, Size: 1})
		}
		answer(w, p)
	}
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

func fails(t *testing.T, err error, kind sources.Kind, words ...string) {
	t.Helper()
	sourcetest.WantError(t, err, kind, words...)
	if err != nil && len(err.Error()) > 500 {
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
}

func TestKeysThatAreNoPaths(t *testing.T) {
	for key, want := range map[string]string{
		"../x":          `an element ".."`,
		"a/../../x":     `an element ".."`,
		"/etc/passwd":   "the path is absolute",
		"a//b":          "an empty element",
		"./a":           `an element "."`,
		`a\b`:           "a backslash",
		"a\tb":          "a control character",
		".GIT/config":   "take for .git",
		"plugins/git~1": "take for .git",
	} {
		src := fake(t, keys("good.go", key), text("x"))
		rev, err := src.Resolve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = src.Fetch(t.Context(), rev, sources.NewTree(sources.Selection{}, sources.Limits{}))
		fails(t, err, sources.Refused, "s3 bucket b: get", want)
	}
}

func TestKeysThatAreThereTwice(t *testing.T) {
	for _, names := range [][]string{{"a", "a"}, {"a", "a/b"}, {"a", "A"}} {
		src := fake(t, keys(names...), text("x"))
		rev, err := src.Resolve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = src.Fetch(t.Context(), rev, sources.NewTree(sources.Selection{}, sources.Limits{}))
		fails(t, err, sources.Refused)
	}
}

func TestListingsThatDoNotEnd(t *testing.T) {
	tests := map[string]func(n int32) page{
		"the same page": func(int32) page {
			return page{NextContinuationToken: "again", Contents: []content{{Key: "a", ETag: "x", Size: 1}}}
		},
		"no objects": func(n int32) page { return page{NextContinuationToken: fmt.Sprint(n)} },
		"folders": func(n int32) page {
			return page{NextContinuationToken: fmt.Sprint(n), Contents: []content{{Key: "a/"}}}
		},
		"ever more": func(n int32) page {
			p := page{NextContinuationToken: fmt.Sprint(n)}
			for i := range 1000 {
				p.Contents = append(p.Contents, content{Key: fmt.Sprint(n, "/", i), ETag: "x"})
			}
			return p
		},
	}
	for name, next := range tests {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int32
			src := fake(t, func(w http.ResponseWriter, _ *http.Request) {
				p := next(n.Add(1))
				p.IsTruncated = true
				answer(w, p)
			}, text(""))
			_, err := src.Resolve(t.Context())
			fails(t, err, sources.Refused, "s3 bucket b: there are more than 100000 objects, or the listing does not end")
		})
	}
}

func TestBodiesThatAreNotAsListed(t *testing.T) {
	for body, want := range map[string]string{
		"":    "it has 0 bytes, and was listed with 1",
		"two": "it has 3 bytes, and was listed with 1",
	} {
		src := fake(t, keys("a.go"), text(body))
		rev, err := src.Resolve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = src.Fetch(t.Context(), rev, sources.NewTree(sources.Selection{}, sources.Limits{}))
		fails(t, err, sources.Transient, `get "a.go": `+want)
	}
}

// An endless body is read to the size that was listed, and to the limit of the tree, and no further.
func TestEndlessBody(t *testing.T) {
	endless := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	}
	src := fake(t, keys("a.go"), endless)
	err := src.Fetch(t.Context(), resolve(t, src), sources.NewTree(sources.Selection{}, sources.Limits{}))
	fails(t, err, sources.Transient, `"a.go": it has`, "and was listed with 1")
	src = fake(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, page{Contents: []content{{Key: "a.go", ETag: "x", Size: 1 << 40}}})
	}, endless)
	err = src.Fetch(t.Context(), resolve(t, src), sources.NewTree(sources.Selection{}, sources.Limits{FileBytes: 1 << 20}))
	fails(t, err, sources.Refused, `"a.go": it has more than 1048576 bytes`)
}

func TestAnswers(t *testing.T) {
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}
	}
	code := func(name string) string { return "<Error><Code>" + name + "</Code><Message>Because.</Message></Error>" }
	tests := []struct {
		name   string
		answer http.HandlerFunc
		kind   sources.Kind
		want   string
	}{
		{"busy", status(503, code("SlowDown")), sources.Transient, "SlowDown: Because."},
		{"broken", status(500, ""), sources.Transient, "Internal Server Error"},
		{"a proxy's page", status(502, "<html>Bad gateway"), sources.Transient, "502"},
		{"a web page", status(200, "<html>Welcome</html>"), sources.NotFound, "what answers there is no S3 server"},
		{"forbidden", status(403, ""), sources.Denied, "the server refuses the credentials"},
		{"forbidden, with a code", status(403, code("AccessDenied")), sources.Denied, "the server refuses the credentials (AccessDenied)"},
		{"expired", status(400, code("ExpiredToken")), sources.Denied, "(ExpiredToken)"},
		{"no bucket", status(404, code("NoSuchBucket")), sources.NotFound, "there is no such bucket"},
		{"another region", status(301, code("PermanentRedirect")), sources.Misconfigured, "the bucket is in another region"},
		{"a bad name", status(400, code("InvalidBucketName")), sources.Misconfigured, "the name of a bucket"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := fake(t, tt.answer, text("")).Resolve(t.Context())
			fails(t, err, tt.kind, tt.want)
		})
	}
}

// Connections are kept for the requests of a fetch, not for longer.
func TestConnectionsEnd(t *testing.T) {
	src := fake(t, keys("a.go", "b.go"), text("x"))
	before := runtime.NumGoroutine()
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Fetch(t.Context(), rev, sources.NewTree(sources.Selection{}, sources.Limits{})); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for runtime.NumGoroutine() > before {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d goroutines, there were %d", runtime.NumGoroutine(), before)
		}
	}
}
