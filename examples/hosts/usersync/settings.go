package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
)

// settings are the host's own configuration.
type settings struct {
	// Plugins is scriptd's configuration file, Uploads the folder of uploaded files. Both are relative to the file.
	Plugins string `yaml:"plugins"`
	Uploads string `yaml:"uploads"`
	// Tenants are the organisations, each with the data source that its departments and users come from.
	Tenants []tenantSettings `yaml:"tenants"`
}

type tenantSettings struct {
	Name string `yaml:"name"`
	// Type is the id of a type of data sources, Config what its description says. A text ${env:NAME} is the variable NAME.
	Type   string         `yaml:"type"`
	Config map[string]any `yaml:"config"`
}

// load reads the settings. What is wrong is said without the text of the file, which may have secrets in it.
func load(file string) (*settings, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	s := settings{Plugins: "scriptd.yaml", Uploads: "uploads"}
	if err := yaml.UnmarshalWithOptions(text, &s, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %s", file, yaml.FormatError(err, false, false))
	}
	for _, path := range []*string{&s.Plugins, &s.Uploads} {
		if !filepath.IsAbs(*path) {
			*path = filepath.Join(filepath.Dir(file), *path)
		}
	}
	return &s, s.check(file)
}

func (s *settings) check(file string) error {
	names := make(map[string]bool)
	var errs []error
	for i, t := range s.Tenants {
		switch {
		case t.Name == "" || t.Type == "":
			errs = append(errs, fmt.Errorf("%s: tenant %d: want a name and a type", file, i+1))
		case names[t.Name]:
			errs = append(errs, fmt.Errorf("%s: there are two tenants %s", file, t.Name))
		}
		names[t.Name] = true
		for field, v := range t.Config {
			text, ok := v.(string)
			name, isRef := strings.CutPrefix(text, "${env:")
			if !ok || !isRef || !strings.HasSuffix(name, "}") {
				continue
			}
			name = strings.TrimSuffix(name, "}")
			value, set := os.LookupEnv(name)
			if !set {
				errs = append(errs, fmt.Errorf("%s: tenant %s: %s: the variable %s is not set", file, t.Name, field, name))
			}
			t.Config[field] = value
		}
	}
	return errors.Join(errs...)
}
