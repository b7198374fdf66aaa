package main

import (
	"regexp"
	"strings"
)

// class is a kind of refusal.
type class struct {
	name string
	// why says why there is no way to do better, and what to do instead.
	why     string
	pattern *regexp.Regexp
}

// classes are those that there are. A refusal belongs to the first that matches.
var classes = []class{
	{
		"unsafe", "Interpreted values have no memory layout of their own. Use encoding/binary, math.Float64bits and the like.",
		regexp.MustCompile(`^not supported by the interpreter: unsafe`),
	},
	{
		"cgo, assembly and go:linkname", "They are compiled code, or reach into it. Use what packages export.",
		regexp.MustCompile(`: cgo |go:linkname|missing function body|^package runtime/cgo`),
	},
	{
		"the call stack", "What compiled code sees of it are the calls of the interpreter. Pass on what names the place; a panic tells its own.",
		regexp.MustCompile(`: (?:runtime\.(?:Caller|Callers|CallersFrames|FuncForPC|Stack|Func|Frames?)|debug\.(?:Stack|PrintStack))\b`),
	},
	{
		"memory", "What is allocated, and when it is freed, is the interpreter's affair. Use defer, or a Close method.",
		regexp.MustCompile(`: (?:runtime\.(?:SetFinalizer|AddCleanup|ReadMemStats|MemStats|MemProfile\w*)|debug\.\w+|weak\.)\b|elements without size`),
	},
	{
		"no symbols of a package", "Packages about the inside of Go, or for its tests, are not in the symbol tables.",
		regexp.MustCompile(`package \S+ is not available`),
	},
	{
		"types and values", "Each names the place, the reason and a way out.",
		regexp.MustCompile(`^not supported by the interpreter: .*\(.*; .*\)`),
	},
	{
		"taken for invalid", "The front end does not accept the program, though the compiler does. This is a fault.",
		regexp.MustCompile(`^taken for invalid: `),
	},
	{
		"not compiled by the interpreter", "It was lowered to something that the interpreter does not take. This is a fault.",
		regexp.MustCompile(`^not supported by the interpreter: `),
	},
}

// other is the class of what belongs to none.
var other = class{name: "other"}

// classOf returns the class of a refusal.
func classOf(reason string) class {
	for _, c := range classes {
		if c.pattern.MatchString(strings.TrimSpace(reason)) {
			return c
		}
	}
	return other
}
