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
		"cgo", "Compiled C has no place in an interpreter.",
		regexp.MustCompile(`^not supported by the interpreter: cgo`),
	},
	{
		"linkname and assembly", "They reach into compiled packages, or are compiled themselves.",
		regexp.MustCompile(`linkname|missing function body`),
	},
	{
		"no symbols of a package", "Packages that concern the inside of Go, or testing, are not in the symbol tables.",
		regexp.MustCompile(`^package \S+ is not available`),
	},
	{
		"taken for invalid", "The front end does not accept the program, though the compiler does.",
		regexp.MustCompile(`^taken for invalid: `),
	},
	{
		"what the interpreter cannot compile", "",
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
