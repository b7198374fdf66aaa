package cases

import (
	"context"
	"fmt"

	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync"
)

// limits are cases of what compiled code finds out about values by reflection, and by assertions.
var limits = map[string]func(context.Context) string{
	"a type by reflection": func(context.Context) string { return usersync.TypeName(shaped{}) },
	"decoding into a type by reflection": func(context.Context) string {
		var s shaped
		err := usersync.Decode(`{"Name": "n"}`, &s)
		return fmt.Sprint(s.Name, " ", err)
	},
	"a comparison":                        func(context.Context) string { return fmt.Sprint(usersync.Same(stopper{}, stopper{})) },
	"an interface that was not asked for": func(context.Context) string { return fmt.Sprint(usersync.Visits(&both{})) },
}

type both struct{ source }

func (*both) Visit(*usersync.User) bool { return true }
