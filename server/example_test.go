package server_test

import (
	"context"
	"fmt"
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

	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequestWithContext(context.Background(), http.MethodPost,
		"/plugins/v1/plugins/hello/run", strings.NewReader(`{"name": "Ada"}`)))
	envelope, _, _ := strings.Cut(answer.Body.String(), `,"message"`)
	fmt.Println(answer.Code, envelope)
	// Output: 200 {"success":true,"data":"hello, Ada"
}
