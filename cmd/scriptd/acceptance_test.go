package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
)

// ferry returns the source of a plugin of its own kind, under a name.
func ferry(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "acceptance", "ferry.go"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(string(text), `"ferry",`, `"`+name+`",`, 1)
}

// line is the place of the first line of the ferry that holds text.
func line(t *testing.T, text string) int {
	t.Helper()
	before, _, ok := strings.Cut(ferry(t, "ferry"), text)
	if !ok {
		t.Fatalf("the ferry has no %q", text)
	}
	return strings.Count(before, "\n") + 1
}

// ferrySchema is what is derived from the parameters of the ferry.
const ferrySchema = `{
	"type": "object", "additionalProperties": false, "required": ["from", "to", "day", "lead"],
	"properties": {
		"from": {"type": "string", "minLength": 3, "maxLength": 3, "pattern": "^[A-Z]+$", "description": "From is the harbour where the crossing begins."},
		"to": {"type": "string", "minLength": 3, "maxLength": 3, "description": "the other harbour"},
		"day": {"type": "string", "format": "date"},
		"class": {"type": "string", "enum": ["deck", "cabin", "suite"], "default": "deck", "description": "Class of the places."},
		"persons": {"type": "integer", "minimum": 1, "maximum": 9, "default": 1},
		"discount": {"type": "number", "minimum": 0, "maximum": 0.5},
		"return": {"type": "boolean", "description": "and back the day after"},
		"lead": {"type": "object", "additionalProperties": false, "required": ["name"], "properties": {
			"name": {"type": "string"}, "phones": {"type": "array", "items": {"type": "string"}}
		}},
		"vehicles": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["plate", "metres"], "properties": {
			"plate": {"type": "string"}, "metres": {"type": "number", "minimum": 0.5}
		}}},
		"notes": {"type": "object", "additionalProperties": {"type": "string"}},
		"cabin": {"type": "integer", "minimum": 0, "maximum": 255},
		"voucher": {"type": "string", "writeOnly": true},
		"weather": {"type": "string", "enum": ["calm", "fog", "storm", "iceberg"], "default": "calm"}
	}
}`

// calls are what the ferry is asked, and what it answers, by whatever way and from whatever origin.
var calls = []struct {
	name, params, want string
	// at is the text of the line that the error begins with.
	at     string
	status int
}{
	{
		"success",
		`{"from": "KEL", "to": "OSL", "day": "2026-05-01", "class": "cabin", "persons": 2, "discount": 0.25, "return": true,
		  "lead": {"name": "Ada", "phones": ["1", "2"]}, "vehicles": [{"plate": "B 1", "metres": 4.5}, {"plate": "B 1", "metres": 2}],
		  "notes": {"z": "last", "a": "first"}, "cabin": 255, "voucher": "secret"}`,
		`{"success": true, "message": "", "error": "", "retry": false, "data": {
			"number": "KEL/OSL/20260501", "legs": [
				{"from": "KEL", "to": "OSL", "sail": "2026-05-01T08:00:00Z"}, {"from": "OSL", "to": "KEL", "sail": "2026-05-02T08:00:00Z"}
			],
			"price": {"cents": 17625, "currency": "EUR"}, "lanes": {"B 1": 6.5, "total": 6.5},
			"lead": {"name": "Ada", "phones": ["1", "2"]}, "notes": ["a=first", "z=last"], "cabin": 255}}`,
		"", exitOK,
	},
	{
		"success with defaults",
		`{"from": "KEL", "to": "OSL", "day": "2026-05-01", "lead": {"name": "Ada"}}`,
		`{"success": true, "message": "", "error": "", "retry": false, "data": {
			"number": "KEL/OSL/20260501", "legs": [{"from": "KEL", "to": "OSL", "sail": "2026-05-01T08:00:00Z"}],
			"price": {"cents": 1250, "currency": "EUR"}, "lanes": {"total": 0}, "lead": {"name": "Ada"}, "cabin": null}}`,
		"", exitOK,
	},
	{
		"failure",
		`{"from": "KEL", "to": "OSL", "day": "2026-05-01", "lead": {"name": "Ada"}, "weather": "storm"}`,
		`{"success": false, "data": null, "message": "", "error": "no ship leaves today", "retry": false}`,
		"", exitFailed,
	},
	{
		"worth a retry",
		`{"from": "KEL", "to": "OSL", "day": "2026-05-01", "lead": {"name": "Ada"}, "weather": "fog"}`,
		`{"success": false, "data": null, "message": "", "error": "KEL: the harbour is closed: fog", "retry": true}`,
		"", exitRetry,
	},
	{
		"invalid, says the handler",
		`{"from": "KEL", "to": "KEL", "day": "2026-05-01", "lead": {"name": "Ada"}}`,
		`{"success": false, "data": null, "message": "", "error": "to: KEL is where the crossing begins", "retry": false}`,
		"", exitUsage,
	},
	{
		"panic",
		`{"from": "KEL", "to": "OSL", "day": "2026-05-01", "lead": {"name": "Ada"}, "weather": "iceberg"}`,
		`{"success": false, "data": null, "message": "", "error": "ferry/ferry.go:%d:3: panic: not enough boats", "retry": false}`,
		`panic("not enough boats")`, exitFailed,
	},
}

