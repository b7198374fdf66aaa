package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// printer prints for people, or as JSON.
type printer struct {
	stdout, stderr io.Writer
	json           bool
}

// table prints lines of columns, or v.
func (p *printer) table(v any, rows [][]string) error {
	if p.json {
		encoder := json.NewEncoder(p.stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(v)
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

func (p *printer) types(types []dataSourceType) error {
	rows := [][]string{{"TYPE", "TITLE", "PACKAGE", "FIELDS"}}
	for _, t := range types {
		var fields []string
		for _, f := range t.Fields {
			name := f.Name
			if f.Required {
				name += "*"
			}
			if f.Kind == usersync.Sensitive {
				name += " (sensitive)"
			}
			fields = append(fields, name)
		}
		rows = append(rows, []string{t.ID, t.Title, t.Package, strings.Join(fields, ", ")})
	}
	return p.table(types, rows)
}

func (p *printer) tenants(list []listedTenant) error {
	rows := [][]string{{"TENANT", "TYPE", "CONFIG"}}
	for _, t := range list {
		var config []string
		for _, name := range slices.Sorted(maps.Keys(t.Config)) {
			config = append(config, fmt.Sprintf("%s=%v", name, t.Config[name]))
		}
		if t.Error != "" {
			config = []string{t.Error}
		}
		rows = append(rows, []string{t.Name, t.Type, strings.Join(config, " ")})
	}
	return p.table(list, rows)
}

func (p *printer) tests(list []testedTenant) error {
	rows := [][]string{{"TENANT", "OUTCOME", "MESSAGE", "SAMPLE"}}
	for _, t := range list {
		sample := ""
		if t.Sample != nil {
			sample = t.Sample.Code
		}
		rows = append(rows, []string{t.Name, string(t.Outcome), t.Message, sample})
	}
	return p.table(list, rows)
}

func (p *printer) organisation(o organisation) error {
	if p.json {
		return p.table(o, nil)
	}
	rows := [][]string{{"DEPARTMENT", "NAME", "PARENT"}}
	for _, d := range o.Departments {
		rows = append(rows, []string{d.Code, d.Name, d.Parent})
	}
	if err := p.table(nil, rows); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout)
	rows = [][]string{{"USER", "DEPARTMENTS", "LEADERS", "PROPERTIES"}}
	for _, u := range o.Users {
		var properties []string
		for _, name := range slices.Sorted(maps.Keys(u.Properties)) {
			properties = append(properties, name+"="+u.Properties[name])
		}
		rows = append(rows, []string{u.Code, strings.Join(u.Departments, ","), strings.Join(u.Leaders, ","), strings.Join(properties, " ")})
	}
	return p.table(nil, rows)
}

// change prints a type that has come or gone, on a line.
func (p *printer) change(ctx context.Context, c engine.Change[usersync.Type]) error {
	line := struct {
		ID    string `json:"id"`
		Title string `json:"title,omitempty"`
		Gone  bool   `json:"gone"`
	}{ID: c.Name, Gone: c.Gone}
	if !c.Gone {
		if d, err := c.Value.Describe(ctx); err == nil {
			line.Title = d.Title
		}
	}
	if p.json {
		return json.NewEncoder(p.stdout).Encode(line)
	}
	sign := "+"
	if c.Gone {
		sign = "-"
	}
	_, err := fmt.Fprintln(p.stdout, strings.TrimSpace(sign+" "+line.ID+"  "+line.Title))
	return err
}
