package check

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
	"unicode/utf8"
)

// syntax adds what the parser said of a file.
func (c *checker) syntax(f *File, err error) {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		c.errs = append(c.errs, Error{Pos: token.Position{Filename: f.Name}, Message: err.Error()})
		return
	}
	if byPart := partErrors(f); len(byPart) > 0 {
		list = byPart
	}
	if !isAtEnd(list[0]) {
		list = slices.DeleteFunc(list, isAtEnd) // of a block that never was one
	}
	for i, e := range list {
		if i > 0 && e.Pos.Line == list[i-1].Pos.Line {
			last := &c.errs[len(c.errs)-1]
			if e.Pos == list[i-1].Pos && isEcho(list[i-1].Msg) {
				*last = respelledSyntax(f.Source, *e)
			}
			continue // those that follow on a line are but echoes of the first
		}
		c.errs = append(c.errs, respelledSyntax(f.Source, *e))
	}
}

// isAtEnd reports whether an error is that the file ends.
func isAtEnd(e *scanner.Error) bool { return strings.HasSuffix(e.Msg, "found 'EOF'") }

// isEcho reports whether a message follows from another one at the same place.
func isEcho(message string) bool {
	return strings.HasPrefix(message, "expected ';'") || strings.HasPrefix(message, "expected 'IDENT'")
}

var (
	expected   = lazily(`^expected (.+), found (.+)$`)
	assignment = lazily(`^expected \w+ expression, found assignment`)
	missing    = lazily(`^missing ',' (?:before newline )?in (.+)$`)
	quotation  = lazily(`^curly quotation mark '(.+)' `)
	character  = lazily(`^illegal character (U\+\w+(?: '.+')?)$`)
	escape     = lazily(`^illegal character U\+\w+ ('.+') in escape sequence$`)
	deferred   = lazily(`^expression in (go|defer) must be function call$`)
)

// lexical are the errors that have no "syntax error" before them in the compiler, with its words where they are others.
var lexical = map[string]string{
	"rune literal not terminated":                   "newline in rune literal",
	"string literal not terminated":                 "newline in string",
	"raw string literal not terminated":             "string not terminated",
	"illegal rune literal":                          "more than one character in rune literal",
	"unknown escape sequence":                       "unknown escape",
	"illegal UTF-8 encoding":                        "invalid UTF-8 encoding",
	"illegal character NUL":                         "invalid NUL character",
	"can only use ... with final parameter":         "",
	"final index required in 3-index slice":         "",
	"middle index required in 3-index slice":        "",
	"expression in defer must not be parenthesized": "",
	"expression in go must not be parenthesized":    "",
	"method has multiple receivers":                 "",
	"method has no receiver":                        "",
	"comment not terminated":                        "",
	"'_' must separate successive digits":           "",
	"hexadecimal literal has no digits":             "",
	"binary literal has no digits":                  "",
	"octal literal has no digits":                   "",
	"exponent has no digits":                        "",
}

// respelledSyntax returns an error of the parser as the compiler would put it.
func respelledSyntax(src []byte, e scanner.Error) Error {
	out := Error{Pos: e.Pos, Message: "syntax error: " + e.Msg}
	rest := src[min(e.Pos.Offset, len(src)):]
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	switch text, ok := lexical[e.Msg]; {
	case ok:
		out.Message = cmp.Or(text, e.Msg)
		if strings.HasPrefix(text, "newline in ") {
			out.Pos.Column += len(line)
		}
	case strings.HasPrefix(e.Msg, "invalid digit "):
		out.Message = e.Msg
	case quotation().MatchString(e.Msg):
		r, _ := utf8.DecodeRuneInString(quotation().FindStringSubmatch(e.Msg)[1])
		out.Message = fmt.Sprintf("invalid character %#U in identifier", r)
	case character().MatchString(e.Msg):
		out.Message = character().ReplaceAllString(e.Msg, "invalid character $1")
	case escape().MatchString(e.Msg):
		out.Message = escape().ReplaceAllString(e.Msg, "invalid character $1 in hexadecimal escape")
	case deferred().MatchString(e.Msg):
		out.Message = e.Msg
		toKeyword(&out.Pos, src[:len(src)-len(rest)], deferred().FindStringSubmatch(e.Msg)[1])
	case assignment().MatchString(e.Msg):
		out.Message = "syntax error: " + asValue(&out.Pos, string(line))
	case e.Msg == "expected type argument list":
		out.Message = "syntax error: unexpected " + tokenName(rest) + ", " + e.Msg
	case missing().MatchString(e.Msg):
		where := missing().FindStringSubmatch(e.Msg)[1]
		closing := ")"
		if where == "composite literal" {
			closing = "}"
		}
		out.Message = fmt.Sprintf("syntax error: unexpected %s in %s; possibly missing comma or %s", tokenName(rest), where, closing)
	case expected().MatchString(e.Msg):
		if strings.HasSuffix(e.Msg, "found 'EOF'") {
			out.Pos.Line, out.Pos.Column = 1+bytes.Count(src, []byte("\n")), len(src)-bytes.LastIndexByte(src, '\n')
		}
		out.Message = "syntax error: " + unexpected(src[:len(src)-len(rest)], rest, expected().FindStringSubmatch(e.Msg)[1])
	}
	return out
}

