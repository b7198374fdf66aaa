package symbols

import (
	"slices"
	"strings"
)

// own are the variables that each package of plugins has for itself, so that it may change them: what it assigns, its
// host and other packages do not see.
var own = map[string]string{
	"net":      "DefaultResolver",
	"net/http": "DefaultClient DefaultTransport DefaultServeMux",
	"net/rpc":  "DefaultServer",
}

// IsOwn reports whether each package of plugins has a variable for itself. All others are those of the process.
func IsOwn(importPath, name string) bool {
	return slices.Contains(strings.Fields(own[importPath]), name)
}
