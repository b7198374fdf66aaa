package schema

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	// It carries the official suite, github.com/json-schema-org/JSON-Schema-Test-Suite.
	_ "github.com/google/jsonschema-go/jsonschema"
)

// suiteGroup is a schema of the official suite, and values with what becomes of them.
type suiteGroup struct {
	Description string
	Schema      any
	Tests       []struct {
		Description string
		Data        any
		Valid       bool
	}
}

// elsewhere are the groups whose schemas refer to other documents, which are refused. All of refRemote.json is about them.
var elsewhere = map[string]string{
	"defs.json/validate definition against metaschema":                               "the metaschema",
	"ref.json/remote ref, containing refs itself":                                    "the metaschema",
	"dynamicRef.json/strict-tree schema, guards against misspelled properties":       "tree.json",
	"dynamicRef.json/tests for implementation dynamic anchor and reference link":     "extendible-dynamic-ref.json",
	"dynamicRef.json/$ref and $dynamicAnchor are independent of order - $defs first": "extendible-dynamic-ref.json",
	"dynamicRef.json/$ref and $dynamicAnchor are independent of order - $ref first":  "extendible-dynamic-ref.json",
	"dynamicRef.json/$ref to $dynamicRef finds detached $dynamicAnchor":              "detached-dynamicref.json",
}

func TestOfficialSuite(t *testing.T) {
	dir := suiteDir(t)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	values, refused := 0, maps.Clone(elsewhere)
	for _, file := range files {
		name := filepath.Base(file)
		for _, group := range suiteGroups(t, file) {
			id := name + "/" + group.Description
			if _, ok := elsewhere[id]; ok || name == "refRemote.json" {
				delete(refused, id)
				refersElsewhere(t, id, group.Schema)
				continue
			}
			root, err := compile(group.Schema)
			if err != nil {
				t.Errorf("%s: %v", id, err)
				continue
			}
			for _, test := range group.Tests {
				values++
				if got := root.accepts(test.Data); got != test.Valid {
					t.Errorf("%s: %s: got %v, want %v", id, test.Description, got, test.Valid)
				}
				if faults := root.faults(test.Data); (len(faults) == 0) != test.Valid {
					t.Errorf("%s: %s: faults %v, want valid %v", id, test.Description, faults, test.Valid)
				}
			}
		}
	}
	t.Logf("%d values in %d files", values, len(files))
	if values < 1000 {
		t.Errorf("only %d values", values)
	}
	if len(refused) > 0 {
		t.Errorf("not in the suite: %v", slices.Sorted(maps.Keys(refused)))
	}
}

// refersElsewhere holds that a schema does not compile because of where it refers to.
func refersElsewhere(t *testing.T, id string, schema any) {
	t.Helper()
	if _, err := compile(schema); err == nil || !strings.Contains(err.Error(), "reference to another document: ") {
		t.Errorf("%s: got %v", id, err)
	}
}

func suiteDir(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/google/jsonschema-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "jsonschema", "testdata", "draft2020-12")
}

func suiteGroups(t *testing.T, file string) []suiteGroup {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.UseNumber()
	var groups []suiteGroup
	if err := d.Decode(&groups); err != nil {
		t.Fatal(err)
	}
	return groups
}
