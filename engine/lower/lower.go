// Package lower translates checked Go into the Go that the interpreter executes correctly: one flat file of plain
// functions over plain types.
//
//	out, err := lower.Lower(lower.Input{Fset: fset, Packages: packages, Entry: register})
//
// The interpreter gets methods, embedding, named types, generics, interfaces, closures, deferred calls and much of what
// Go has learned since 2022 wrong, or not at all. None of that is left in what it is given:
//   - Types of the program are erased to what they are made of; package box says how. Methods are functions.
//   - Generic functions and types are instantiated, once for each list of type arguments.
//   - A value that an interface holds carries its type in a box. Calls through the program's own interfaces go through
//     functions that look at the box; conversions happen at every point where the language assigns one type to another,
//     all of them in conv.go.
//   - Control flow that the interpreter has no notion of, or a wrong one, is spelled out.
//
// What is translated is what the entry points reach. Expressions become text; what cannot be part of an expression is
// hoisted into statements before the one that needs it, and then what was to be evaluated earlier is hoisted too.
package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// Input is a checked program.
type Input struct {
	Fset *token.FileSet
	// Packages are in dependency order.
	Packages []*Package
	// Source finds the source of what is generic in a compiled package; nil where there is none.
	Source func(importPath string) *Package
	// Compiled reports whether a package exists as compiled code.
	Compiled func(importPath string) bool
	// Entry is the function of the last package that the host calls.
	Entry *types.Func
	// Replaced reports whether a compiled function, by its full name, has a stand-in.
	Replaced func(fullName string) bool
	// Unwrapped says why values of the program's types cannot be values of a compiled interface; it is empty where they can. It
	// may be nil.
	Unwrapped func(*types.TypeName) string
	// Sited reports whether a stand-in is told where it is called: its first argument is the number of a site.
	Sited func(fullName string) bool
	// Methods are the names of exported methods that the host looks for in values that get into interfaces.
	Methods []string
}

// Package is a checked package of the program, or the source part of a compiled one.
type Package struct {
	Types     *types.Package
	Files     []*ast.File
	Info      *types.Info
	Fset      *token.FileSet
	InitOrder []*types.Initializer
	// Embedded are the variables that hold files.
	Embedded []*types.Var
	// SharedLoopVars are the files in whose language version a loop's variables are the same in all iterations.
	SharedLoopVars map[*ast.File]bool
}

// Output is a translated program.
type Output struct {
	// Text is a file of package main. It declares Entry, and Start where something is to be initialised, which is to be called once and first.
	Text []byte
	// Types are what the program refers to as rt.T1, rt.T2, …; and Interfaces those with a function rt.W1, rt.W2, …
	// that turns a box into a value of that interface, and rt.A1, rt.A2, … that asserts it.
	Types      []types.Type
	Interfaces []types.Type
	// Structs are the recursive types that it refers to as rt.S1, rt.S2, …: struct types, and named ones that Wrapped
	// reports. The host makes their reflect types.
	Structs []types.Type
	// Locals tells of types that generic functions declare what their names leave open.
	Locals map[*types.Named]Local
	// Cases are the lists of types that rt.Case tells apart, by number. A nil type stands for the nil case.
	Cases [][]types.Type
	// Symbols are the compiled symbols that the program refers to, by import path. Their tables are imported as x/PATH.
	Symbols map[string][]string
	// Replaced are the full names of the stand-ins that it refers to as rt.R1, rt.R2, …
	Replaced []string
	// Sites are the places that the program names by number.
	Sites []token.Position
	// Embedded are the package variables that hold files: the program calls rt.Embed with their index.
	Embedded []*types.Var
}

// Local is a type that is declared in a generic function, in one of its instances.
type Local struct {
	// Declared is what the author declared.
	Declared *types.TypeName
	// Args are the type arguments of the function, or of the receiver of the method.
	Args []types.Type
}

// Refusal is a construct that cannot be translated faithfully.
type Refusal struct {
	Pos     token.Position
	Message string
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%s: not supported by the interpreter: %s", r.Pos, r.Message)
}

