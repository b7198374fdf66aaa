package runtime_test

import (
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
)

func TestPermissionsCoversAndEqual(t *testing.T) {
	some := runtime.Permissions{Net: []string{"a:1", "b:2"}, Read: []string{"/r"}, Env: []string{"E"}}
	for _, tt := range []struct {
		name          string
		p, q          runtime.Permissions
		covers, equal bool
	}{
		{"nothing", runtime.Permissions{}, runtime.Permissions{}, true, true},
		{"nil and empty", runtime.Permissions{Net: []string{}}, runtime.Permissions{}, true, true},
		{"another order", some, runtime.Permissions{Net: []string{"b:2", "a:1"}, Read: []string{"/r"}, Env: []string{"E"}}, true, true},
		{"less", some, runtime.Permissions{Net: []string{"b:2"}}, true, false},
		{"more", some, runtime.Permissions{Write: []string{"/r"}}, false, false},
		{"a program more", some, some.Merge(runtime.Permissions{Run: []string{"sh"}}), false, false},
		{"all covers", runtime.Permissions{All: true}, some, true, false},
		{"all is more", some, runtime.Permissions{All: true}, false, false},
	} {
		if got := tt.p.Covers(tt.q); got != tt.covers {
			t.Errorf("%s: covers: %t", tt.name, got)
		}
		if got := tt.p.Equal(tt.q); got != tt.equal {
			t.Errorf("%s: equal: %t", tt.name, got)
		}
	}
}
