package cache_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/cache"
)

// TestListing pins the format: digests are kept on disks and shown to people, so it must never change by accident.
func TestListing(t *testing.T) {
	tree := fstest.MapFS{
		"a/b":          {Data: []byte("hello"), Mode: 0o644},
		"a.b":          {Data: []byte("hello"), Mode: 0o755},
		"a":            {Mode: fs.ModeDir | 0o755},
		"empty folder": {Mode: fs.ModeDir | 0o755},
		"é\n\"\\":      {Mode: 0o010},
	}
	want := strings.Join([]string{
		`scriptd tree 1`,
		`100755 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 5 "a.b"`,
		`100644 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 5 "a/b"`,
		`100755 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 "\u00e9\n\"\\"`,
		``,
	}, "\n")
	got, err := cache.Listing(tree)
	if err != nil || string(got) != want {
		t.Errorf("got listing\n%s\nand error %v, want\n%s", got, err, want)
	}
	const digest = "sha256:455f58379e5c1c0ae2ec5b7ed1683a39b6125fca1d3f6d6b020c0cce1d682948"
	if got := cache.DigestOf(got); got != digest {
		t.Errorf("got digest %s, want %s", got, digest)
	}
}

func TestListingRefusesIrregularFiles(t *testing.T) {
	_, err := cache.Listing(fstest.MapFS{"a/link": {Mode: fs.ModeSymlink}})
	if got, want := fmt.Sprint(err), "list tree: a/link: not a regular file"; got != want {
		t.Errorf("got error %s, want %s", got, want)
	}
}

func ExampleListing() {
	listing, err := cache.Listing(fstest.MapFS{"netcheck/main.go": {Data: []byte("hello"), Mode: 0o644}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(listing))
	fmt.Println(cache.DigestOf(listing))
	// Output:
	// scriptd tree 1
	// 100644 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 5 "netcheck/main.go"
	// sha256:cae6ca8e38ceefcf4fe6c3874ccc74cc6bd307b8a7fe0051f527a8a322905a84
}
