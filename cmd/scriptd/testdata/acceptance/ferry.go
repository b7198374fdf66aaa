// Package ferry books crossings. The acceptance test serves it from three origins, each under a name of its own.
package ferry

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

// Booking is what a caller wants.
type Booking struct {
	// From is the harbour where the crossing begins.
	From string `json:"from" minLength:"3" maxLength:"3" pattern:"^[A-Z]+$"`
	To   string `json:"to" minLength:"3" maxLength:"3" doc:"the other harbour"`
	Day  string `json:"day" format:"date"`
	// Class of the places.
	Class    string            `json:"class" enum:"deck,cabin,suite" default:"deck"`
	Persons  int               `json:"persons" minimum:"1" maximum:"9" default:"1"`
	Discount float64           `json:"discount,omitempty" minimum:"0" maximum:"0.5"`
	Return   bool              `json:"return,omitempty"` // and back the day after
	Lead     Contact           `json:"lead"`
	Vehicles []Vehicle         `json:"vehicles,omitempty"`
	Notes    map[string]string `json:"notes,omitempty"`
	Cabin    *uint8            `json:"cabin"`
	Voucher  string            `json:"voucher,omitempty" secret:"true"`
	Weather  string            `json:"weather" enum:"calm,fog,storm,iceberg" default:"calm"`
}

// Contact is who to ask.
type Contact struct {
	Name   string   `json:"name"`
	Phones []string `json:"phones,omitempty"`
}

// Vehicle goes below deck.
type Vehicle struct {
	Plate  string  `json:"plate"`
	Metres float64 `json:"metres" minimum:"0.5"`
}

// Ticket is the answer.
type Ticket struct {
	Number string             `json:"number"`
	Legs   []Leg              `json:"legs"`
	Price  Price              `json:"price"`
	Lanes  map[string]float64 `json:"lanes"`
	Lead   Contact            `json:"lead"`
	Notes  []string           `json:"notes,omitempty"`
	Cabin  *uint8             `json:"cabin"`
	inner  string
}

// Leg is one crossing.
type Leg struct {
	From string    `json:"from"`
	To   string    `json:"to"`
	Sail time.Time `json:"sail"`
}

// Price is in cents.
type Price struct {
	Cents    int64  `json:"cents"`
	Currency string `json:"currency"`
}

// Register is the entry point.
func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{
		Name:        "ferry",
		Description: "Book a crossing",
		Concurrency: 4,
		Timeout:     20 * time.Second,
	}, book)
}

var fares = map[string]int64{"deck": 1250, "cabin": 4900, "suite": 14900}

var errFog = errors.New("the harbour is closed: fog")

func book(ctx context.Context, b Booking) (Ticket, error) {
	plugin.Log(ctx).Debug("booking", "from", b.From, "to", b.To)
	if b.From == b.To {
		return Ticket{}, plugin.Invalid("to: %s is where the crossing begins", b.To)
	}
	day, err := time.Parse("2006-01-02", b.Day)
	if err != nil {
		return Ticket{}, fmt.Errorf("day: %w", err)
	}
	switch b.Weather {
	case "fog":
		return Ticket{}, plugin.Retryable(fmt.Errorf("%s: %w", b.From, errFog))
	case "storm":
		return Ticket{}, errors.New("no ship leaves today")
	case "iceberg":
		sink(b.Persons)
	}
	t := Ticket{Number: number(b), Lead: b.Lead, Cabin: b.Cabin, inner: b.Voucher}
	t.Legs = append(t.Legs, Leg{b.From, b.To, day.Add(8 * time.Hour)})
	if b.Return {
		t.Legs = append(t.Legs, Leg{b.To, b.From, day.Add(32 * time.Hour)})
	}
	t.Lanes = lanes(b.Vehicles)
	t.Price = price(b, len(t.Legs), t.Lanes["total"])
	for _, key := range sortedKeys(b.Notes) {
		t.Notes = append(t.Notes, key+"="+b.Notes[key])
	}
	plugin.Progress(ctx, len(t.Legs), len(t.Legs), "booked")
	return t, nil
}

func number(b Booking) string {
	var s strings.Builder
	for i, part := range []string{b.From, b.To, strings.ReplaceAll(b.Day, "-", "")} {
		if i > 0 {
			s.WriteByte('/')
		}
		s.WriteString(part)
	}
	return s.String()
}

func lanes(vehicles []Vehicle) map[string]float64 {
	m := map[string]float64{"total": 0}
	for _, v := range vehicles {
		m[v.Plate] += v.Metres
		m["total"] += v.Metres
	}
	return m
}

func price(b Booking, legs int, metres float64) Price {
	cents := fares[b.Class]*int64(b.Persons) + int64(metres*300)
	cents *= int64(legs)
	cents -= int64(float64(cents) * b.Discount)
	return Price{cents, "EUR"}
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func sink(persons int) {
	boats := make([]string, persons)
	if len(boats) < 100 {
		panic("not enough boats")
	}
}
