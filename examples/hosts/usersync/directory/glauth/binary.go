package glauth

import (
	"context"

	"github.com/scriptd/scriptd/sources/sourcetest/pinned"
)

var server = pinned.Program{Name: "glauth", Package: "github.com/glauth/glauth/v2", ModFile: "tools/glauth.mod"}

// Find returns the path of the server's binary, bin/glauth in this module, and whether it is there.
func Find() (binary string, ok bool) { return server.Find() }

// Binary returns what Find finds. Where it is not there, it is built first, which takes minutes.
func Binary(ctx context.Context) (string, error) { return server.Binary(ctx) }
