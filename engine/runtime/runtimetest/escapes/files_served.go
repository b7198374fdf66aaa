package escapes

import "github.com/scriptd/scriptd/engine/runtime"

// serving is an escape that serves a file over a pipe.
func serving(name, body string) escape {
	net := runtime.Permissions{Net: []string{"192.0.2.1:1"}, Read: []string{"DIR/granted"}}
	return escape{name, "net/http io errors strings", body, `
type record struct { strings.Builder; code int }
func (r *record) Header() http.Header { return http.Header{} }
func (r *record) WriteHeader(code int) { r.code = code }
func get(h http.Handler) (string, error) {
	req, err := http.NewRequest("GET", "http://x/file.txt", nil); if err != nil { return "", err }
	var r record; h.ServeHTTP(&r, req)
	if r.code != 0 && r.code != 200 { return "", errors.New(r.String()) }
	return r.String(), nil
}
var _ = io.EOF
`, net, "403 Forbidden", opened, "secret"}
}

func fileServers() []escape {
	open := serving("http.Dir", `f, err := http.Dir("DIR/secret").Open("file.txt"); `+readAll)
	open.denied = "permissions: {read: [DIR/secret/file.txt]"
	iface := serving("http.FileSystem", `var fsys http.FileSystem = http.Dir("DIR/secret"); f, err := fsys.Open("file.txt"); `+readAll)
	iface.denied = open.denied
	transport := serving("http.NewFileTransport", `res, err := (&http.Client{Transport: http.NewFileTransport(http.Dir("DIR/secret"))}).Get("file:///file.txt")
	if err != nil { return "", err }
	defer res.Body.Close(); b, err := io.ReadAll(res.Body); if res.StatusCode != 200 { err = errors.New(res.Status) }; return string(b), err`)
	return []escape{
		open, iface, transport,
		serving("http.FileServer", `return get(http.FileServer(http.Dir("DIR/secret")))`),
		serving("http.FileServer behind others", `return get(http.StripPrefix("", http.FileServer(http.Dir("DIR/secret"))))`),
		serving("http.ServeFile", `return get(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "DIR/secret/file.txt") }))`),
	}
}
