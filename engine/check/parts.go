package check

import (
	"bytes"
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
)

// declaration matches the beginning of a declaration at the top of a file.
var declaration = lazily(`(?m)^(func|type|var|const)\b`)

// partErrors parses each declaration of a file on its own, and returns the errors of all: a parser that has lost its way
// in one would miss those of the next. It returns nothing where they cannot be told apart.
func partErrors(f *File) scanner.ErrorList {
	clause := clauseEnd(f)
	if clause < 0 || bytes.Contains(f.Source, []byte("//line ")) {
		return nil
	}
	starts := declaration().FindAllIndex(f.Source[clause:], -1)
	var all scanner.ErrorList
	for i := range len(starts) + 1 {
		from, to := clause, len(f.Source)
		if i > 0 {
			from = clause + starts[i-1][0]
		}
		if i < len(starts) {
			to = clause + starts[i][0]
		}
		_, err := parser.ParseFile(token.NewFileSet(), f.Name, only(f.Source, clause, from, to), parser.SkipObjectResolution|parser.AllErrors)
		var list scanner.ErrorList
		if !errors.As(err, &list) {
			continue
		}
		if isAtEnd(list[0]) && i < len(starts) {
			return nil // what is open reaches into the next
		}
		for j, e := range list {
			if j == 0 || !isAtEnd(e) {
				all = append(all, e)
			}
		}
	}
	return all
}

// clauseEnd returns where the package clause of a file ends, and -1 for a file without one.
func clauseEnd(f *File) int {
	head, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Source, parser.PackageClauseOnly)
	if err != nil {
		return -1
	}
	return int(head.Name.End() - head.FileStart)
}

// only returns a source of which only the package clause and a part are left, where they were.
func only(src []byte, clause, from, to int) []byte {
	out := bytes.Clone(src[:to])
	for i := clause; i < from; i++ {
		if out[i] != '\n' {
			out[i] = ' '
		}
	}
	return out
}
