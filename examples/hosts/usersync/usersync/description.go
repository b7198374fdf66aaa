package usersync

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Description is what a type of data sources is, and the configuration that it takes.
type Description struct {
	// Title is for people, such as "LDAP directory".
	Title  string  `json:"title"`
	Fields []Field `json:"fields"`
}

// Field is a part of a configuration.
type Field struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
	// Kind is what the value is. The zero value is Text.
	Kind Kind `json:"kind"`
	// Required: the configuration has to have it. A field that is not required and has no default is the zero value of its kind.
	Required bool `json:"required"`
	// Default is of the field's kind: a string, an int, a bool or a []string.
	Default any `json:"default,omitempty"`
	// OneOf are the only texts that are valid, where there are any.
	OneOf []string `json:"one_of,omitempty"`
	// Min and Max bound a number, where Max is not 0.
	Min int `json:"min,omitempty"`
	Max int `json:"max,omitempty"`
}

// Kind is what the value of a field is.
type Kind string

// The kinds: string, Secret (a password or token, which nobody gets to see), int, bool, []string.
const (
	Text      Kind = "text"
	Sensitive Kind = "sensitive"
	Number    Kind = "number"
	Flag      Kind = "flag"
	List      Kind = "list"
)

// Config checks a configuration, as it comes from YAML or JSON, and fills in the defaults. The error says all that is wrong with
// it, and holds no value of a sensitive field.
func (d Description) Config(given map[string]any) (Config, error) {
	config := make(Config)
	var errs []error
	var names []string
	for _, f := range d.Fields {
		names = append(names, f.Name)
		v, ok := given[f.Name]
		switch {
		case ok && v != nil:
		case f.Required:
			errs = append(errs, fmt.Errorf("%s: is missing: %s", f.Name, f.Doc))
			continue
		case f.Default == nil:
			continue
		default:
			v = f.Default
		}
		v, err := f.value(v)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.Name, err))
			continue
		}
		config[f.Name] = v
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(names, name) {
			errs = append(errs, fmt.Errorf("%s: there is no such field: there are %s", name, strings.Join(names, ", ")))
		}
	}
	return config, errors.Join(errs...)
}

// value returns v as a value of the field's kind.
func (f Field) value(v any) (any, error) {
	switch cmp.Or(f.Kind, Text) {
	case Text:
		s, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("want a text, have %v", v)
		}
		if len(f.OneOf) > 0 && !slices.Contains(f.OneOf, s) {
			return nil, fmt.Errorf("want one of %s, have %q", strings.Join(f.OneOf, ", "), s)
		}
		return s, nil
	case Sensitive:
		switch s := v.(type) {
		case string:
			return Secret(s), nil
		case Secret:
			return s, nil
		}
		return nil, errors.New("want a text: put it in quotes")
	case Number:
		n, ok := whole(v)
		if !ok || f.Max != 0 && (n < f.Min || n > f.Max) {
			return nil, fmt.Errorf("want a whole number%s, have %v", f.bounds(), v)
		}
		return n, nil
	case Flag:
		b, ok := v.(bool)
		if !ok {
			return nil, fmt.Errorf("want true or false, have %v", v)
		}
		return b, nil
	case List:
		return texts(v)
	default:
		return nil, fmt.Errorf("the type of data sources is at fault: it describes a field of the kind %q", f.Kind)
	}
}

func (f Field) bounds() string {
	if f.Max == 0 {
		return ""
	}
	return fmt.Sprintf(" from %d to %d", f.Min, f.Max)
}

// whole returns a number of YAML or JSON as an int.
func whole(v any) (int, bool) {
	switch n := v.(type) {
	case int:
		return n, true
	case int64:
		return int(n), true
	case uint64:
		return int(n), n <= 1<<62
	case float64:
		return int(n), n == float64(int(n))
	}
	return 0, false
}

// texts returns a list of YAML or JSON as a list of texts.
func texts(v any) ([]string, error) {
	if list, ok := v.([]string); ok {
		return list, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("want a list, have %v", v)
	}
	all := make([]string, 0, len(list))
	for _, item := range list {
		s, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("want a list of texts, there is a %v in it", item)
		}
		all = append(all, s)
	}
	return all, nil
}