// unexpected says that what was expected is not what comes.
func unexpected(before, rest []byte, what string) string {
	found := tokenName(rest)
	if found == "EOF" && what == "';'" {
		what = "}"
	}
	switch what {
	case "';'", "'=='":
		switch around := context(before); around {
		case token.EOF:
			return "unexpected " + found + " after top level declaration"
		case token.STRUCT, token.INTERFACE:
			return "unexpected " + found + " in " + around.String() + " type; possibly missing semicolon or newline or }"
		default:
			return "unexpected " + found + " at end of statement"
		}
	case "declaration":
		return "non-declaration statement outside function body"
	case "statement":
		what = "}"
	case "operand":
		what = "expression"
	case "'IDENT'":
		what = "name"
		if bytes.HasSuffix(before, []byte("func ")) {
			what = "name or ("
		}
	case "'package'":
		return "package statement must be first"
	}
	return "unexpected " + found + ", expected " + strings.Trim(what, "'")
}

// asValue says that an assignment is no condition, and moves to its operator.
func asValue(pos *token.Position, line string) string {
	text, _, _ := strings.Cut(line, "{")
	text, _, _ = strings.Cut(text, ";")
	text = strings.TrimSpace(text)
	kind := "assignment "
	at := strings.Index(text, "=")
	if at > 0 && text[at-1] == ':' {
		at--
		kind = ""
	}
	pos.Column += max(at, 0)
	return "cannot use " + kind + text + " as value"
}

// toKeyword moves back to what follows a keyword.
func toKeyword(pos *token.Position, before []byte, keyword string) {
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	if at := bytes.LastIndex(line, []byte(keyword+" ")); at >= 0 {
		pos.Column = at + len(keyword) + 2
	}
}

// tokenName names the token that a source begins with.
func tokenName(src []byte) string {
	s, file := newScanner(src)
	_, tok, lit := s.Scan()
	switch {
	case tok == token.SEMICOLON && lit == "\n", bytes.HasPrefix(src, []byte("\n")):
		return "newline"
	case tok == token.EOF || file.Size() == 0:
		return "EOF"
	case tok == token.SEMICOLON:
		return "semicolon"
	case tok == token.COMMA:
		return "comma"
	case tok == token.IDENT:
		return "name " + lit
	case tok.IsLiteral():
		return "literal " + lit
	case tok.IsKeyword():
		return "keyword " + lit
	}
	return tok.String()
}

// context returns what stands before the innermost brace or parenthesis that is open at the end of a source, and EOF where
// there is none.
func context(src []byte) token.Token {
	s, _ := newScanner(src)
	var open []token.Token
	for before := token.EOF; ; {
		_, tok, _ := s.Scan()
		switch tok {
		case token.LBRACE, token.LPAREN, token.LBRACK:
			open = append(open, before)
		case token.RBRACE, token.RPAREN, token.RBRACK:
			open = open[:max(len(open)-1, 0)]
		case token.EOF:
			if len(open) == 0 {
				return token.EOF
			}
			return open[len(open)-1]
		}
		before = tok
	}
}

func newScanner(src []byte) (*scanner.Scanner, *token.File) {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(file, src, func(token.Position, string) {}, 0)
	return &s, file
}
