package guard

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
)

// A grant of one port is none of what has no ports.
func TestRawNetworks(t *testing.T) {
	dial := func(grant string) error {
		g := granting(runtime.Permissions{Net: []string{grant}})
		conn, err := g.dial(t.Context(), &net.Dialer{}, "ip:icmp", "127.0.0.1")
		if err == nil {
			must(t, conn.Close())
		}
		return err
	}
	denied, ok := errors.AsType[*Denied](dial("127.0.0.1:80"))
	if !ok || denied.Value != "127.0.0.1:*" || !strings.Contains(denied.Error(), `add permissions: {net: ["127.0.0.1:*"]} to package team/x`) {
		t.Errorf("a grant of a port: got %v", denied)
	}
	// The system may say no where this process has no privilege.
	if denied, ok := errors.AsType[*Denied](dial("127.0.0.1:*")); ok {
		t.Errorf("a grant of all ports: got %v", denied)
	}
}
