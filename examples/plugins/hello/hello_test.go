package hello

import "testing"

func TestHello(t *testing.T) {
	got, err := hello(t.Context(), Params{Name: "Ada"})
	if err != nil || got != "hello, Ada" {
		t.Errorf("got %q, %v; want %q", got, err, "hello, Ada")
	}
}
