// Package symbols has the symbol table of package roster.
package symbols

import "github.com/traefik/yaegi/interp"

// Symbols are those of package roster.
var Symbols = interp.Exports{}
