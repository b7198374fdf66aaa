package schema

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// The peer is a library that judges the same, and what it finds said in our words.

const peerLocation = "parameters:///"

func peerCompile(doc any) (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.UseLoader(noLoader{})
	if err := c.AddResource(peerLocation, doc); err != nil {
		return nil, err
	}
	return c.Compile(peerLocation)
}

// noLoader refuses references to other documents.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("reference to another document: %s", url)
}

// misplaced is the message that the peer has the wrong place of: its path is that of a value that it judged later.
const misplaced = "its name is not allowed"

// asPeerPlaces are faults, those that the peer misplaces with the last token of their pointers only.
func asPeerPlaces(faults []Fault) []Fault {
	var placed []Fault
	for _, f := range faults {
		if f.Message == misplaced {
			f.Pointer = f.Pointer[strings.LastIndexByte(f.Pointer, '/'):]
		}
		placed = append(placed, f)
	}
	return sorted(placed)
}

// sorted are faults with the repeated ones left out.
func sorted(faults []Fault) []Fault {
	slices.SortFunc(faults, func(a, b Fault) int {
		return strings.Compare(a.Pointer+" "+a.Message, b.Pointer+" "+b.Message)
	})
	return slices.Compact(faults)
}

// peerFaults lists the innermost causes of a validation error, sorted by pointer.
func peerFaults(err error) []Fault {
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return []Fault{{Message: err.Error()}}
	}
	return sorted(peerLeaves(invalid, nil))
}

func peerLeaves(e *jsonschema.ValidationError, faults []Fault) []Fault {
	if k, ok := e.ErrorKind.(*kind.PropertyNames); ok {
		return append(faults, Fault{Pointer(k.Property), misplaced})
	}
	if len(e.Causes) > 0 && !isChoice(e.ErrorKind) {
		for _, cause := range e.Causes {
			faults = peerLeaves(cause, faults)
		}
		return faults
	}
	at := func(more ...string) string { return Pointer(slices.Concat(e.InstanceLocation, more)...) }
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			faults = append(faults, Fault{at(name), "is required"})
		}
	case *kind.DependentRequired:
		for _, name := range k.Missing {
			faults = append(faults, Fault{at(name), "is required beside " + k.Prop})
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			faults = append(faults, Fault{at(name), "unknown parameter"})
		}
	default:
		faults = append(faults, Fault{at(), peerExpects(e.ErrorKind)})
	}
	return faults
}

// isChoice reports whether a keyword's causes are alternatives, none of which is more at fault than the others.
func isChoice(k jsonschema.ErrorKind) bool {
	switch k.(type) {
	case *kind.AnyOf, *kind.OneOf, *kind.Contains, *kind.MinContains, *kind.MaxContains:
		return true
	}
	return false
}

// expected says what a keyword asks for.
func peerExpects(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		return fmt.Sprintf("want %s, got %s", strings.Join(k.Want, " or "), k.Got)
	case *kind.Enum:
		return "want one of " + list(k.Want)
	case *kind.Const:
		return "want " + list([]any{k.Want})
	case *kind.Minimum:
		return "want at least " + peerNumber(k.Want)
	case *kind.Maximum:
		return "want at most " + peerNumber(k.Want)
	case *kind.ExclusiveMinimum:
		return "want more than " + peerNumber(k.Want)
	case *kind.ExclusiveMaximum:
		return "want less than " + peerNumber(k.Want)
	case *kind.MultipleOf:
		return "want a multiple of " + peerNumber(k.Want)
	case *kind.MinLength:
		return fmt.Sprintf("want at least %d characters, got %d", k.Want, k.Got)
	case *kind.MaxLength:
		return fmt.Sprintf("want at most %d characters, got %d", k.Want, k.Got)
	case *kind.MinItems:
		return fmt.Sprintf("want at least %d items, got %d", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("want at most %d items, got %d", k.Want, k.Got)
	case *kind.MinProperties:
		return fmt.Sprintf("want at least %d members, got %d", k.Want, k.Got)
	case *kind.MaxProperties:
		return fmt.Sprintf("want at most %d members, got %d", k.Want, k.Got)
	case *kind.UniqueItems:
		return fmt.Sprintf("items %d and %d are equal", k.Duplicates[0], k.Duplicates[1])
	case *kind.Pattern:
		return "want a match of the pattern " + k.Want
	case *kind.Format:
		return "want the format " + k.Want
	case *kind.AnyOf:
		return "fits none of what it may be (anyOf)"
	case *kind.OneOf:
		if len(k.Subschemas) > 0 {
			return "fits several of what it may be (oneOf)"
		}
		return "fits none of what it may be (oneOf)"
	case *kind.Not:
		return "is what it must not be (not)"
	case *kind.Contains:
		return "has no item that it has to contain"
	case *kind.MinContains:
		return fmt.Sprintf("want at least %d items that it has to contain, got %d", k.Want, len(k.Got))
	case *kind.MaxContains:
		return fmt.Sprintf("want at most %d items that it has to contain, got more", k.Want)
	case *kind.RefCycle:
		return "refers to itself without end"
	case *kind.FalseSchema:
		return "is not allowed"
	case *kind.InvalidJsonValue:
		return "is no JSON value"
	default:
		return "does not hold under " + strings.Join(k.KeywordPath(), "/")
	}
}

func peerNumber(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	f, _ := r.Float64()
	return fmt.Sprint(f)
}