// TestAPluginThatNobodyHasSeen puts the same source into a git repository, a bucket and a folder, with no list of
// packages. It is found, listed, described and called by the command line, by HTTP and from a host binary, with the same
// answers.
func TestAPluginThatNobodyHasSeen(t *testing.T) {
	o := newOrigins(t)
	for _, source := range kinds {
		o.put(source, map[string]string{"ferry/ferry.go": ferry(t, "ferry_"+source), "README.md": "no plugin"})
	}
	path := o.config()
	d := serve(t, path)
	cfg, err := config.Load(path)
	o.must(err)
	eng, err := engine.New(t.Context(), cfg.Options())
	o.must(err)
	defer eng.Close()

	// Listed.
	listed := object[[]map[string]any](t, cli(t, exitOK, "-c", path, "list", "-o", "json"))
	if byHTTP := object[[]map[string]any](t, d.ask(t, http.MethodGet, "/v1/plugins", "", http.StatusOK)); !reflect.DeepEqual(listed, byHTTP) {
		t.Errorf("list: %v by command line, %v by HTTP", listed, byHTTP)
	}
	if inHost := object[[]map[string]any](t, encode(t, eng.Plugins())); !reflect.DeepEqual(listed, inHost) || len(listed) != len(kinds) {
		t.Errorf("list: %v by command line, %v in the host", listed, inHost)
	}
	for i, name := range []string{"ferry_bucket", "ferry_local", "ferry_team"} {
		p := listed[i]
		if p["name"] != name || p["source"] != strings.TrimPrefix(name, "ferry_") || p["package"] != "ferry" ||
			p["category"] != "diagnostic" || p["description"] != "Book a crossing" || p["revision"] == "" || p["digest"] == "" {
			t.Errorf("got %v, want %s", p, name)
		}
	}
	for _, source := range kinds {
		name := "ferry_" + source
		// Described.
		described := object[map[string]any](t, cli(t, exitOK, "-c", path, "describe", name, "-o", "json"))
		if byHTTP := object[map[string]any](t, d.ask(t, http.MethodGet, "/v1/plugins/"+name, "", http.StatusOK)); !reflect.DeepEqual(described, byHTTP) {
			t.Errorf("describe: %v by command line, %v by HTTP", described, byHTTP)
		}
		inHost, err := eng.Describe(name)
		o.must(err)
		if inHost := object[map[string]any](t, encode(t, inHost)); !reflect.DeepEqual(described, inHost) {
			t.Errorf("describe: %v by command line, %v in the host", described, inHost)
		}
		if want := object[map[string]any](t, ferrySchema); !sameSet(described["parameters"], want) {
			t.Errorf("parameters of %s: got %s, want %s", name, encode(t, described["parameters"]), encode(t, want))
		}
		// Called.
		for _, c := range calls {
			t.Run(source+"/"+c.name, func(t *testing.T) {
				want := c.want
				if c.at != "" {
					want = fmt.Sprintf(want, line(t, c.at))
				}
				expected := object[map[string]any](t, want)
				for _, key := range []string{"revision", "digest"} {
					expected[key] = described[key]
				}
				expected["plugin"] = name
				var params map[string]any
				o.must(json.Unmarshal([]byte(c.params), &params))
				res, err := eng.Call(t.Context(), name, params)
				o.must(err)
				for way, answer := range map[string]string{
					"command line": cli(t, c.status, "-c", path, "run", name, "--params", c.params, "-o", "json"),
					"HTTP":         d.ask(t, http.MethodPost, "/v1/plugins/"+name+"/run", c.params, http.StatusOK),
					"host":         encode(t, res),
				} {
					got := object[map[string]any](t, answer)
					if ms, ok := got["duration_ms"].(float64); !ok || ms <= 0 {
						t.Errorf("by %s: duration_ms is %v", way, got["duration_ms"])
					}
					delete(got, "duration_ms")
					// A panic has a stack, which begins with the line that the error does.
					if stack, _ := got["stack"].(string); (c.at != "") != strings.Contains(stack, fmt.Sprintf("ferry/ferry.go:%d:3", line(t, cmp.Or(c.at, "package")))) {
						t.Errorf("by %s: the stack is %q", way, stack)
					}
					delete(got, "stack")
					if !reflect.DeepEqual(got, expected) {
						t.Errorf("by %s: got %s, want %s", way, encode(t, got), encode(t, expected))
					}
				}
			})
		}
		t.Run(source+"/invalid, says the schema", func(t *testing.T) {
			const params = `{"from": "kel", "to": "OSL", "day": "tomorrow", "lead": {}, "vehicles": [{"plate": "X", "metres": 0}], "more": 1}`
			pointers := []string{"/from", "/day", "/lead", "/vehicles/0/metres", "/more"}
			_, err := eng.Call(t.Context(), name, object[map[string]any](t, params))
			if !errors.Is(err, engine.ErrInvalid) {
				t.Fatalf("got %v", err)
			}
			for way, answer := range map[string]string{
				"command line": cli(t, exitUsage, "-c", path, "run", name, "--params", params, "-o", "json"),
				"HTTP":         d.ask(t, http.MethodPost, "/v1/plugins/"+name+"/run", params, http.StatusUnprocessableEntity),
				"host":         err.Error(),
			} {
				for _, pointer := range pointers {
					if !strings.Contains(answer, pointer) {
						t.Errorf("by %s: %s is not in %s", way, pointer, answer)
					}
				}
			}
		})
	}
}
