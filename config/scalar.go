package config

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

var (
	wholeNumber = lazily(`^[-+]?(0|[1-9][0-9]*)$`)
	baseNumber  = lazily(`^0(o[0-7]+|x[0-9a-fA-F]+)$`)
	fraction    = lazily(`^[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	noNumber    = lazily(`^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
	// Other versions of YAML take these for numbers, each for its own.
	unclear = lazily(`^[-+]?(0[0-9_]+|[0-9][0-9_]*_[0-9_]*|0b[01_]+|0x[0-9a-fA-F_]+)(\.[0-9_]*)?$`)
)

// scalar returns the Go value of a scalar node: nil, bool, string, int64, uint64 for what is larger, or float64. The
// error says what is wrong with it.
func scalar(n ast.Node) (any, *scalarError) {
	switch n := n.(type) {
	case *ast.NullNode:
		return nil, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.StringNode:
		if t := n.GetToken().Type; t == token.SingleQuoteType || t == token.DoubleQuoteType {
			return n.Value, nil
		}
		return plain(n.Value)
	default:
		return plain(n.GetToken().Value)
	}
}

// plain reads a scalar without quotes by the core schema of YAML 1.2. What the parser makes of it is not used: it
// takes 1e3 for a string, and 0777 for 511.
func plain(s string) (any, *scalarError) {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return nil, nil
	case "true", "True", "TRUE":
		return true, nil
	case "false", "False", "FALSE":
		return false, nil
	}
	switch {
	case wholeNumber().MatchString(s):
		return whole(s, 10)
	case baseNumber().MatchString(s):
		return whole(s, 0)
	case fraction().MatchString(s):
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, &scalarError{s, tooLarge}
		}
		return f, nil
	case noNumber().MatchString(s):
		return nil, &scalarError{s, "is no number that JSON has: put it in quotes"}
	case unclear().MatchString(s):
		return nil, &scalarError{s, "is read differently by different versions of YAML: put it in quotes, or write a plain number"}
	case strings.ContainsAny(s[:1], "]},"):
		return nil, &scalarError{s, "begins with a bracket or comma that belongs to nothing"}
	}
	return s, nil
}

func whole(s string, base int) (any, *scalarError) {
	if i, err := strconv.ParseInt(s, base, 64); err == nil {
		return i, nil
	}
	u, err := strconv.ParseUint(strings.TrimPrefix(s, "+"), base, 64)
	if err != nil {
		return nil, &scalarError{s, tooLarge}
	}
	return u, nil
}

// scalarError says what is wrong with a scalar.
type scalarError struct {
	value, why string
}

const tooLarge = "is too large for a number: put it in quotes"

func (e *scalarError) Error() string { return e.value + " " + e.why }

// describe names the value of a node for a message: the number 5. Where it is hidden, only its type: a number.
func describe(n ast.Node, hidden bool) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	}
	v, err := scalar(n)
	switch v := v.(type) {
	case bool:
		return fmt.Sprint(v)
	case string:
		if hidden {
			return "a string"
		}
		return fmt.Sprintf("%q", v)
	case nil:
		if err != nil {
			return "no such value"
		}
		return "nothing"
	default:
		if hidden {
			return "a number"
		}
		return "the number " + n.GetToken().Value
	}
}
