package box

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"text/template"
	"text/template/parse"
)

// maxTemplateDepth is how deep text/template lets templates call each other.
const maxTemplateDepth = 100000

// tmplExec is one execution of a template.
type tmplExec struct {
	env   *templates
	host  *hostTemplate
	tmpl  *template.Template
	w     io.Writer
	node  parse.Node // where errors are
	vars  []tmplVar
	depth int
}

type tmplVar struct {
	name  string
	value tmplValue
}

// tmplFault carries the error that ends an execution.
type tmplFault struct{ err error }

// flow says how a part of a template ended.
type flow int

const (
	flowNext flow = iota
	flowBreak
	flowContinue
)

// execute does what Execute of a template does.
func (e *templates) execute(t *template.Template, w io.Writer, data any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			fault, ok := r.(tmplFault)
			if !ok {
				panic(r)
			}
			err = fault.err
		}
	}()
	dot, ok := tmplValue{}, false
	if dot.v, ok = data.(reflect.Value); !ok {
		dot = e.dynamic(data)
	}
	s := &tmplExec{env: e, host: e.hostTemplate(t), tmpl: t, w: w, vars: []tmplVar{{"$", dot}}}
	if t.Tree == nil || t.Root == nil {
		s.errorf("%q is an incomplete or empty template", t.Name())
	}
	s.walk(dot, t.Root)
	return nil
}

func (s *tmplExec) at(n parse.Node) { s.node = n }

// errorf ends the execution with an error that says where the template is.
func (s *tmplExec) errorf(format string, args ...any) {
	escape := func(text string) string { return strings.ReplaceAll(text, "%", "%%") }
	name := escape(s.tmpl.Name())
	if s.node == nil {
		format = fmt.Sprintf("template: %s: %s", name, format)
	} else {
		location, context := s.tmpl.ErrorContext(s.node)
		format = fmt.Sprintf("template: %s: executing %q at <%s>: %s", location, name, escape(context), format)
	}
	panic(tmplFault{template.ExecError{Name: s.tmpl.Name(), Err: fmt.Errorf(format, args...)}})
}

// check ends the execution where writing failed. The error is the writer's own.
func (s *tmplExec) check(err error) {
	if err != nil {
		panic(tmplFault{err})
	}
}

func (s *tmplExec) mark() int { return len(s.vars) }

func (s *tmplExec) pop(mark int) { s.vars = s.vars[:mark] }

func (s *tmplExec) push(name string, x tmplValue) { s.vars = append(s.vars, tmplVar{name, x}) }

// variable returns where the value of the innermost variable of that name is.
func (s *tmplExec) variable(name string) *tmplValue {
	for i := len(s.vars) - 1; i >= 0; i-- {
		if s.vars[i].name == name {
			return &s.vars[i].value
		}
	}
	s.errorf("undefined variable: %s", name)
	return nil
}

func (s *tmplExec) walk(dot tmplValue, n parse.Node) flow {
	s.at(n)
	switch n := n.(type) {
	case *parse.ActionNode:
		x := s.pipeline(dot, n.Pipe)
		if len(n.Pipe.Decl) == 0 {
			s.print(n, x)
		}
	case *parse.BreakNode:
		return flowBreak
	case *parse.CommentNode:
	case *parse.ContinueNode:
		return flowContinue
	case *parse.IfNode:
		return s.branch(dot, &n.BranchNode)
	case *parse.WithNode:
		return s.branch(dot, &n.BranchNode)
	case *parse.ListNode:
		for _, child := range n.Nodes {
			if f := s.walk(dot, child); f != flowNext {
				return f
			}
		}
	case *parse.RangeNode:
		return s.ranging(dot, n)
	case *parse.TemplateNode:
		s.invoke(dot, n)
	case *parse.TextNode:
		_, err := s.w.Write(n.Text)
		s.check(err)
	default:
		s.errorf("unknown node: %s", n)
	}
	return flowNext
}

// branch executes an if or a with.
func (s *tmplExec) branch(dot tmplValue, n *parse.BranchNode) flow {
	defer s.pop(s.mark())
	x := s.pipeline(dot, n.Pipe)
	truth, ok := s.env.truth(x)
	switch {
	case !ok:
		s.errorf("if/with can't use %v", x.open())
	case truth && n.NodeType == parse.NodeWith:
		return s.walk(x, n.List)
	case truth:
		return s.walk(dot, n.List)
	case n.ElseList != nil:
		return s.walk(dot, n.ElseList)
	}
	return flowNext
}

// invoke executes another template.
func (s *tmplExec) invoke(dot tmplValue, n *parse.TemplateNode) {
	tmpl := s.tmpl.Lookup(n.Name)
	if tmpl == nil {
		s.errorf("template %q not defined", n.Name)
	}
	if s.depth == maxTemplateDepth {
		s.errorf("exceeded maximum template depth (%v)", maxTemplateDepth)
	}
	dot = s.pipeline(dot, n.Pipe)
	inner := *s
	inner.depth++
	inner.tmpl = tmpl
	inner.vars = []tmplVar{{"$", dot}}
	inner.walk(dot, tmpl.Root)
}

