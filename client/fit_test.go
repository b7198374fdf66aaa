package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/client"
)

// A client that is newer than its server works as far as that goes.
func TestClientsMayBeNewer(t *testing.T) {
	s := serve(t, greeterHost(t, nil).Engine, nil)
	c := greeterClient(t, s.url, func(o *client.Options) {
		o.Contracts = []client.Contract{client.NewContract[PoliteGreeter]("greeter", 1, client.Optional("Bow"))}
	})
	g := get[PoliteGreeter](t, c, "english")
	if got, err := g.Greet(t.Context(), PoliteGreeting{Title: "Sir", Name: "Bob"}); got != "Hello Bob" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := g.Bow(t.Context(), 1); !errors.Is(err, client.ErrNotImplemented) {
		t.Errorf("got %v, want %v", err, client.ErrNotImplemented)
	}
	for method, want := range map[string]bool{"Greet": true, "Bow": false, "Visit": false, "Other": false} {
		if got := client.Implements(g, method); got != want {
			t.Errorf("%s: got %t", method, got)
		}
	}
}

// What does not fit is refused when it is asked for.
func TestMisfitsAreRefused(t *testing.T) {
	s := serve(t, greeterHost(t, nil).Engine, nil)
	for _, tt := range []struct {
		name     string
		contract client.Contract
		get      func(c *client.Client) error
		is       error
		want     string
	}{
		{
			"another signature", client.NewContract[NumberGreeter]("greeter", 1), getting[NumberGreeter](t, "english"), client.ErrMismatch,
			"contract greeter@1: the interfaces do not fit: client_test.Greeter.Greet: parameter 2: client_test.Greeting: it is another type on the other side",
		},
		{
			"a method that the server lacks", client.NewContract[PoliteGreeter]("greeter", 1), getting[PoliteGreeter](t, "english"), client.ErrMismatch,
			"contract greeter@1: the interfaces do not fit: the server does not have client_test.PoliteGreeter.Bow, which is not optional here",
		},
		{
			"a method of an argument that the client lacks", client.NewContract[QuietSpeaker]("speaker", 1), getting[QuietSpeaker](t, "loud"),
			client.ErrMismatch,
			"contract speaker@1: the interfaces do not fit: the client does not have client_test.Audience.Clap, which plugins may call",
		},
		{
			"another version", client.NewContract[Greeter]("greeter", 2), getting[Greeter](t, "english"), client.ErrVersion,
			"another version of the contract: version 2 of contract greeter is wanted, and the server has 1",
		},
		{
			"another contract", client.NewContract[Greeter]("welcome", 1), getting[Greeter](t, "english"), client.ErrNotFound,
			"no such plugin: the server has no contract welcome, but greeter@1, speaker@1",
		},
		{
			"another name", client.NewContract[Greeter]("greeter", 1), getting[Greeter](t, "german"), client.ErrNotFound,
			"no such plugin: greeter/german; implementations of greeter: english (version 1)",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := greeterClient(t, s.url, func(o *client.Options) { o.Contracts = []client.Contract{tt.contract} })
			for range 2 { // the second time over the same connection
				err := tt.get(c)
				if !errors.Is(err, tt.is) || err.Error() != "scriptd at "+s.url+": "+tt.want {
					t.Errorf("got %v\nwant %v: %s", err, tt.is, tt.want)
				}
			}
		})
	}
}

func getting[T any](t *testing.T, name string) func(c *client.Client) error {
	t.Helper()
	return func(c *client.Client) error {
		_, err := client.Get[T](t.Context(), c, name)
		return err
	}
}

// What cannot be told to anybody is said when the client is made.
func TestClientsSayWhatIsWrongWithThem(t *testing.T) {
	for _, tt := range []struct {
		server string
		opts   client.Options
		want   string
	}{
		{"127.0.0.1:7070", client.Options{}, "client: "},
		{"ftp://127.0.0.1", client.Options{}, "client: want a URL as http://127.0.0.1:7070, have"},
		{"http://me:secret@127.0.0.1", client.Options{}, "client: http://me:xxxxx@127.0.0.1: credentials belong into Options.Header"},
		{"http://127.0.0.1", client.Options{Contracts: []client.Contract{client.NewContract[Greeter]("a", 1)}}, "contract a@1: no symbols of client_test.Greeter"},
		{"http://127.0.0.1", client.Options{Contracts: []client.Contract{client.NewContract[int]("a", 1)}}, "contract a@1: int is no interface"},
		{
			"http://127.0.0.1", client.Options{
				Contracts: []client.Contract{client.NewContract[Greeter]("a", 1), client.NewContract[Greeter]("b", 1)},
				Symbols:   []client.Exports{greeterSymbols},
			}, "contract b@1: client_test.Greeter is the interface of contract a@1, too",
		},
		{
			"http://127.0.0.1", client.Options{
				Contracts: []client.Contract{client.NewContract[Greeter]("a", 1), client.NewContract[Speaker]("a", 1)},
				Symbols:   []client.Exports{greeterSymbols},
			}, "contract a@1: there are two of that version",
		},
	} {
		if c, err := client.New(tt.server, &tt.opts); err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, %v, want %s", tt.server, c, err, tt.want)
		}
	}
	c := greeterClient(t, "http://127.0.0.1:1", nil)
	if _, err := client.Get[Speaker](t.Context(), c, "x"); err == nil || errors.Is(err, client.ErrUnavailable) {
		t.Errorf("a contract that the client does not have: got %v", err)
	}
}
