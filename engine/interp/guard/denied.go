package guard

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/scriptd/scriptd/engine/symbols"
)

// Denied is the error of what a package was not granted. It is fs.ErrPermission to errors.Is.
type Denied struct {
	// Permission is the key in the configuration, and Value what to add to it: "read" and "/etc/passwd".
	Permission, Value string
	// Why says more where that is not plain. It may be empty.
	Why string

	pkg     string
	program bool
}

func (d *Denied) Error() string {
	text := "permission denied: " + d.grant()
	if d.Why != "" {
		text += " (" + d.Why + ")"
	}
	return text
}

// grant says how the permission is granted.
func (d *Denied) grant() string {
	switch {
	case d.program && d.Permission == string(symbols.All):
		return "add --allow-all"
	case d.program:
		return fmt.Sprintf("add --allow-%s=%s", d.Permission, d.Value)
	case d.Permission == string(symbols.All):
		return "add permissions: {all: true} to " + d.owner()
	}
	return fmt.Sprintf("add permissions: {%s: [%s]} to %s", d.Permission, quoted(d.Value), d.owner())
}

// owner says where in the configuration the permission is added.
func (d *Denied) owner() string {
	if d.pkg == "" {
		return "the package or its source in the configuration"
	}
	return "package " + d.pkg + " or its source in the configuration"
}

// quoted writes a value as it stands in a list in YAML.
func quoted(value string) string {
	if strings.ContainsAny(value, ":,[]{}#&*!|>'\"%@` \t") || strings.HasPrefix(value, "-") || strings.HasPrefix(value, "?") {
		return strconv.Quote(value)
	}
	return value
}

// Is makes a Denied an fs.ErrPermission.
func (d *Denied) Is(target error) bool { return target == fs.ErrPermission }

// denied makes the error for a value of a permission.
func (g *Guard) denied(permission symbols.Group, value string) *Denied {
	return &Denied{Permission: string(permission), Value: value, pkg: g.Package, program: g.Program}
}

// errorFuncs are functions that look at errors and would not know a Denied.
func errorFuncs(*Guard) map[string]any {
	return map[string]any{"os.IsPermission": isPermission}
}

// isPermission is os.IsPermission, which looks into errors of files and system calls only.
func isPermission(err error) bool {
	inner := err
	switch e := err.(type) { //nolint:errorlint // it does not unwrap others either
	case *fs.PathError:
		inner = e.Err
	case *os.LinkError:
		inner = e.Err
	case *os.SyscallError:
		inner = e.Err
	}
	var denied *Denied
	return os.IsPermission(err) || inner != nil && errors.As(inner, &denied)
}
