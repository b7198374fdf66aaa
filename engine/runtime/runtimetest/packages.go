package runtimetest

func packageCases() []testCase {
	return []testCase{
		{"packages of a module", func(t *trial) {
			t.answers(t.load(of(`
-- go.mod --
module example.com/m
-- p/p.go --
package p

import (
	"context"

	"example.com/m/internal/words"
	"example.com/m/p/p"
	"github.com/scriptd/scriptd/plugin"
)

func handle(context.Context) ([]string, error) { return []string{words.First, p.Name()}, nil }
`+register+`
-- internal/words/words.go --
// Package words has another package's name for its folder's sake.
package words

import "example.com/m/p/p"

var First = "first of " + p.Name()
-- p/p/p.go --
package p

func Name() string { return "p/p" }
`)), nil, `["first of p/p","p/p"]`)
		}},
		{"a module named as its package", func(t *trial) {
			t.answers(t.load(of(`
-- go.mod --
module p
-- p/p.go --
package p

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
	other "p/q"
)

func handle(context.Context) (int, error) { return other.N, nil }
`+register+`
-- q/q.go --
package notq

const N = 7
`)), nil, `7`)
		}},
		{"packages without a module", func(t *trial) {
			t.answers(t.load(of(`
-- p/p.go --
package p

import (
	"context"

	"example.com/repo/shared/text"
	"github.com/scriptd/scriptd/plugin"
)

func handle(context.Context) (string, error) { return text.Quote("a"), nil }
`+register+`
-- shared/text/text.go --
package text

import "strconv"

func Quote(s string) string { return strconv.Quote(s) }
`)), nil, `"\"a\""`)
		}},
		{"vendored packages", func(t *trial) {
			t.answers(t.load(of(`
-- go.mod --
module example.com/m
-- p/p.go --
package p

import (
	"context"

	"example.org/dep"
	"github.com/scriptd/scriptd/plugin"
)

func handle(context.Context) (string, error) { return dep.Hello(), nil }
`+register+`
-- vendor/example.org/dep/dep.go --
package dep

import "example.org/dep/internal/x"

func Hello() string { return x.X }
-- vendor/example.org/dep/internal/x/x.go --
package x

var X = "vendored"
`)), nil, `"vendored"`)
		}},
		{"packages are initialised once, before what imports them", func(t *trial) {
			t.answers(t.load(of(`
-- p/p.go --
package p

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
	"plugins/a"
	"plugins/b"
	"plugins/log"
)

func init() { log.Add("p") }

func handle(context.Context) ([]string, error) { return log.Lines, nil }

var _, _ = a.X, b.X
`+register+`
-- a/a.go --
package a

import "plugins/log"

var X = log.Add("a")
-- b/b.go --
package b

import "plugins/log"

var X = log.Add("b")
-- log/log.go --
package log

var Lines []string

func Add(s string) int { Lines = append(Lines, s); return len(Lines) }
`)), nil, `["a","b","p"]`)
		}},
		{"a problem in an imported package", func(t *trial) {
			t.refusedWith(of(`
-- p/p.go --
package p

import "plugins/q"

var _ = q.Q
-- q/q.go --
package q

var Q int = "q"
`), `q/q.go:3:13: cannot use "q" (untyped string constant) as int value in variable declaration`)
		}},
		{"an import cycle", func(t *trial) {
			t.refusedWith(of(`
-- p/p.go --
package p

import _ "plugins/q"
-- q/q.go --
package q

import _ "plugins/p"
`), "q/q.go:3:10: import cycle not allowed: through plugins/p")
		}},
	}
}
