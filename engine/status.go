package engine

import (
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// Plugin is a registered plugin, as lists show it.
type Plugin struct {
	Name        string          `json:"name"`
	Category    plugin.Category `json:"category"`
	Description string          `json:"description"`
	Source      string          `json:"source"`
	// Package is the path of the package in the source's tree.
	Package  string `json:"package"`
	Revision string `json:"revision"`
	Digest   string `json:"digest"`
}

// Description is everything there is to know about a plugin before calling it.
type Description struct {
	Plugin
	// Parameters is the JSON Schema of the parameters. It is shared: the caller does not change it.
	Parameters map[string]any `json:"parameters"`
	// Permissions are what the plugin's package was granted, and Asks what its plugin.yaml asks for.
	Permissions runtime.Permissions `json:"permissions"`
	Asks        runtime.Permissions `json:"asks"`
	// Imports are what the package imports, itself or through packages of its tree. It is empty where the cache does not have
	// the tree any more.
	Imports []string `json:"imports"`
}

// SourceStatus is the state of a source.
type SourceStatus struct {
	Name string `json:"name"`
	Type string `json:"type"`
	// Role is that of the engine. With RoleSync the tree is in the cache for others, and ready, and nothing serves; with
	// RoleServe the cache stands for the origin in all that follows.
	Role Role `json:"role"`
	// Revision and Digest are the tree that serves, empty where there is none.
	Revision string `json:"revision"`
	Digest   string `json:"digest"`
	// Ready: a tree serves, and each of its packages.
	Ready bool `json:"ready"`
	// Stale: what serves is not known to be what the origin has now.
	Stale bool `json:"stale"`
	// LastSync is when the origin was last heard of, perhaps by an engine before this one; the zero time for never.
	LastSync time.Time `json:"last_sync,omitzero"`
	// Verified: what serves was signed by whom it should be, or is the one tree that is accepted.
	Verified bool `json:"verified"`
	// StaleSeconds is how long ago what serves was last known to be what the origin has, zero where it is not stale.
	StaleSeconds int64 `json:"stale_seconds"`
	// Suspended: the origin is not asked, unless by Sync.
	Suspended bool `json:"suspended"`
	// LastSuccess is when the origin's state was last live as a whole, by this engine; the zero time for never.
	LastSuccess time.Time `json:"last_success,omitzero"`
	// Requests, Bytes and Milliseconds are what it took to ask the origin last, with the fetch if there was one. Over ssh a
	// session is a request.
	Requests     int64 `json:"requests"`
	Bytes        int64 `json:"bytes"`
	Milliseconds int64 `json:"duration_ms"`
	// ErrorKind is transient, not found, denied, refused, misconfigured or unverified, for origins; problems where the source code is at
	// fault; empty where there is no error.
	ErrorKind string `json:"error_kind"`
	// Error is why the last sync did not bring the origin's state live, or could not record it for the next start; empty
	// where it did.
	Error string `json:"error"`
	// Err is the same as an error: a *sources.Error, or runtime.Problems where the source code is at fault. Nil where
	// Error is empty.
	Err error `json:"-"`
}

// SyncResult is what Sync did for one source.
type SyncResult struct {
	Source   string `json:"source"`
	Revision string `json:"revision"`
	Digest   string `json:"digest"`
	// Changed: another tree than before serves.
	Changed bool   `json:"changed"`
	Error   string `json:"error"`
	// Err is the same as an error.
	Err error `json:"-"`
}
