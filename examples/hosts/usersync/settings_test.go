package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	t.Setenv("USERSYNC_TEST_TOKEN", "open-sesame")
	f := newFolder(t, "  - {name: a, type: general, config: {token: \"${env:USERSYNC_TEST_TOKEN}\", url: \"a${env:X}\"}}\n", nil)
	s, err := load(filepath.Join(f.dir, "usersync.yaml"))
	if err != nil || s.Tenants[0].Config["token"] != "open-sesame" || s.Tenants[0].Config["url"] != "a${env:X}" || s.Uploads != filepath.Join(f.dir, "uploads") {
		t.Errorf("got %+v and %v", s, err)
	}
}

// Faults are told with their place, and without what stands there.
func TestSettingsFaults(t *testing.T) {
	for want, tenants := range map[string]string{
		"usersync.yaml: tenant 1: want a name and a type":                        "  - {type: general}\n",
		"usersync.yaml: there are two tenants a":                                 "  - {name: a, type: x}\n  - {name: a, type: y}\n",
		"usersync.yaml: tenant a: token: the variable USERSYNC_UNSET is not set": "  - {name: a, type: x, config: {token: \"${env:USERSYNC_UNSET}\"}}\n",
		"[3:5] unknown field \"conf\"":                                           "  - name: a\n    conf: {token: open-sesame}\n",
		"[2:32]":                                                                 "  - {name: a, type: x, config: open-sesame}\n",
	} {
		f := newFolder(t, tenants, nil)
		_, err := load(filepath.Join(f.dir, "usersync.yaml"))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "open-sesame") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
