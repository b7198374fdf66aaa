package s3_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/s3"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

// random is what does not compress, and does not repeat.
func random(n int) string {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}

// A transfer that breaks off goes on where it was.
func TestTransfersGoOn(t *testing.T) {
	if server == nil {
		t.Skip(unbuilt)
	}
	gate := sourcetest.NewGate(t, strings.TrimPrefix(server.Endpoint(), "http://"))
	opts := bucket(t, "http://"+gate.Addr())
	want := random(200_000)
	put(t, opts, "large", want)
	src := open(t, opts)
	rev := resolve(t, src)
	restore := gate.Cut(80_000)
	files := fetch(t, src, rev)
	restore()
	holds(t, files, "large", want)

	src = open(t, opts)
	rev = resolve(t, src)
	defer gate.Cut(20_000)()
	err := src.Fetch(t.Context(), rev, sources.NewTree(sources.Selection{}, sources.Limits{}))
	fails(t, err, sources.Transient, `get "large"`)
}

// What a fetch that failed has got is not asked for again.
func TestFetchesGoOn(t *testing.T) {
	const n = 20
	var list page
	for i := range n {
		list.Contents = append(list.Contents, content{Key: fmt.Sprintf("file%02d", i), ETag: fmt.Sprint(i), Size: 1})
	}
	var asked, broken atomic.Int32
	broken.Store(1)
	src := fake(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, list) }, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if broken.Load() == 1 && strings.HasSuffix(r.URL.Path, "19") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fmt.Fprint(w, "x")
	})
	rev := resolve(t, src)
	err := src.Fetch(t.Context(), rev, sources.NewTree(sources.Selection{}, sources.Limits{}))
	fails(t, err, sources.Denied, `get "file19"`)
	first := asked.Swap(0)
	broken.Store(0)
	holds(t, fetch(t, src, rev), "file19", "x")
	if second := asked.Swap(0); second > n-first+8 || second == 0 {
		t.Errorf("%d objects were asked for before it broke, and %d after", first, second)
	}
	fetch(t, src, rev)
	if again := asked.Load(); again != 0 {
		t.Errorf("%d objects were asked for again", again)
	}
}

func TestServersThatDoNotGoOn(t *testing.T) {
	for name, again := range map[string]http.HandlerFunc{
		"it begins anew": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "0123456789") },
		"another part": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 7-9/10")
			w.WriteHeader(http.StatusPartialContent)
			fmt.Fprint(w, "789")
		},
	} {
		t.Run(name, func(t *testing.T) {
			src := fake(t, func(w http.ResponseWriter, _ *http.Request) {
				answer(w, page{Contents: []content{{Key: "a", ETag: "x", Size: 10}}})
			}, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Range") != "" {
					again(w, r)
					return
				}
				w.Header().Set("Content-Length", "10")
				fmt.Fprint(w, "01234") // the server ends the connection, as it promised more
			})
			err := src.Fetch(t.Context(), resolve(t, src), sources.NewTree(sources.Selection{}, sources.Limits{}))
			fails(t, err, sources.Transient, "the server does not go on with it")
		})
	}
}

func TestManifests(t *testing.T) {
	opts := bucket(t, serverEndpoint())
	put(t, opts, "a.go", "a")
	put(t, opts, "dir/b.go", "b")
	required := opts
	required.Manifest = s3.ManifestRequired
	src := open(t, required)
	_, err := src.Resolve(t.Context())
	fails(t, err, sources.NotFound, "prefix team/: manifest: there is none: write it with scriptd sources manifest")

	if _, err := open(t, opts).WriteManifest(t.Context()); err != nil {
		t.Fatal(err)
	}
	rev := resolve(t, src)
	if auto := resolve(t, open(t, opts)); auto != rev {
		t.Errorf("revision %s, and %s where a manifest is required", auto, rev)
	}
	files := fetch(t, src, rev)
	holds(t, files, "dir/b.go", "b")
	if _, err := files.Open(sources.ManifestName); err == nil {
		t.Error("the manifest is one of the files")
	}

	// What the manifest does not have is not there yet; what it has is as it says, or refused.
	put(t, opts, "c.go", "c")
	if again := resolve(t, src); again != rev {
		t.Errorf("revision %s, was %s", again, rev)
	}
	put(t, opts, "dir/b.go", "B")
	err = open(t, required).Fetch(t.Context(), rev, sources.NewTree(sources.Selection{}, sources.Limits{}))
	fails(t, err, sources.Transient, `get "dir/b.go": it is not what the manifest lists`)
	holds(t, fetch(t, src, rev), "dir/b.go", "b") // it was got before

	if _, err := open(t, opts).WriteManifest(t.Context()); err != nil {
		t.Fatal(err)
	}
	holds(t, fetch(t, src, resolve(t, src)), "dir/b.go", "B")
	holds(t, fetch(t, src, resolve(t, src)), "c.go", "c")

	// Without it, there is the listing again.
	auto := open(t, opts)
	before := resolve(t, auto)
	if err := server.Delete(t.Context(), opts.Bucket, "team/"+sources.ManifestName); err != nil {
		t.Fatal(err)
	}
	if after := resolve(t, auto); after == before {
		t.Errorf("the revision is still %s", after)
	}
	_, err = src.Resolve(t.Context())
	fails(t, err, sources.NotFound, "there is none")

	put(t, opts, sources.ManifestName, `{"version":2}`)
	_, err = src.Resolve(t.Context())
	fails(t, err, sources.Refused, "it has version 2, want 1")
}
