package guard

import (
	"context"
	"reflect"
)

// asking is a context for looking a name up: what a package's own context says about how that is done is not heard. Package net
// asks contexts for a function to look up with.
type asking struct{ context.Context }

// Value implements context.Context.
func (a asking) Value(key any) any {
	if t := reflect.TypeOf(key); t != nil && t.PkgPath() == "internal/nettrace" && t.Name() == "LookupIPAltResolverKey" {
		return nil
	}
	return a.Context.Value(key)
}
