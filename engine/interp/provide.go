package interp

import (
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// implementation is what a package provides, with its methods by their number; nil for one that is missing.
type implementation struct {
	runtime.Implementation
	methods []*method
}

// Provide implements plugin.ContractHost, as Add does Host.
func (h *host) Provide(string, string, any) error {
	return errors.New("the type of an implementation is not known: call Provide on the Registrar itself, not through a variable")
}

// Service implements plugin.ContractHost.
func (h *host) Service(any) error {
	return errors.New("the type of a service is not known: call Service on the Registrar itself, not through a variable")
}

// provide is Registrar.Provide for the program.
func (in *instance) provide(site int, _ *plugin.Registrar, ref, name string, v any) error {
	if err := (*host)(in).provide(site, ref, name, v); err != nil {
		return &siteError{site, err}
	}
	return nil
}

func (h *host) provide(site int, ref, name string, v any) error {
	offered, err := h.offered(ref)
	if err != nil {
		return err
	}
	if !contract.ValidName(name) {
		return fmt.Errorf("provide %s: name %q: want lower-case letters, digits, _ and -, at most 64, the first a letter or digit", ref, name)
	}
	static, value := h.types.opened(v)
	if static == nil {
		return fmt.Errorf("provide %s: the implementation is nil", ref)
	}
	pos := h.sites[site]
	impl := &implementation{Implementation: runtime.Implementation{Name: name, File: pos.Filename, Line: pos.Line, Column: pos.Column}}
	if impl.Contract, impl.Missing, err = h.suiting(static, offered); err != nil {
		return err
	}
	if slices.ContainsFunc(h.implemented, func(other *implementation) bool { return other.Key() == impl.Key() }) {
		return fmt.Errorf("implementation %s is provided twice in this package", impl.Key())
	}
	for i := range impl.Contract.Methods {
		m := h.method(impl, i, static, value)
		impl.methods, impl.Brief = append(impl.methods, m), append(impl.Brief, m != nil && m.brief)
	}
	h.implemented = append(h.implemented, impl)
	return nil
}

// offered returns the contracts that a name stands for, the newest first: greeter, or greeter@2.
func (h *host) offered(ref string) ([]*contract.Contract, error) {
	name, wanted, versioned := strings.Cut(ref, "@")
	var all []*contract.Contract
	for _, c := range h.pkg.Contracts {
		if c.Name == name {
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("provide %s: this host has no such contract: it has %s", ref, listed(h.contractNames()))
	}
	slices.SortFunc(all, func(a, b *contract.Contract) int { return b.Version - a.Version })
	if !versioned {
		return all, nil
	}
	if n, err := strconv.Atoi(wanted); err != nil || n < 1 || strconv.Itoa(n) != wanted {
		return nil, fmt.Errorf("provide %s: want a version after the @, as in %s@1", ref, name)
	}
	var versions []string
	for _, c := range all {
		if strconv.Itoa(c.Version) == wanted {
			return []*contract.Contract{c}, nil
		}
		versions = append(versions, strconv.Itoa(c.Version))
	}
	slices.Reverse(versions)
	return nil, fmt.Errorf("provide %s: the plugin implements version %s, this host speaks version %s", ref, wanted, strings.Join(versions, ", "))
}

func (h *host) contractNames() []string {
	var all []string
	for _, c := range h.pkg.Contracts {
		all = append(all, c.Name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// listed is a list for people.
func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// suiting returns the first of some contracts that a type implements. The error is about the one that it comes closest to.
func (h *host) suiting(t types.Type, offered []*contract.Contract) (c *contract.Contract, missing []string, err error) {
	most := -1
	for _, c := range offered {
		missing, has, fault := h.implements(t, c)
		if fault == nil {
			return c, missing, nil
		}
		if has > most {
			most, err = has, fault
		}
	}
	return nil, nil, err
}

// implements reports which optional methods of a contract a type does not have, and how many others it has. The error is a
// compiler's: what it has to have and has not.
func (h *host) implements(t types.Type, c *contract.Contract) (missing []string, has int, err error) {
	want := h.types.universe.TypeOf(c.Type)
	name := func(t types.Type) string { return types.TypeString(t, h.types.qualify) }
	fault := func(format string, args ...any) {
		if err == nil {
			err = fmt.Errorf("%s does not implement %s (%s)", name(t), name(want), fmt.Sprintf(format, args...))
		}
	}
	for i, m := range c.Methods {
		obj, _, _ := types.LookupFieldOrMethod(want, false, nil, m.Name)
		wanted := obj.(*types.Func)
		found, _, indirect := types.LookupFieldOrMethod(t, false, nil, m.Name)
		f, ok := found.(*types.Func)
		switch {
		case !ok && indirect:
			fault("method %s has pointer receiver", m.Name)
		case !ok && c.Methods[i].Optional:
			missing = append(missing, m.Name)
		case !ok:
			fault("missing method %s", m.Name)
		case !types.Identical(unbound(f), unbound(wanted)):
			fault("wrong type for method %s: have %s, want %s", m.Name, signatureText(name(unbound(f))), signatureText(name(unbound(wanted))))
		default:
			has++
		}
	}
	return missing, has, err
}

// unbound is the type of a method without its receiver, and without the names of its parameters.
func unbound(m *types.Func) *types.Signature {
	sig := m.Signature()
	return types.NewSignatureType(nil, nil, nil, nameless(sig.Params()), nameless(sig.Results()), sig.Variadic())
}

func nameless(t *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for v := range t.Variables() {
		vars = append(vars, types.NewVar(0, nil, "", v.Type()))
	}
	return types.NewTuple(vars...)
}

func signatureText(signature string) string { return strings.TrimPrefix(signature, "func") }

// qualify writes the names of packages, but for the program's main one.
func (t *typeTable) qualify(pkg *types.Package) string {
	if pkg == t.main {
		return ""
	}
	return pkg.Name()
}

// service is Registrar.Service for the program.
func (in *instance) service(site int, _ *plugin.Registrar, v any) error {
	if err := (*host)(in).service(v); err != nil {
		return &siteError{site, fmt.Errorf("service: %w", err)}
	}
	return nil
}

func (h *host) service(v any) error {
	static, into := h.types.opened(v)
	if static == nil {
		return errors.New("want a pointer to a variable of an interface of the host, have nil")
	}
	if into.Kind() != reflect.Pointer || into.IsNil() || into.Type().Elem().Kind() != reflect.Interface || into.Type().Elem().NumMethod() == 0 {
		return fmt.Errorf("want a pointer to a variable of an interface of the host, have %s", types.TypeString(static, h.types.qualify))
	}
	var offered []string
	for _, s := range h.pkg.Services {
		if s.Type == into.Type().Elem() {
			into.Elem().Set(s.Value)
			return nil
		}
		offered = append(offered, s.Type.String())
	}
	slices.Sort(offered)
	return fmt.Errorf("this host offers no %s: it offers %s", into.Type().Elem(), listed(offered))
}
