package sources_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

func TestFail(t *testing.T) {
	denied := sources.Fail(sources.Denied, errors.New("401"), "list refs")
	tests := []struct {
		name string
		err  error
		kind sources.Kind
	}{
		{"a new error", fs.ErrNotExist, sources.Refused},
		{"an error of a kind", denied, sources.Denied},
		{"a wrapped error of a kind", fmt.Errorf("poll: %w", denied), sources.Denied},
		{"a cancelled context", context.Canceled, sources.Transient},
		{"a deadline", fmt.Errorf("get: %w", context.DeadlineExceeded), sources.Transient},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := sources.Fail(sources.Refused, tt.err, "fetch %s", "x")
			sourcetest.WantError(t, got, tt.kind, "fetch x: "+tt.err.Error())
			if !errors.Is(got, tt.err) {
				t.Error("the cause is lost")
			}
		})
	}
	if err := sources.Fail(sources.Denied, nil, "nothing"); err != nil {
		t.Errorf("got %v for no error", err)
	}
	if kind := sources.KindOf(errors.New("x")); kind != sources.Transient {
		t.Errorf("an unknown error is %v", kind)
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	secret := sources.Literal("hunter2")
	holder := struct{ Password sources.Secret }{secret}
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", secret, "holder", holder)
	for _, text := range []string{
		secret.String(), string(encoded), log.String(),
		fmt.Sprintf("%v %+v %#v %s %q %x", secret, secret, secret, secret, secret, secret),
		fmt.Sprintf("%v %+v %#v %v", holder, holder, holder, &holder),
	} {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e74657232") {
			t.Errorf("printed: %s", text)
		}
	}
	if got, err := secret.Reveal(); got != "hunter2" || err != nil {
		t.Errorf("Reveal() = %q, %v", got, err)
	}
}

func TestSecretIsReadAnew(t *testing.T) {
	n := 0
	secret := sources.NewSecret(func() (string, error) {
		n++
		if n == 3 {
			return "", errors.New("API_TOKEN is not set")
		}
		return fmt.Sprint(n), nil
	})
	for _, want := range []string{"1", "2"} {
		if got, err := secret.Reveal(); got != want || err != nil {
			t.Errorf("Reveal() = %q, %v, want %q", got, err, want)
		}
	}
	_, err := secret.Reveal()
	sourcetest.WantError(t, err, sources.Misconfigured, "read secret: API_TOKEN is not set")

	for _, unset := range []sources.Secret{{}, sources.Literal("")} {
		if got, err := unset.Reveal(); unset.IsSet() || got != "" || err != nil {
			t.Errorf("an unset secret: IsSet %t, Reveal %q, %v", unset.IsSet(), got, err)
		}
	}
}
