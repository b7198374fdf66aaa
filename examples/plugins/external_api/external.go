// Package externalapi searches an HTTP API that wants a bearer token. It shows configuration with a secret, a client
// that lives as long as the plugin is loaded, and errors that tell the caller what to do.
package externalapi

import "github.com/scriptd/scriptd/plugin"

// Config is the package's configuration.
type Config struct {
	// URL that answers searches, such as https://api.example.com/v1/search.
	Endpoint string `json:"endpoint" format:"uri"`
	Token    string `json:"token" secret:"true" minLength:"1" doc:"bearer token"`
	Timeout  int    `json:"timeout" default:"10" minimum:"1" maximum:"60" doc:"seconds to wait for an answer"`
}

// Params are what external_api takes.
type Params struct {
	Query string   `json:"query" minLength:"1" maxLength:"200" doc:"what to search for"`
	Limit int      `json:"limit" default:"20" minimum:"1" maximum:"100" doc:"how many results at most"`
	Tags  []string `json:"tags,omitempty" doc:"only results that have all of these tags"`
}

// Answer is what the API said.
type Answer struct {
	StatusCode int `json:"status_code"`
	// Body is the JSON value that the API answered with.
	Body any `json:"body"`
}

// Register tells scriptd what this package offers.
func Register(r *plugin.Registrar) error {
	var cfg Config
	if err := r.Config(&cfg); err != nil {
		return err
	}
	c, err := newClient(cfg)
	if err != nil {
		return err
	}
	r.OnClose(c.close)
	return r.Add(plugin.Spec{
		Name:        "external_api",
		Description: "Search an external HTTP API",
		Category:    plugin.Diagnostic,
	}, c.search)
}
