package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// custom is a plugin that provides the type id, whose users are of one code. Of its methods, one may be left out.
func custom(id, user, without string) string {
	text := `package custom

import (
	"context"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error { return r.Provide("datasource", "` + id + `", kind{}) }

type kind struct{}

func (kind) Describe(context.Context) (usersync.Description, error) { return usersync.Description{Title: "The title of ` + id + `"}, nil }

func (kind) Open(_ context.Context, _ usersync.Config, use func(usersync.DataSource) error) error { return use(source{}) }

type source struct{}

func (source) FetchDepartments(context.Context) ([]usersync.Department, error) { return nil, nil }

func (source) FetchUsers(context.Context) ([]usersync.User, error) { return []usersync.User{{Code: "` + user + `"}}, nil }

func (source) TestConnection(context.Context) (usersync.TestResult, error) { return usersync.TestResult{Outcome: usersync.OK}, nil }
`
	lines := strings.Split(text, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return without != "" && strings.Contains(line, ") "+without+"(") }), "\n")
}

func ids(t *testing.T, h *host) []string {
	t.Helper()
	types, err := h.types(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, typ := range types {
		list = append(list, typ.ID)
	}
	return list
}

func TestTypes(t *testing.T) {
	for _, where := range isolations() {
		t.Run(string(where), func(t *testing.T) {
			h, log := newFolder(t, "  []\n", map[string]string{"a/a.go": custom("custom_a", "ann", "")}).open(t, where)
			if got, want := ids(t, h), []string{"custom_a", "general", "ldap", "local"}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q\n%s", got, want, log)
			}
			types, err := h.types(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, typ := range types {
				if typ.Title == "" || typ.ID == "general" && (typ.Package != "builtin/http" || len(typ.Fields) == 0) {
					t.Errorf("got %+v", typ)
				}
				for _, f := range typ.Fields {
					if f.Name == "password" && f.Kind != usersync.Sensitive {
						t.Errorf("%s: %s is not sensitive", typ.ID, f.Name)
					}
				}
			}
		})
	}
}

// Whatever is wrong with a type is found when it is loaded, and said with its place.
func TestTypesAreRefused(t *testing.T) {
	for _, where := range isolations() {
		t.Run(string(where), func(t *testing.T) {
			for name, tt := range map[string]struct {
				files map[string]string
				want  string
			}{
				"not custom_": {
					map[string]string{"hr/hr.go": custom("hr", "x", "")},
					`hr/hr.go:10:81: implementation datasource/hr: the id of a custom type begins with "custom_"`,
				},
				"one of the host's": {
					map[string]string{"hr/hr.go": custom("general", "x", "")},
					`hr/hr.go:10:86: implementation datasource/general: the id of a custom type begins with "custom_"`,
				},
				"empty": {
					map[string]string{"hr/hr.go": custom("", "x", "")},
					`hr/hr.go:10:79: provide datasource: name "": want lower-case letters, digits, _ and -, at most 64, the first a letter or digit`,
				},
				"twice": {
					map[string]string{"a/a.go": custom("custom_a", "x", ""), "b/b.go": custom("custom_a", "y", "")},
					"b/b.go:10:87: the name of implementation datasource/custom_a is taken by custom/a (a/a.go:10)",
				},
				"a type without a method": {
					map[string]string{"a/a.go": custom("custom_a", "x", "Describe")},
					"a/a.go:10:87: kind does not implement usersync.Type (missing method Describe)",
				},
				"a data source without a method": {
					map[string]string{"a/a.go": custom("custom_a", "x", "TestConnection")},
					"a/a.go:16:112: cannot use source{} (value of struct type source) as usersync.DataSource value in argument to use: " +
						"source does not implement usersync.DataSource (missing method TestConnection)",
				},
			} {
				t.Run(name, func(t *testing.T) {
					h, _ := newFolder(t, "  []\n", tt.files).open(t, where)
					if got := h.engine.Sources()[1].Error; got != tt.want {
						t.Errorf("got  %s\nwant %s", got, tt.want)
					}
					if got := ids(t, h); len(got) < 3 { // the host's own are there
						t.Errorf("got %q", got)
					}
				})
			}
		})
	}
}

// The host's own plugins keep away from the ids of others, too.
func TestBuiltinTypesAreNotCustom(t *testing.T) {
	if err := mayBeCalled(builtin, "custom_a"); err == nil {
		t.Error("a built-in type may be called custom_a")
	}
}

// lines reads what watch prints: signs and ids, line by line.
type lines struct {
	io.Writer
	read chan string
}

func newLines(ctx context.Context) *lines {
	r, w := io.Pipe()
	l := &lines{w, make(chan string)}
	go func() {
		<-ctx.Done()
		w.Close()
	}()
	go func() {
		for all := bufio.NewScanner(r); all.Scan(); {
			change, _, _ := strings.Cut(all.Text(), "  ")
			select {
			case l.read <- change:
			case <-ctx.Done():
				return
			}
		}
	}()
	return l
}

// A folder that is dropped beside the others is a type a moment later, with no restart; one that does not load is told of with its
// place, and one that is gone is gone.
func TestWatch(t *testing.T) {
	for _, where := range isolations() {
		t.Run(string(where), func(t *testing.T) {
			f := newFolder(t, "  - {name: a, type: custom_a}\n", nil)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			out, log := newLines(ctx), &logs{}
			ended := make(chan error, 1)
			go func() {
				ended <- run(ctx, []string{"-c", filepath.Join(f.dir, "usersync.yaml"), "-isolation", string(where), "watch"}, out, log)
			}()
			next := func(want string) {
				t.Helper()
				select {
				case got := <-out.read:
					if got != want {
						t.Fatalf("got %s, want %s\n%s", got, want, log)
					}
				case err := <-ended:
					t.Fatalf("it ended: %v\n%s", err, log)
				}
			}
			next("+ general")
			next("+ ldap")
			next("+ local")
			f.write(t, "custom/a/a.go", custom("custom_a", "ann", ""))
			next("+ custom_a")
			f.write(t, "custom/b/b.go", custom("custom_b", "bob", "TestConnection"))
			for !strings.Contains(log.String(), "b/b.go:16:112: cannot use source{}") {
				select {
				case err := <-ended:
					t.Fatalf("it ended: %v\n%s", err, log)
				case <-time.After(5 * time.Millisecond):
				}
			}
			f.write(t, "custom/c/c.go", custom("custom_c", "cid", ""))
			next("+ custom_c")
			if err := os.RemoveAll(filepath.Join(f.dir, "custom", "a")); err != nil {
				t.Fatal(err)
			}
			next("- custom_a")
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}
