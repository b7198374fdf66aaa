package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

const secret = "open-sesame"

// api is an HTTP API with pages of users and departments. It accepts the bearer token secret, and the password secret of ada.
func api(t *testing.T) *httptest.Server {
	t.Helper()
	items := map[string][]string{"/departments": {`{"code": "acme", "name": "Acme"}`, `{"code": "rd", "name": "Research", "parent": "acme"}`}}
	for i := range 7 {
		items["/users"] = append(items["/users"], fmt.Sprintf(`{"code": "u%d", "properties": {"email": "u%d@acme.example"}, "departments": ["rd"], "leaders": ["u0"]}`, i, i))
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, basic := r.BasicAuth()
		switch list, ok := items[r.URL.Path]; {
		case r.Header.Get("Authorization") != "Bearer "+secret && (!basic || user != "ada" || password != secret):
			w.WriteHeader(http.StatusUnauthorized)
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		default:
			page, _ := strconv.Atoi(r.URL.Query().Get("page"))
			size, _ := strconv.Atoi(r.URL.Query().Get("page_size"))
			from := min((page-1)*size, len(list))
			fmt.Fprintf(w, `{"count": %d, "results": [%s]}`, len(list), strings.Join(list[from:min(from+size, len(list))], ","))
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

// general is a tenant, as YAML, of the type general.
func general(url, config string) string {
	return fmt.Sprintf("  - {name: a, type: general, config: {url: %q, %s}}\n", url, config)
}

func TestAPI(t *testing.T) {
	srv := api(t)
	for _, where := range isolations() {
		t.Run(string(where), func(t *testing.T) {
			for name, config := range map[string]string{
				"bearer": "token: " + secret + ", page_size: 3",
				"basic":  "auth: basic, username: ada, password: " + secret + ", page_size: 7",
			} {
				t.Run(name, func(t *testing.T) {
					h, log := newFolder(t, general(srv.URL, config), nil).open(t, where)
					got, err := h.tenants[0].fetch(t.Context())
					if err != nil || len(got.Departments) != 2 || len(got.Users) != 7 {
						t.Fatalf("got %+v and %v\n%s", got, err, log)
					}
					want := usersync.User{Code: "u6", Properties: map[string]string{"email": "u6@acme.example"}, Departments: []string{"rd"}, Leaders: []string{"u0"}}
					if !reflect.DeepEqual(got.Users[6], want) || got.Departments[1] != (usersync.Department{Code: "rd", Name: "Research", Parent: "acme"}) {
						t.Errorf("got %+v and %+v", got.Users[6], got.Departments)
					}
					res, err := h.tenants[0].TestConnection(t.Context())
					if err != nil || res.Outcome != usersync.OK || res.Sample == nil || res.Sample.Code != "u0" {
						t.Errorf("got %+v and %v", res, err)
					}
				})
			}
		})
	}
}

// named is a tenant, as YAML, of another name.
func named(tenant, name string) string {
	return strings.Replace(tenant, "name: a", fmt.Sprintf("name: %q", name), 1)
}

// answering is an API that answers all requests the same.
func answering(t *testing.T, status int, body string, header ...string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestAPIFaults(t *testing.T) {
	srv := api(t)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	const token = "token: " + secret + ", attempts: 1"
	tests := map[string]struct {
		tenant  string
		outcome usersync.Outcome // of the test; "": an error
		want    string           // in its message, or the error
	}{
		"nobody answers":  {general("http://"+l.Addr().String(), token), usersync.CannotConnect, "refused"},
		"wrong token":     {general(srv.URL, "token: other"), usersync.Unauthorized, "401 Unauthorized: check the token, or username and password"},
		"wrong password":  {general(srv.URL, "auth: basic, username: ada, password: other"), usersync.Unauthorized, "401"},
		"no auth":         {general(srv.URL, "auth: none"), usersync.Unauthorized, "401"},
		"forbidden":       {general(answering(t, 403, ""), token), usersync.Unauthorized, "403 Forbidden"},
		"wrong path":      {general(srv.URL, token+", users_path: people"), usersync.NotFound, "404 Not Found for people: check url and the paths"},
		"redirect":        {general(answering(t, 302, "", "Location", "https://login.example/"), token), usersync.NotFound, `a redirect to "https://login.example/"`},
		"a page for eyes": {general(answering(t, 200, "<html>"), token), usersync.WrongFormat, `the answer is not {"count": …, "results": […]}`},
		"a list":          {general(answering(t, 200, "[]"), token), usersync.WrongFormat, "the answer is not"},
		"no results":      {general(answering(t, 200, `{"count": 1}`), token), usersync.WrongFormat, "the answer is not"},
		"no user":         {general(answering(t, 200, `{"count": 1, "results": ["ada"]}`), token), usersync.WrongFormat, "a result is not as it should be"},
		"no code":         {general(answering(t, 200, `{"count": 1, "results": [{"id": 7}]}`), token), usersync.WrongFormat, "a result has no code"},
		"fewer than said": {general(answering(t, 200, `{"count": 9, "results": []}`), token), usersync.WrongFormat, "the API counts 9 and has 0"},
		"no users":        {general(answering(t, 200, `{"count": 0, "results": []}`), token), usersync.OK, "has no users"},
		"too busy":        {general(answering(t, 429, "", "Retry-After", "0"), "auth: none, attempts: 3"), "", "429 Too Many Requests for users"},
		"broken":          {general(answering(t, 502, ""), token), "", "502 Bad Gateway for users"},
		"a teapot":        {general(answering(t, 418, ""), token), "", "418"},
		"no address":      {general("hr.example", token), "", "url: want http:// or https:// with a host"},
		"wrong config":    {general(srv.URL, "tokens: "+secret), "", "config: tokens: there is no such field"},
		"net not granted": {general("http://192.0.2.1", token), usersync.CannotConnect, "permission denied"},
	}
	all := ""
	for name, tt := range tests {
		all += named(tt.tenant, name)
	}
	for _, where := range isolations() {
		h, _ := newFolder(t, all, nil).open(t, where)
		for name, tt := range tests {
			t.Run(string(where)+"/"+name, func(t *testing.T) { testFault(t, h, name, tt.outcome, tt.want) })
		}
	}
}

// testFault tests the connection of a tenant, which comes to an outcome, an error where that is "", and nothing is fetched unless it is OK.
func testFault(t *testing.T, h *host, name string, outcome usersync.Outcome, want string) {
	t.Helper()
	tenants, err := h.named([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	res, err := tenants[0].TestConnection(t.Context())
	text := res.Message
	if err != nil {
		text = err.Error()
	}
	if res.Outcome != outcome || (err != nil) != (outcome == "") || !strings.Contains(text, want) {
		t.Errorf("got %+v and %v, want %s and %s", res, err, outcome, want)
	}
	if o, err := tenants[0].fetch(t.Context()); (err == nil) != (outcome == usersync.OK) {
		t.Errorf("fetched %+v, %v", o, err)
	}
}

// 429 and 5xx are tried again; what the server asks to wait is waited.
func TestAPIRetries(t *testing.T) {
	for _, status := range []int{429, 500, 503} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			for _, where := range isolations() {
				t.Run(string(where), func(t *testing.T) {
					var requests atomic.Int32
					srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						if requests.Add(1) <= 2 {
							w.Header().Set("Retry-After", "0")
							w.WriteHeader(status)
							return
						}
						fmt.Fprint(w, `{"count": 1, "results": [{"code": "ada"}]}`)
					}))
					defer srv.Close()
					h, _ := newFolder(t, general(srv.URL, "auth: none, attempts: 3"), nil).open(t, where)
					if users, err := h.tenants[0].FetchUsers(t.Context()); err != nil || len(users) != 1 || requests.Load() != 3 {
						t.Errorf("got %+v and %v after %d requests, want one user after 3", users, err, requests.Load())
					}
				})
			}
		})
	}
}