// Lower translates a program. Its error is Refusals.
func Lower(in Input) (out *Output, err error) {
	l := newLowerer(in)
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Refusal:
			out, err = nil, l.refused(r)
		default:
			panic(r)
		}
	}()
	l.program()
	if err := l.refused(nil); err != nil {
		return nil, err
	}
	return l.out, nil
}

// lowerer translates one program.
type lowerer struct {
	Input
	out *Output

	packages map[*types.Package]*Package
	bodies   map[*types.Func]body // by origin
	context  *types.Context

	funcs     map[string]*instance // by key
	queue     []func()             // what is to be translated still
	globals   map[types.Object]string
	structs   typeutil.Map // the names of struct types, by their underlying type
	wrapped   typeutil.Map // the names of the structs that hold recursive types
	types     typeutil.Map // numbers of descriptors
	ifaces    typeutil.Map // numbers of interfaces
	replaced  map[string]int
	imports   map[string]string // names of imported tables, by import path
	symbols   map[string]map[string]bool
	boxed     []*boxedType
	boxedAt   typeutil.Map
	hot       typeutil.Map // types whose methods compiled code may look for
	dispatch  map[string]*dispatcher
	dispOrder []*dispatcher
	methods   typeutil.MethodSetCache
	hotTypes  []*hotType
	allHot    bool            // all exported methods of hot types are
	given     strings.Builder // statements that give the host methods
	hotNames  map[string]bool
	count     int
	hasEmpty  bool
	locals    map[localKey]*types.Named

	logFlag    token.Position // of log.Lshortfile, where the program uses it
	logFlagPos token.Pos
	ownSlog    bool // the program sets the default logger of log/slog
	refusals   []*Refusal
	recovers   []token.Position // where functions that call recover are values
	conditions []condition

	structDecls []string        // in the order in which they were met: the interpreter wants what refers to others first
	decls       strings.Builder // other types, and variables
	code        strings.Builder // functions
	start       strings.Builder // what Start does before the program is initialised
	init        strings.Builder // the program's initialisation
}

// body is a declared function with its package.
type body struct {
	decl *ast.FuncDecl
	pkg  *Package
}

func newLowerer(in Input) *lowerer {
	l := &lowerer{
		Input:    in,
		out:      &Output{Symbols: make(map[string][]string), Locals: make(map[*types.Named]Local)},
		packages: make(map[*types.Package]*Package),
		bodies:   make(map[*types.Func]body),
		context:  types.NewContext(),
		funcs:    make(map[string]*instance),
		globals:  make(map[types.Object]string),
		replaced: make(map[string]int),
		imports:  make(map[string]string),
		symbols:  make(map[string]map[string]bool),
		dispatch: make(map[string]*dispatcher),
		hotNames: make(map[string]bool),
		locals:   make(map[localKey]*types.Named),
	}
	for _, pkg := range in.Packages {
		l.addPackage(pkg)
	}
	return l
}

// addPackage makes the functions of a package known.
func (l *lowerer) addPackage(pkg *Package) {
	l.packages[pkg.Types] = pkg
	for _, f := range pkg.Files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				if obj, ok := pkg.Info.Defs[fn.Name].(*types.Func); ok {
					l.bodies[obj] = body{fn, pkg}
				}
			}
		}
	}
}

// source returns the package of a type or function that has source, nil for a compiled one.
func (l *lowerer) source(pkg *types.Package) *Package {
	if pkg == nil {
		return nil
	}
	if p, ok := l.packages[pkg]; ok {
		return p
	}
	if l.Source == nil {
		return nil
	}
	p := l.Source(pkg.Path())
	if p == nil || p.Types != pkg {
		l.packages[pkg] = nil
		return nil
	}
	l.addPackage(p)
	return p
}

// number returns the next number for a name.
func (l *lowerer) number() int {
	l.count++
	return l.count
}

// refuse gives up.
func (l *lowerer) refuse(pos token.Position, format string, args ...any) {
	panic(&Refusal{Pos: pos, Message: fmt.Sprintf(format, args...)})
}
