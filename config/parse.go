package config

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// parse returns the root node of a YAML document, or nil where it is none, with the reasons in problems.
func parse(content []byte, p *problems) ast.Node {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if at, ok := notText(content); !ok {
		p.add(at, "not YAML: the file is not text in UTF-8")
		return nil
	}
	// Keys that are there twice are reported with everything else, not alone.
	file, err := parser.ParseBytes(content, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		at, message := pos{}, err.Error()
		if yamlErr, ok := errors.AsType[yaml.Error](err); ok {
			message = yamlErr.GetMessage()
			if t := yamlErr.GetToken(); t != nil {
				at = pos{t.Position.Line, t.Position.Column}
			}
		}
		p.add(at, "not YAML: %s", message)
		return nil
	}
	var root ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil:
		case root == nil:
			root = doc.Body
		default:
			p.add(position(doc.Body), "a second YAML document: a configuration is one")
			return nil
		}
	}
	if root == nil {
		p.add(pos{}, "the file is empty: %s", example)
	}
	return root
}

// notText returns the place of the first character that no text has.
func notText(content []byte) (at pos, ok bool) {
	line, column := 1, 1
	for rest := string(content); rest != ""; {
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case r == utf8.RuneError && n == 1, r < ' ' && !strings.ContainsRune("\t\n\r", r), r == 0x7f:
			return pos{line, column}, false
		case r == '\n':
			line, column = line+1, 1
		default:
			column++
		}
		rest = rest[n:]
	}
	return pos{}, true
}

// position returns where a node begins.
func position(n ast.Node) pos {
	switch m := n.(type) {
	case *ast.MappingNode:
		// The parser gives a block the place of its first colon.
		if !m.IsFlowStyle && len(m.Values) > 0 {
			return position(m.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return position(m.Key)
	}
	t := n.GetToken()
	if t == nil || t.Position == nil {
		return pos{}
	}
	return pos{t.Position.Line, t.Position.Column}
}
