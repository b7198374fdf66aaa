package directory

import (
	"fmt"
	"net"
	"strconv"
	"testing"

	"github.com/jimlambrt/gldap"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// paged serves n entries, at most the size of a page at a time, and counts the requests. glauth knows no pages.
func paged(t *testing.T, n int) (url string, requests *int) {
	t.Helper()
	requests = new(int)
	mux, err := gldap.NewMux()
	if err != nil {
		t.Fatal(err)
	}
	err = mux.Search(func(w *gldap.ResponseWriter, r *gldap.Request) {
		*requests++
		res := r.NewSearchDoneResponse(gldap.WithResponseCode(gldap.ResultSuccess))
		defer func() { _ = w.Write(res) }()
		m, err := r.GetSearchMessage()
		if err != nil {
			t.Error(err)
			return
		}
		from, to := 0, n
		for _, control := range m.Controls {
			if page, ok := control.(*gldap.ControlPaging); ok {
				from, _ = strconv.Atoi(string(page.Cookie))
				to = min(from+int(page.PagingSize), n)
				next := &gldap.ControlPaging{}
				if to < n {
					next.SetCookie([]byte(strconv.Itoa(to)))
				}
				res.SetControls(next)
			}
		}
		for i := from; i < to; i++ {
			if err := w.Write(r.NewSearchResponseEntry(fmt.Sprintf("cn=%d,dc=example", i), gldap.WithAttributes(map[string][]string{"cn": {strconv.Itoa(i)}}))); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	srv, err := gldap.NewServer()
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Router(mux); err != nil {
		t.Fatal(err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // the server wants an address, and takes it at once
	ran := make(chan error, 1)
	go func() { ran <- srv.Run(l.Addr().String()) }()
	t.Cleanup(func() {
		if err := srv.Stop(); err != nil {
			t.Error(err)
		}
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	for !srv.Ready() {
		select {
		case err := <-ran:
			t.Fatal(err)
		default:
		}
	}
	return "ldap://" + l.Addr().String(), requests
}

func TestSearchPages(t *testing.T) {
	url, requests := paged(t, 25)
	for _, tt := range []struct{ size, requests int }{{10, 3}, {25, 1}, {1, 25}, {100, 1}, {0, 1}} {
		*requests = 0
		found, err := Searcher{}.Search(t.Context(), usersync.LDAPServer{URL: url},
			usersync.LDAPSearch{Base: "dc=example", Filter: "(cn=*)", PageSize: tt.size})
		if err != nil || len(found) != 25 || found[24].Attributes["cn"][0] != "24" || *requests != tt.requests {
			t.Errorf("pages of %d: got %d entries and %v in %d requests, want 25 in %d", tt.size, len(found), err, *requests, tt.requests)
		}
	}
}