// pipeline evaluates a pipeline, and sets the variables that it declares or assigns.
func (s *tmplExec) pipeline(dot tmplValue, pipe *parse.PipeNode) tmplValue {
	if pipe == nil {
		return tmplValue{}
	}
	s.at(pipe)
	var x tmplValue
	var final *tmplValue
	for _, cmd := range pipe.Cmds {
		x = s.command(dot, cmd, final)
		if x.isEmptyInterface() {
			x = s.env.elem(x)
		}
		final = new(x)
	}
	for _, decl := range pipe.Decl {
		if pipe.IsAssign {
			*s.variable(decl.Ident[0]) = x
		} else {
			s.push(decl.Ident[0], x)
		}
	}
	return x
}

// command evaluates one command of a pipeline. What the command before it gave, where there is one, is its last argument.
func (s *tmplExec) command(dot tmplValue, cmd *parse.CommandNode, final *tmplValue) tmplValue {
	first := cmd.Args[0]
	switch n := first.(type) {
	case *parse.FieldNode:
		return s.fieldNode(dot, n, cmd.Args, final)
	case *parse.ChainNode:
		return s.chainNode(dot, n, cmd.Args, final)
	case *parse.IdentifierNode:
		return s.function(dot, n, cmd, cmd.Args, final)
	case *parse.PipeNode:
		s.noArguments(cmd.Args, final)
		return s.pipeline(dot, n)
	case *parse.VariableNode:
		return s.variableNode(dot, n, cmd.Args, final)
	}
	s.at(first)
	s.noArguments(cmd.Args, final)
	switch n := first.(type) {
	case *parse.BoolNode:
		return hostValue(n.True)
	case *parse.DotNode:
		return dot
	case *parse.NilNode:
		s.errorf("nil is not a command")
	case *parse.NumberNode:
		return s.number(n)
	case *parse.StringNode:
		return hostValue(n.Text)
	}
	s.errorf("can't evaluate command %q", first)
	return tmplValue{}
}

func (s *tmplExec) noArguments(args []parse.Node, final *tmplValue) {
	if len(args) > 1 || final != nil {
		s.errorf("can't give argument to non-function %s", args[0])
	}
}

// number returns a numeric constant, whose form decides on its type.
func (s *tmplExec) number(n *parse.NumberNode) tmplValue {
	s.at(n)
	switch {
	case n.IsComplex:
		return hostValue(n.Complex128)
	case n.IsFloat && writtenAsFloat(n.Text):
		return hostValue(n.Float64)
	case n.IsInt:
		if int64(int(n.Int64)) != n.Int64 {
			s.errorf("%s overflows int", n.Text)
		}
		return hostValue(int(n.Int64))
	case n.IsUint:
		s.errorf("%s overflows int", n.Text)
	}
	return tmplValue{}
}

// writtenAsFloat reports whether a constant is a float even where its value is whole: neither a character nor a
// hexadecimal integer, whose digits may be an e.
func writtenAsFloat(text string) bool {
	if text[0] == '\'' {
		return false
	}
	if len(text) > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && !strings.ContainsAny(text, "pP") {
		return false
	}
	return strings.ContainsAny(text, ".eEpP")
}

// errNoPrint is what a writer cannot be given.
var errNoPrint = errors.New("not printable")

// print writes the value of an action.
func (s *tmplExec) print(n parse.Node, x tmplValue) {
	s.at(n)
	x, err := s.env.printable(x)
	if err != nil {
		s.errorf("can't print %s of type %s", n, x.typeName())
	}
	if !x.valid() {
		_, err = io.WriteString(s.w, "<no value>")
	} else {
		_, err = fmt.Fprint(s.w, x.open())
	}
	s.check(err)
}

// printable returns what stands for x in the output: what a pointer points to, or a pointer where that has the method.
func (e *templates) printable(x tmplValue) (tmplValue, error) {
	if x.kind() == reflect.Pointer {
		x, _ = e.indirect(x)
	}
	if !x.valid() || e.printsItself(x) {
		return x, nil
	}
	if ptr, ok := e.addr(x); ok && e.printsItself(ptr) {
		return ptr, nil
	}
	if k := x.kind(); k == reflect.Chan || k == reflect.Func {
		return x, errNoPrint
	}
	return x, nil
}

// printsItself reports whether x is an error or a fmt.Stringer.
func (e *templates) printsItself(x tmplValue) bool {
	i := e.interfaces()
	return x.implements(i.err, errorType) || x.implements(i.stringer, stringerType)
}
