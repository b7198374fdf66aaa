package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// The compiler has a type checker and a parser of its own, which are close relatives of those here. Where they say the
// same thing at another place of a line, or in other words, the compiler's way is what authors know.

// moves are the errors that the compiler shows elsewhere: at the place that to returns for the call, index expression or
// statement around the error, if it is the one at fault.
var moves = []struct {
	message func() *regexp.Regexp
	to      func(n ast.Node, pos token.Pos) token.Pos
}{
	{lazily(`^not enough arguments in call to `), toLastArgument},
	{lazily(`^invalid operation: (not enough|too many) arguments for |^missing argument in conversion `), toCall},
	{lazily(`^cannot use \.\.\. in call to non-variadic `), toVariadic},
	{lazily(`cannot infer |does not satisfy `), toParenthesis},
	{lazily(`function instantiation requires go`), toInstantiated},
	{lazily(`^cannot index `), toBracket},
	{lazily(`^invalid operation: cannot send to `), toSend},
}

func toLastArgument(n ast.Node, pos token.Pos) token.Pos {
	call, ok := n.(*ast.CallExpr)
	if !ok || call.Rparen != pos {
		return token.NoPos
	}
	if len(call.Args) > 0 {
		return call.Args[len(call.Args)-1].Pos()
	}
	return call.Pos()
}

func toCall(n ast.Node, pos token.Pos) token.Pos {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return token.NoPos
	}
	if call.Rparen == pos {
		return call.Pos()
	}
	for _, arg := range call.Args {
		if arg.Pos() == pos {
			return call.Pos()
		}
	}
	return token.NoPos
}

func toVariadic(n ast.Node, pos token.Pos) token.Pos {
	call, ok := n.(*ast.CallExpr)
	if !ok || !call.Ellipsis.IsValid() || pos < call.Lparen {
		return token.NoPos
	}
	return call.Pos()
}

func toParenthesis(n ast.Node, pos token.Pos) token.Pos {
	if call, ok := n.(*ast.CallExpr); ok && call.Pos() == pos {
		return call.Lparen
	}
	return token.NoPos
}

func toInstantiated(n ast.Node, pos token.Pos) token.Pos {
	switch n := n.(type) {
	case *ast.CallExpr:
		if n.Lparen == pos {
			return n.Pos()
		}
	case *ast.IndexExpr:
		if n.Lbrack == pos || n.Index.Pos() == pos {
			return n.Pos()
		}
	case *ast.IndexListExpr:
		if n.Lbrack == pos || n.Indices[0].Pos() == pos {
			return n.Pos()
		}
	}
	return token.NoPos
}

func toBracket(n ast.Node, pos token.Pos) token.Pos {
	if index, ok := n.(*ast.IndexExpr); ok && index.Pos() == pos {
		return index.Lbrack
	}
	return token.NoPos
}

func toSend(n ast.Node, pos token.Pos) token.Pos {
	if send, ok := n.(*ast.SendStmt); ok && send.Arrow == pos {
		return send.Pos()
	}
	return token.NoPos
}

// respelled returns an error of the type checker as the compiler would put it.
func (c *checker) respelled(pkg *Package, e types.Error) types.Error {
	for _, move := range moves {
		if !move.message().MatchString(e.Msg) {
			continue
		}
		for _, n := range enclosing(pkg, e.Pos) {
			if pos := move.to(n, e.Pos); pos.IsValid() {
				e.Pos = pos
				break
			}
		}
	}
	if strings.Contains(e.Msg, " literal)") {
		e.Msg = functionLiteral().ReplaceAllString(e.Msg, "$1 "+literalBody(pkg, e.Pos))
	}
	for _, w := range labelWords {
		e.Msg = w.from().ReplaceAllString(e.Msg, w.to)
	}
	if m := invalidLabel().FindStringSubmatch(e.Msg); m != nil && !labelled(enclosing(pkg, e.Pos), m[2]) {
		e.Msg = m[1] + " label not defined: " + m[2]
	}
	return e
}

// literalBody returns how the compiler writes the body of the function literal in the statement or declaration around a
// position.
func literalBody(pkg *Package, pos token.Pos) string {
	nodes := enclosing(pkg, pos)
	around := slices.IndexFunc(nodes, func(n ast.Node) bool {
		switch n.(type) {
		case ast.Stmt, ast.Spec:
			return true
		}
		return false
	})
	var literal *ast.FuncLit
	if around >= 0 {
		ast.Inspect(nodes[around], func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncLit); ok && literal == nil {
				literal = f
			}
			return literal == nil
		})
	}
	if literal != nil && len(literal.Body.List) == 0 {
		return "{}"
	}
	return "{…}"
}

// labelled reports whether one of the statements has that label.
func labelled(nodes []ast.Node, label string) bool {
	return slices.ContainsFunc(nodes, func(n ast.Node) bool {
		s, ok := n.(*ast.LabeledStmt)
		return ok && s.Label.Name == label
	})
}

// enclosing returns the nodes around a position, the innermost first.
func enclosing(pkg *Package, pos token.Pos) []ast.Node {
	var found []ast.Node
	for _, f := range pkg.Files {
		if pos < f.AST.FileStart || f.AST.FileEnd < pos {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if n == nil || pos < n.Pos() || n.End() < pos {
				return false
			}
			found = append(found, n)
			return true
		})
	}
	slices.Reverse(found)
	return found
}

var functionLiteral = lazily(`\((func\(.*?) literal\)`)

var invalidLabel = lazily(`^invalid (break|continue) label (\S+)$`)

// labelWords are what the compiler's parser says of branches and labels.
var labelWords = []struct {
	from func() *regexp.Regexp
	to   string
}{
	{lazily(`^break not in for, switch, or select statement$`), "break is not in a loop, switch, or select"},
	{lazily(`^continue not in for statement$`), "continue is not in a loop"},
	{lazily(`^label (\S+) not declared$`), "label $1 not defined"},
	{lazily(`^label (\S+) declared and not used$`), "label $1 defined and not used"},
	{lazily(`^label (\S+) already declared$`), "label $1 already defined"},
}
