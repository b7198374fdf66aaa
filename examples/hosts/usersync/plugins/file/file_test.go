package file

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// uploaded are files, by FILE or FILE/SHEET.
type uploaded map[string][][]string

func (u uploaded) Read(_ context.Context, file, sheet string) ([][]string, error) {
	if sheet != "" {
		file += "/" + sheet
	}
	rows, ok := u[file]
	if !ok {
		return nil, usersync.ErrNotFound
	}
	return rows, nil
}

// use calls f with a data source of these files.
func use(t *testing.T, files uploaded, given map[string]any, f func(usersync.DataSource)) {
	t.Helper()
	typ := fileType{files}
	d, err := typ.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config, err := d.Config(given)
	if err != nil {
		t.Fatal(err)
	}
	if err := typ.Open(t.Context(), config, func(ds usersync.DataSource) error { f(ds); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestFetch(t *testing.T) {
	files := uploaded{
		"users.csv": {{" Code ", "Full_Name", "departments", "leaders", ""}, {"ada", "Ada", " rd | acme|", "", "x"}, {"", " "}, {"alan"}},
		"org/Parts": {{"name", "code"}, {"Research", "rd"}},
	}
	given := map[string]any{"users_file": "users.csv", "departments_file": "org", "departments_sheet": "Parts", "separator": "|"}
	use(t, files, given, func(ds usersync.DataSource) {
		departments, err := ds.FetchDepartments(t.Context())
		if want := []usersync.Department{{Code: "rd", Name: "Research"}}; err != nil || !reflect.DeepEqual(departments, want) {
			t.Errorf("got %+v and %v, want %+v", departments, err, want)
		}
		users, err := ds.FetchUsers(t.Context())
		want := []usersync.User{
			{Code: "ada", Properties: map[string]string{"full_name": "Ada"}, Leaders: []string{}, Departments: []string{"rd", "acme"}},
			{Code: "alan", Properties: map[string]string{"full_name": ""}, Leaders: []string{}, Departments: []string{}},
		}
		if err != nil || !reflect.DeepEqual(users, want) {
			t.Errorf("got %+v and %v, want %+v", users, err, want)
		}
		res, err := ds.TestConnection(t.Context())
		if err != nil || res.Outcome != usersync.OK || res.Sample == nil || res.Sample.Code != "ada" {
			t.Errorf("got %+v and %v", res, err)
		}
	})
}

func TestFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		rows [][]string
		want string
	}{
		"empty":     {nil, "it is empty"},
		"no column": {[][]string{{"id", "name"}}, "no column is called code: there are id, name"},
		"no code":   {[][]string{{"code", "name"}, {"a", "A"}, {"", "B"}}, "row 3 has no code"},
	} {
		t.Run(name, func(t *testing.T) {
			use(t, uploaded{"u": tt.rows}, map[string]any{"users_file": "u"}, func(ds usersync.DataSource) {
				_, err := ds.FetchUsers(t.Context())
				if !errors.Is(err, usersync.ErrWrongFormat) || !strings.HasSuffix(err.Error(), tt.want) {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				res, err := ds.TestConnection(t.Context())
				if err != nil || res.Outcome != usersync.WrongFormat || !strings.HasSuffix(res.Message, tt.want) {
					t.Errorf("got %+v and %v", res, err)
				}
			})
		})
	}
	use(t, uploaded{}, map[string]any{"users_file": "u"}, func(ds usersync.DataSource) {
		if res, err := ds.TestConnection(t.Context()); err != nil || res.Outcome != usersync.NotFound {
			t.Errorf("got %+v and %v", res, err)
		}
	})
}
