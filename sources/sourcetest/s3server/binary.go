package s3server

import (
	"context"

	"github.com/scriptd/scriptd/sources/sourcetest/pinned"
)

var gateway = pinned.Program{
	Name: "versitygw", Package: "github.com/versity/versitygw/cmd/versitygw", ModFile: "tools/go.mod", Env: "VERSITYGW",
}

// Find returns the path of the server's binary, $VERSITYGW or bin/versitygw in this module, and whether it is there.
func Find() (binary string, ok bool) { return gateway.Find() }

// Binary returns what Find finds. Where bin/versitygw is not there, it is built first, which takes more than a minute.
func Binary(ctx context.Context) (string, error) { return gateway.Binary(ctx) }
