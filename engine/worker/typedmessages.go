package worker

import (
	"fmt"
	"slices"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
	"github.com/scriptd/scriptd/plugin"
)

// offer is what a package may implement and use of its host, as it is sent.
type offer struct {
	contracts []offeredContract
	services  []offeredService
}

type offeredContract struct {
	name     string
	version  int
	is       spoken
	optional []string
}

type offeredService struct {
	is        spoken
	reference uint64
}

// offerOf is what a package is offered. References of services come later.
func (p *plans) offerOf(pkg runtime.Package) (offer, error) {
	var o offer
	for _, c := range pkg.Contracts {
		plan, err := p.of(c.Type)
		if err != nil {
			return o, fmt.Errorf("contract %s: %w", c, err)
		}
		one := offeredContract{name: c.Name, version: c.Version, is: spokenOf(c.Type, plan)}
		for _, m := range c.Methods {
			if m.Optional {
				one.optional = append(one.optional, m.Name)
			}
		}
		o.contracts = append(o.contracts, one)
	}
	for _, s := range pkg.Services {
		plan, err := p.service(s.Type)
		if err != nil {
			return o, fmt.Errorf("service %s: %w", s.Type, err)
		}
		o.services = append(o.services, offeredService{is: spokenOf(s.Type, plan)})
	}
	return o, nil
}

func (s spoken) appendTo(p *wire.Payload) {
	p.String(s.path)
	p.String(s.name)
	p.Bytes(slices.Clone(s.print[:]))
}

func decodeSpoken(d *wire.Decoder) spoken {
	s := spoken{path: d.String(), name: d.String()}
	if n := copy(s.print[:], d.Raw()); n != len(s.print) {
		d.Fail("a fingerprint is too short")
	}
	return s
}

func (o offer) appendTo(p *wire.Payload) {
	p.Uint(uint64(len(o.contracts)))
	for _, c := range o.contracts {
		p.String(c.name)
		p.Int(int64(c.version))
		c.is.appendTo(p)
		appendStrings(p, c.optional)
	}
	p.Uint(uint64(len(o.services)))
	for _, s := range o.services {
		s.is.appendTo(p)
		p.Uint(s.reference)
	}
}

func decodeOffer(d *wire.Decoder) offer {
	var o offer
	for range d.Count() {
		o.contracts = append(o.contracts, offeredContract{d.String(), int(d.Int()), decodeSpoken(d), decodeStrings(d)})
	}
	for range d.Count() {
		o.services = append(o.services, offeredService{decodeSpoken(d), d.Uint()})
	}
	return o
}

// isEmpty reports whether nothing is offered.
func (o offer) isEmpty() bool { return len(o.contracts) == 0 && len(o.services) == 0 }

func appendImplementations(p *wire.Payload, contracts []*contract.Contract, list []runtime.Implementation) {
	p.Uint(uint64(len(list)))
	for _, impl := range list {
		p.Uint(uint64(slices.Index(contracts, impl.Contract)))
		p.String(impl.Name)
		appendStrings(p, impl.Missing)
		p.String(impl.File)
		p.Int(int64(impl.Line))
		p.Int(int64(impl.Column))
	}
}

// decodeImplementations takes what a package says that it provides, of which nothing is believed.
func decodeImplementations(d *wire.Decoder, contracts []*contract.Contract) []runtime.Implementation {
	var list []runtime.Implementation
	seen := make(map[string]bool)
	for range d.Count() {
		n := d.Uint()
		impl := runtime.Implementation{
			Name: d.String(), Missing: decodeStrings(d), File: d.String(), Line: int(d.Int()), Column: int(d.Int()),
		}
		if n >= uint64(len(contracts)) || (plugin.Spec{Name: impl.Name}).Validate() != nil {
			d.Fail("an implementation of no contract, or without a name")
			return nil
		}
		impl.Contract = contracts[n]
		for _, name := range impl.Missing {
			if i := impl.Contract.Index(name); i < 0 || !impl.Contract.Methods[i].Optional {
				d.Fail("an implementation without a method that it has to have")
			}
		}
		if seen[impl.Key()] {
			d.Fail("two implementations of one name")
		}
		if d.Err() != nil {
			return nil
		}
		seen[impl.Key()] = true
		list = append(list, impl)
	}
	return list
}
