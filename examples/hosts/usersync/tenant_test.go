package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

func TestUploadedFiles(t *testing.T) {
	for _, where := range isolations() {
		t.Run(string(where), func(t *testing.T) {
			f := newFolder(t, `  - {name: csv, type: local, config: {users_file: users.csv}}
  - {name: xlsx, type: local, config: {users_file: org.xlsx, users_sheet: People, departments_file: org.xlsx, departments_sheet: Parts}}
  - {name: gone, type: local, config: {users_file: gone.csv}}
  - {name: elsewhere, type: local, config: {users_file: ../usersync.yaml}}
`, nil)
			f.write(t, "uploads/users.csv", "code,email,leaders\nada,ada@acme.example,\nalan,,ada; grace\n")
			book := excelize.NewFile()
			defer book.Close()
			_, err1 := book.NewSheet("Parts")
			_, err2 := book.NewSheet("People")
			err := errors.Join(err1, err2, book.SetSheetRow("Parts", "A1", &[]string{"code", "name"}), book.SetSheetRow("Parts", "A2", &[]string{"rd", "Research"}),
				book.SetSheetRow("People", "A1", &[]string{"code", "departments"}), book.SetSheetRow("People", "A2", &[]string{"007", "rd"}),
				book.SaveAs(filepath.Join(f.dir, "uploads", "org.xlsx")))
			if err != nil {
				t.Fatal(err)
			}
			h, log := f.open(t, where)
			for i, want := range []string{
				"{Departments:[] Users:[{Code:ada Properties:map[email:ada@acme.example] Leaders:[] Departments:[]} {Code:alan Properties:map[email:] Leaders:[ada grace] Departments:[]}]} <nil>",
				"{Departments:[{Code:rd Name:Research Parent:}] Users:[{Code:007 Properties:map[] Leaders:[] Departments:[rd]}]} <nil>",
				"{Departments:[] Users:[]} tenant gone: read users: not found: no file gone.csv was uploaded",
				"{Departments:[] Users:[]} tenant elsewhere: read users: open ../usersync.yaml: path escapes from parent",
			} {
				o, err := h.tenants[i].fetch(t.Context())
				if got := fmt.Sprintf("%+v %v", o, err); got != want {
					t.Errorf("got  %s\nwant %s\n%s", got, want, log)
				}
			}
			if _, err := h.tenants[2].FetchUsers(t.Context()); !errors.Is(err, usersync.ErrNotFound) {
				t.Errorf("got %v, want the error of the service", err)
			}
		})
	}
}

// leaky is a type that tells everybody what it was given.
const leaky = `package leaky

import (
	"context"
	"errors"
	"fmt"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error { return r.Provide("datasource", "custom_leaky", kind{}) }

type kind struct{}

func (kind) Describe(context.Context) (usersync.Description, error) {
	return usersync.Description{Title: "Leaky", Fields: []usersync.Field{{Name: "token", Kind: usersync.Sensitive}}}, nil
}

func (kind) Open(ctx context.Context, config usersync.Config, use func(usersync.DataSource) error) error {
	plugin.Log(ctx).Error("opened", "config", config, "token", config.Secret("token"))
	fmt.Println("opened", config)
	return use(source{string(config.Secret("token"))})
}

type source struct{ token string }

func (s source) FetchDepartments(context.Context) ([]usersync.Department, error) { return nil, errors.New("refused: " + s.token) }

func (s source) FetchUsers(context.Context) ([]usersync.User, error) { panic("with " + s.token) }

func (s source) TestConnection(context.Context) (usersync.TestResult, error) {
	return usersync.TestResult{Outcome: usersync.Unauthorized, Message: "refused: Bearer " + s.token}, nil
}
`

// A secret is in nothing that is printed: not in lists, results, errors and logs, as text and as JSON.
func TestSecretsStaySecret(t *testing.T) {
	t.Setenv("USERSYNC_TEST_TOKEN", secret)
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	for _, where := range isolations() {
		t.Run(string(where), func(t *testing.T) {
			f := newFolder(t, `  - {name: leaky, type: custom_leaky, config: {token: "${env:USERSYNC_TEST_TOKEN}"}}
  - {name: missing, type: custom_missing, config: {token: "${env:USERSYNC_TEST_TOKEN}"}}
  - {name: wrong, type: custom_leaky, config: {token: "${env:USERSYNC_TEST_TOKEN}", tokens: "${env:USERSYNC_TEST_TOKEN}"}}
`+strings.ReplaceAll(general(srv.URL, "auth: basic, username: ada, password: "+secret), "name: a,", "name: general,"), map[string]string{"leaky/leaky.go": leaky})
			for _, args := range []string{"tenants", "test", "fetch leaky", "fetch general", "types"} {
				for _, format := range []string{"table", "json"} {
					stdout, stderr, err := f.run(t.Context(), where, append([]string{"-o", format}, strings.Fields(args)...)...)
					all := fmt.Sprint(stdout, stderr, err)
					if strings.Contains(all, secret) {
						t.Errorf("%s, %s:\n%s", args, format, all)
					}
					if args != "types" && !strings.Contains(all, "[secret]") && args != "fetch general" {
						t.Errorf("%s, %s: there is nothing secret in\n%s", args, format, all)
					}
				}
			}
			h, _ := f.open(t, where)
			if _, err := h.tenants[0].FetchUsers(t.Context()); err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// opening is a type whose Open has this body.
func opening(body string) map[string]string {
	text := strings.Replace(custom("custom_a", "ann", ""), "return use(source{})", body, 1)
	return map[string]string{"a/a.go": text}
}

// Nothing that a type does wrong passes for an organisation without users.
func TestTypesAtFault(t *testing.T) {
	for _, where := range isolations() {
		t.Run(string(where), func(t *testing.T) {
			for name, tt := range map[string]struct{ body, want string }{
				"no use":     {"return nil", "the type of data sources is at fault"},
				"used twice": {"use(source{}); return use(source{})", "the type of data sources is at fault"},
				"hides":      {"use(nil); return nil", ""},
				"panics":     {"panic(`at the disco`)", "at the disco"},
				"late":       {"go use(source{}); return context.DeadlineExceeded", "deadline exceeded"},
			} {
				t.Run(name, func(t *testing.T) {
					h, log := newFolder(t, "  - {name: a, type: custom_a}\n", opening(tt.body)).open(t, where)
					users, err := h.tenants[0].FetchUsers(t.Context())
					if err == nil || len(users) > 0 || !strings.Contains(err.Error(), tt.want) {
						t.Errorf("got %+v and %v, want %s\n%s", users, err, tt.want, log)
					}
				})
			}
		})
	}
}

func TestOrganisation(t *testing.T) {
	o := organisation{
		Departments: []usersync.Department{{Code: "a"}, {Code: "b", Parent: "a"}, {Code: "c", Parent: "x"}},
		Users:       []usersync.User{{Code: "u", Departments: []string{"a", "y"}, Leaders: []string{"u", "z"}}},
	}
	if err := o.check(); err != nil {
		t.Error(err)
	}
	if got, want := strings.Join(o.dangling(), "\n"), "department c: there is no department x\nuser u: there is no department y\nuser u: there is no user z"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	o = organisation{Departments: []usersync.Department{{Code: "a"}, {Code: "a"}}, Users: []usersync.User{{}}}
	if err := o.check(); err == nil || err.Error() != "there are two departments with the code a\na user has no code" {
		t.Errorf("got %v", err)
	}
}
