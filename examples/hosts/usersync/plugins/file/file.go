// Package file reads departments and users from tables that a tenant uploaded: CSV files, or sheets of an xlsx file. It shows a
// service of the host: the plugin has no access to the disk, and needs no library for xlsx.
package file

import (
	"context"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
	"github.com/scriptd/scriptd/plugin"
)

// Register provides the type "local".
func Register(r *plugin.Registrar) error {
	var t fileType
	if err := r.Service(&t.files); err != nil {
		return err
	}
	return r.Provide("datasource", "local", t)
}

type fileType struct{ files usersync.Files }

// Describe implements usersync.Type.
func (fileType) Describe(context.Context) (usersync.Description, error) {
	return usersync.Description{Title: "Uploaded files", Fields: []usersync.Field{
		{Name: "users_file", Required: true, Doc: "CSV or xlsx with the columns code, leaders and departments; any other is a property"},
		{Name: "users_sheet", Doc: "sheet of an xlsx file, the first one if empty"},
		{Name: "departments_file", Doc: "CSV or xlsx with the columns code, name and parent; without it there are none"},
		{Name: "departments_sheet", Doc: "sheet of an xlsx file, the first one if empty"},
		{Name: "separator", Default: ";", Doc: "what is between the codes of leaders and departments in a cell"},
	}}, nil
}

// Open implements usersync.Type.
func (t fileType) Open(_ context.Context, config usersync.Config, use func(usersync.DataSource) error) error {
	return use(&source{files: t.files, config: config})
}

type source struct {
	files  usersync.Files
	config usersync.Config
}

// FetchDepartments implements usersync.DataSource.
func (s *source) FetchDepartments(ctx context.Context) ([]usersync.Department, error) {
	if s.config.Text("departments_file") == "" {
		return nil, nil
	}
	t, err := s.read(ctx, "departments", "code", "name")
	if err != nil {
		return nil, err
	}
	departments := make([]usersync.Department, 0, len(t.rows))
	for _, row := range t.rows {
		departments = append(departments, usersync.Department{Code: t.cell(row, "code"), Name: t.cell(row, "name"), Parent: t.cell(row, "parent")})
	}
	return departments, nil
}

// FetchUsers implements usersync.DataSource.
func (s *source) FetchUsers(ctx context.Context) ([]usersync.User, error) {
	t, err := s.read(ctx, "users", "code")
	if err != nil {
		return nil, err
	}
	separator := s.config.Text("separator")
	users := make([]usersync.User, 0, len(t.rows))
	for _, row := range t.rows {
		u := usersync.User{
			Code: t.cell(row, "code"), Properties: make(map[string]string),
			Leaders: split(t.cell(row, "leaders"), separator), Departments: split(t.cell(row, "departments"), separator),
		}
		for _, column := range t.columns {
			switch column {
			case "", "code", "leaders", "departments":
			default:
				u.Properties[column] = t.cell(row, column)
			}
		}
		users = append(users, u)
	}
	return users, nil
}

// TestConnection implements usersync.DataSource.
func (s *source) TestConnection(ctx context.Context) (usersync.TestResult, error) {
	if _, err := s.FetchDepartments(ctx); err != nil {
		return failed(err)
	}
	users, err := s.FetchUsers(ctx)
	if err != nil {
		return failed(err)
	}
	res := usersync.TestResult{Outcome: usersync.OK, Message: "the files can be read"}
	if len(users) > 0 {
		res.Sample = &users[0]
	}
	return res, nil
}

func failed(err error) (usersync.TestResult, error) {
	if outcome, ok := usersync.OutcomeOf(err); ok {
		return usersync.TestResult{Outcome: outcome, Message: err.Error()}, nil
	}
	return usersync.TestResult{}, err
}
