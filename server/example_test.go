package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/server"
	"github.com/scriptd/scriptd/sources/filesystem"
)

// A host binary answers for its engine on a route of its own.
func Example() {
	folder, err := filesystem.New(filesystem.Options{Path: "../examples/plugins"})
	if err != nil {
		fmt.Println(err)
		return
	}
	eng, err := engine.New(context.Background(), engine.Options{Sources: []engine.Source{{
		Name: "examples", Type: "filesystem", From: folder, Packages: []engine.Package{{Path: "hello"}},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer eng.Close()
	mux := http.NewServeMux()
	mux.Handle("/plugins/", http.StripPrefix("/plugins", server.New(eng, nil)))

	host := httptest.NewServer(mux)
	defer host.Close()
	resp, err := http.Post(host.URL+"/plugins/v1/plugins/hello/run", "application/json", strings.NewReader(`{"name": "Ada"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	answer, _, _ := strings.Cut(string(body), `,"message"`)
	fmt.Println(resp.Status, answer, err)
	// Output: 200 OK {"success":true,"data":"hello, Ada" <nil>
}
