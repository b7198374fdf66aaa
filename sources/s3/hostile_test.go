package s3_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

func TestHostileKeys(t *testing.T) {
	for _, h := range sourcetest.HostilePaths() {
		t.Run(h.Name, func(t *testing.T) {
			if strings.ContainsFunc(strings.Join(h.Paths, ""), func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' }) ||
				!utf8.ValidString(strings.Join(h.Paths, "")) {
				t.Skip("XML has no such characters")
			}
			src := fake(t, keys(h.Paths...), text("x"))
			rev, err := src.Resolve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tree := sources.NewTree(sources.Selection{}, sources.Limits{})
			if err = src.Fetch(t.Context(), rev, tree); err == nil {
				_, err = tree.Seal()
			}
			fails(t, err, sources.Refused, h.Want)
		})
	}
}

// The same paths in a manifest, which JSON has more characters for.
func TestHostileManifests(t *testing.T) {
	const sum = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" // of x
	for _, h := range sourcetest.HostilePaths() {
		t.Run(h.Name, func(t *testing.T) {
			var files []string
			for _, p := range h.Paths {
				if !utf8.ValidString(p) {
					t.Skip("JSON has no such characters")
				}
				files = append(files, fmt.Sprintf(`{"path":%s,"size":1,"sha256":%q}`, quoteJSON(t, p), sum))
			}
			manifest := `{"version":1,"files":[` + strings.Join(files, ",") + `]}`
			src := fake(t, keys(sources.ManifestName), func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, sources.ManifestName) {
					fmt.Fprint(w, manifest)
					return
				}
				fmt.Fprint(w, "x")
			})
			rev, err := src.Resolve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tree := sources.NewTree(sources.Selection{}, sources.Limits{})
			if err = src.Fetch(t.Context(), rev, tree); err == nil {
				_, err = tree.Seal()
			}
			fails(t, err, sources.Refused, h.Want)
		})
	}
}

func quoteJSON(t *testing.T, s string) string {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
