package sources_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

const sumOfA = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"

func TestManifest(t *testing.T) {
	m, err := sources.NewManifest(fstest.MapFS{"b/run": {Data: []byte("a"), Mode: 0o755}, "a": {Data: []byte("a"), Mode: 0o644}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := sources.ParseManifest(strings.NewReader(string(data)))
	if err != nil || again.Revision() != m.Revision() || len(again.Files) != 2 {
		t.Errorf("it reads back as %v, %v", again, err)
	}
	if f := again.Files[1]; f.Path != "b/run" || !f.Exec || f.Size != 1 || f.SHA256 != sumOfA {
		t.Errorf("file %+v", f)
	}
	if err := again.Files[0].Check([]byte("a")); err != nil {
		t.Error(err)
	}
	for _, other := range []string{"b", "aa", ""} {
		if again.Files[0].Check([]byte(other)) == nil {
			t.Errorf("%q is taken for what is listed", other)
		}
	}
	again.Files[1].Exec = false
	if again.Revision() == m.Revision() {
		t.Error("an execute bit makes no difference")
	}
}

func TestManifestsThatAreNone(t *testing.T) {
	file := func(path, size, sum string) string {
		return `{"path":"` + path + `","size":` + size + `,"sha256":"` + sum + `"}`
	}
	document := func(files ...string) string { return `{"version":1,"files":[` + strings.Join(files, ",") + `]}` }
	for text, want := range map[string]string{
		``:                         "it is not valid",
		`[]`:                       "it is not valid",
		`{"version":1,"files":[]`:  "it is not valid",
		document() + "x":           "it is not valid",
		document() + document():    "something follows its end",
		`{"version":1,"rules":[]}`: `it has the field "rules", which is not known`,
		`{"version":1,"files":[{"path":"a","x":1}]}`:                       `unknown field "x"`,
		`{"version":1,"version":1}`:                                        `it has "version" twice`,
		`{"version":1,"files":[` + strings.Repeat("{},", 100_001) + `{}]}`: "more than 100000 files",
		`{"files":[]}`:                                                 "it has version 0, want 1",
		document(file("", "1", sumOfA)):                                "a file without a path",
		document(file("a", "-1", sumOfA)):                              `"a" has no valid size and sha256`,
		document(file("a", "1", "")):                                   `"a" has no valid size and sha256`,
		document(file("a", "1", strings.ToUpper(sumOfA))):              `"a" has no valid size and sha256`,
		document(file("a", "1", sumOfA), file("a", "1", sumOfA)):       `it has "a" twice`,
		document(file("a", "1e30", sumOfA)):                            "it is not valid",
		`{"version":1,"files":[` + strings.Repeat("[", 100_000) + `]}`: "it is not valid",
	} {
		_, err := sources.ParseManifest(strings.NewReader(text))
		sourcetest.WantError(t, err, sources.Refused, sources.ManifestName, want)
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add(`{"version":1,"files":[{"path":"a","size":1,"sha256":"` + sumOfA + `"}]}`)
	f.Add(`{"version":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := sources.ParseManifest(strings.NewReader(text))
		if err != nil {
			return
		}
		data, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := sources.ParseManifest(strings.NewReader(string(data)))
		if err != nil || again.Revision() != m.Revision() {
			t.Errorf("%q reads back as %q, %v", text, data, err)
		}
	})
}
