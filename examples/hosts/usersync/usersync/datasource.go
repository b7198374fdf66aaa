// Package usersync is what a user-management host and its data sources agree on. A data source is where a tenant's departments
// and users come from; a plugin brings a type of them:
//
//	func Register(r *plugin.Registrar) error { return r.Provide("datasource", "custom_hr", hr{}) }
//
//	func (hr) Describe(context.Context) (usersync.Description, error) { … }
//	func (hr) Open(ctx context.Context, config usersync.Config, use func(usersync.DataSource) error) error { … }
//
// The host has the configurations of its tenants, checks them against what the type describes, and opens a data source
// of the type for each piece of work.
package usersync

import "context"

// Type is a type of data sources. It is safe for concurrent use.
type Type interface {
	// Describe says what the type is, and which configuration its data sources take.
	Describe(ctx context.Context) (Description, error)
	// Open makes a data source, calls use with it, and returns the error of use. What the data source holds, such as connections,
	// is freed before Open returns. The configuration holds under the description, and has its defaults.
	//
	// A data source is good for the time of use, and is not kept: while it lasts, the version of the plugin that made it
	// does.
	Open(ctx context.Context, config Config, use func(DataSource) error) error
}

// DataSource is where departments and users come from.
type DataSource interface {
	// FetchDepartments returns all departments.
	FetchDepartments(ctx context.Context) ([]Department, error)
	// FetchUsers returns all users.
	FetchUsers(ctx context.Context) ([]User, error)
	// TestConnection finds out whether the configuration works, without fetching everything. That it does not is a result; the
	// error is for what keeps it from finding out.
	TestConnection(ctx context.Context) (TestResult, error)
}

// Department is a part of an organisation.
type Department struct {
	// Code is the same from sync to sync, and unique among the departments of a data source.
	Code string `json:"code"`
	Name string `json:"name"`
	// Parent is the code of the department that this one is part of, "" at the top.
	Parent string `json:"parent"`
}

// User is somebody of an organisation.
type User struct {
	// Code is the same from sync to sync, and unique among the users of a data source.
	Code string `json:"code"`
	// Properties are what is known of the user: full_name, email, phone.
	Properties map[string]string `json:"properties"`
	// Leaders are the codes of users, Departments those of departments.
	Leaders     []string `json:"leaders"`
	Departments []string `json:"departments"`
}

// Outcome is what a test of a connection came to.
type Outcome string

// The outcomes. CannotConnect: nobody answers. Unauthorized: the credentials are refused. NotFound: what answers does not have
// what was asked for. WrongFormat: it does, and it is something else than users.
const (
	OK            Outcome = "ok"
	CannotConnect Outcome = "cannot_connect"
	Unauthorized  Outcome = "unauthorized"
	NotFound      Outcome = "not_found"
	WrongFormat   Outcome = "wrong_format"
)

// TestResult is what TestConnection found out.
type TestResult struct {
	Outcome Outcome `json:"outcome"`
	// Message is for people. It says what to do where the outcome is not OK.
	Message string `json:"message"`
	// Sample is one of the users, where there is any.
	Sample *User `json:"sample,omitempty"`
}
