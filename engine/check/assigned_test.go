package check_test

import (
	"testing"

	"github.com/scriptd/scriptd/engine/check"
)

// What a process has one of is not changed: neither by an assignment nor through its address.
func TestAssigned(t *testing.T) {
	changing := func(pos, what string) string {
		return "p/p.go:" + pos + ": changing " + what + ", which the process has one of, needs the permission all, which is not granted: " +
			"add permissions: {all: true} to package team/p or its source in the configuration"
	}
	tests := []struct {
		name, source string
		want         []string
	}{
		{"reads", `package p
import ("io"; "time"; "encoding/base64"; "image"; "net/http")
var local, eof, black, transport = time.Local, io.EOF, image.Black.C, http.DefaultTransport
func f() string { eof = nil; local = time.UTC; return base64.StdEncoding.EncodeToString(nil) + http.DefaultClient.Timeout.String() }
`, nil},
		{"an assignment", `package p
import "time"
func f() { time.Local = time.UTC }
`, []string{changing("3:17", "time.Local")}},
		{"in a list", `package p
import ("io"; "os")
func f() { var a error; a, io.EOF = os.ErrExist, nil; _ = a }
`, []string{changing("3:31", "io.EOF")}},
		{"a range", `package p
import "image"
func f(points []image.Point) { for _, image.ZP = range points {} }
`, []string{changing("3:45", "image.ZP")}},
		{"a field", `package p
import "image"
func f() { image.ZP.X++; image.ZR.Min.X = 1 }
`, []string{changing("3:18", "image.ZP"), changing("3:32", "image.ZR")}},
		{"an address", `package p
import "image"
var p, q = &image.ZP, &image.ZR.Min.X
`, []string{changing("3:19", "image.ZP"), changing("3:30", "image.ZR")}},
		{"a method that takes the address", `package p
import "go/build"
func f() { _ = build.Default.SrcDirs }
`, []string{changing("3:22", "go/build.Default")}},
		{"what is behind a pointer is no variable", `package p
import "image"
func f() { image.Black.C = nil }
`, nil},
		{"dot import", `package p
import . "time"
func f() { Local = UTC }
`, []string{changing("3:12", "time.Local")}},
		{"what a package has for itself", `package p
import "net/http"
func f() { http.DefaultClient = &http.Client{} }
var client = &http.DefaultClient
`, nil},
		{"the program's own", `package p
import "time"
var Local *time.Location
var list [2]int
type t struct{ list [2]int }
func f(x t) { Local = time.UTC; list[0] = 1; x.list[1] = 2; _ = &x.list }
`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, errorsOf(t, check.Config{Tree: tree(tt.source), Dir: "p", Package: "team/p", Assigned: func(importPath, _ string) string {
				if importPath == "net/http" {
					return ""
				}
				return "all"
			}}), tt.want)
		})
	}
}
