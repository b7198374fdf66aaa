package server_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/server"
	"github.com/scriptd/scriptd/sources/filesystem"
)

// versionSource is a package that says which version it is.
const versionSource = `package tests

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "version"}, func(context.Context) (string, error) { return "VERSION", nil })
}
`

// versioned is a server whose one package, local/tests, the test changes.
type versioned struct {
	*httptest.Server
	dir string
}

func newVersioned(t *testing.T) *versioned {
	t.Helper()
	v := &versioned{dir: t.TempDir()}
	v.write(t, "tests/tests.go", strings.Replace(versionSource, "VERSION", "1", 1))
	src, err := filesystem.New(filesystem.Options{Path: v.dir})
	if err != nil {
		t.Fatal(err)
	}
	eng, err := engine.New(t.Context(), engine.Options{Sources: []engine.Source{{Name: "local", From: src}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { eng.Close() })
	v.Server = httptest.NewServer(server.New(eng, nil))
	t.Cleanup(v.Close)
	return v
}

func (v *versioned) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(v.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// edit changes the package, and has the engine take it up.
func (v *versioned) edit(t *testing.T, text string) {
	t.Helper()
	v.write(t, "tests/tests.go", text)
	if got := send(t, "POST", v.URL+"/v1/sources/local/sync", "", nil); got.status != http.StatusOK {
		t.Fatalf("status %d: %s", got.status, got.body)
	}
}

func (v *versioned) wantServing(t *testing.T, version string) {
	t.Helper()
	got := send(t, "POST", v.URL+"/v1/plugins/version/run", "", nil)
	if want := `"data":"` + version + `"`; !strings.Contains(string(got.body), want) {
		t.Errorf("status %d, %s; want %s", got.status, got.body, want)
	}
}

func (v *versioned) history(t *testing.T) []engine.Version {
	t.Helper()
	got := send(t, "GET", v.URL+"/v1/history/local/tests", "", nil)
	if got.status != http.StatusOK {
		t.Fatalf("status %d: %s", got.status, got.body)
	}
	var versions []engine.Version
	got.decode(t, &versions)
	return versions
}

// post asks for a change of the package, and returns the version in the answer.
func (v *versioned) post(t *testing.T, verb, body string) engine.Version {
	t.Helper()
	got := send(t, "POST", v.URL+"/v1/"+verb+"/local/tests", body, nil)
	if got.status != http.StatusOK {
		t.Fatalf("%s: status %d: %s", verb, got.status, got.body)
	}
	var version engine.Version
	got.decode(t, &version)
	return version
}

func (v *versioned) status(t *testing.T) engine.PackageStatus {
	t.Helper()
	got := send(t, "GET", v.URL+"/v1/packages", "", nil)
	var list []engine.PackageStatus
	got.decode(t, &list)
	if got.status != http.StatusOK || len(list) != 1 || list[0].Package != "local/tests" {
		t.Fatalf("status %d: %s", got.status, got.body)
	}
	return list[0]
}

func TestVersions(t *testing.T) {
	v := newVersioned(t)
	v.edit(t, strings.Replace(versionSource, "VERSION", "2", 1))
	v.wantServing(t, "2")
	list := v.history(t)
	if len(list) != 2 || list[0].State != cache.Live || list[1].State != cache.Retired || list[0].Digest == list[1].Digest {
		t.Fatalf("history %+v, want one that is live and one before it", list)
	}
	first, second := list[1].Digest, list[0].Digest

	if got := v.post(t, "rollback", ""); got.Digest != first || got.State != cache.Live {
		t.Errorf("rollback: %+v, want %s", got, first)
	}
	v.wantServing(t, "1")
	if got := v.status(t); !got.Pinned || got.Digest != string(first) || got.State != cache.Live {
		t.Errorf("package %+v, want it pinned to %s", got, first)
	}
	// It stays, whatever the source brings.
	v.edit(t, strings.Replace(versionSource, "VERSION", "3", 1))
	v.wantServing(t, "1")
	if got := v.post(t, "unpin", ""); got.State != cache.Live {
		t.Errorf("unpin: %+v", got)
	}
	v.wantServing(t, "3")
	if got := v.post(t, "rollback", `{"digest": "`+string(second)+`"}`); got.Digest != second {
		t.Errorf("rollback: %+v, want %s", got, second)
	}
	v.wantServing(t, "2")
	v.post(t, "unpin", "")
	v.wantServing(t, "3")
	if got := v.post(t, "pin", ""); got.State != cache.Live || got.Digest != v.history(t)[0].Digest {
		t.Errorf("pin: %+v", got)
	}
	if !v.status(t).Pinned {
		t.Error("it is not pinned")
	}
	if got := v.post(t, "reload", ""); got.State != cache.Live {
		t.Errorf("reload: %+v", got)
	}
	v.wantServing(t, "3")
}

func TestVersionProblems(t *testing.T) {
	v := newVersioned(t)
	tests := []struct {
		name, method, path, body string
		status                   int
		detail                   string
	}{
		{"history of nothing", "GET", "/v1/history/local/nothing", "", 404, "no such package"},
		{"history of a source that is not", "GET", "/v1/history/nothing/tests", "", 404, "no such package"},
		{"rollback of nothing", "POST", "/v1/rollback/local/nothing", "", 404, "no such package"},
		{"pin of nothing", "POST", "/v1/pin/local/nothing", "", 404, "no such package"},
		{"unpin of nothing", "POST", "/v1/unpin/local/nothing", "", 404, "no such package"},
		{"reload of nothing", "POST", "/v1/reload/local/nothing", "", 404, "no such package"},
		{"rollback of the first version", "POST", "/v1/rollback/local/tests", "", 409, "no such version"},
		{"rollback to no version", "POST", "/v1/rollback/local/tests", `{"digest": "sha256:00"}`, 409, "no such version"},
		{"rollback to something else", "POST", "/v1/rollback/local/tests", `{"revision": "main"}`, 400, `"revision" means nothing here`},
		{"rollback to a number", "POST", "/v1/rollback/local/tests", `{"digest": 5}`, 400, "digest: want a string"},
		{"rollback to no JSON", "POST", "/v1/rollback/local/tests", `5`, 400, "JSON object"},
		{"rollback that only asks", "GET", "/v1/rollback/local/tests", "", 405, "takes POST"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantProblem(t, send(t, tt.method, v.URL+tt.path, tt.body, nil), tt.status, tt.detail)
		})
	}
}

// A version that does not load is refused with its problems, and what served before serves on.
func TestVersionThatDoesNotLoad(t *testing.T) {
	v := newVersioned(t)
	v.post(t, "pin", "")
	v.edit(t, strings.Replace(versionSource, `"VERSION", nil`, "version, nil", 1))
	got := send(t, "POST", v.URL+"/v1/unpin/local/tests", "", nil)
	const place = "tests/tests.go:10:"
	wantProblem(t, got, http.StatusUnprocessableEntity, place)
	var p struct{ Problems runtime.Problems }
	got.decode(t, &p)
	if len(p.Problems) != 1 || p.Problems[0].File != "tests/tests.go" || p.Problems[0].Line != 10 {
		t.Errorf("problems %+v", p.Problems)
	}
	v.wantServing(t, "1")
	list := v.history(t)
	if len(list) != 2 || list[0].State != cache.Failed || !strings.Contains(list[0].Error, place) || list[1].State != cache.Live {
		t.Errorf("history %+v, want one that failed before the one that is live", list)
	}
}

func TestReloadOfWhatDoesNotLoad(t *testing.T) {
	v := newVersioned(t)
	v.edit(t, strings.Replace(versionSource, `"VERSION", nil`, "version, nil", 1))
	got := send(t, "POST", v.URL+"/v1/reload/local/tests", "", nil)
	wantProblem(t, got, http.StatusUnprocessableEntity, "tests/tests.go:10:")
	v.wantServing(t, "1")
}

// A package at the root of its tree is named by its source.
func TestVersionsOfARoot(t *testing.T) {
	eng := newEngine(t, map[string]string{"tests.go": strings.Replace(versionSource, "VERSION", "1", 1)})
	srv := httptest.NewServer(server.New(eng, nil))
	defer srv.Close()
	for _, path := range []string{"/v1/history/local", "/v1/history/local/"} {
		got := send(t, "GET", srv.URL+path, "", nil)
		if got.status != http.StatusOK || strings.Count(string(got.body), `"state":"live"`) != 1 {
			t.Errorf("%s: status %d, %s", path, got.status, got.body)
		}
	}
}
