package usersync

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

var described = Description{Title: "x", Fields: []Field{
	{Name: "url", Required: true, Doc: "an address"},
	{Name: "auth", Default: "bearer", OneOf: []string{"bearer", "basic"}},
	{Name: "token", Kind: Sensitive},
	{Name: "size", Kind: Number, Default: 100, Min: 1, Max: 1000},
	{Name: "tls", Kind: Flag},
	{Name: "names", Kind: List, Default: []string{"cn"}},
}}

func TestDescriptionConfig(t *testing.T) {
	got, err := described.Config(map[string]any{"url": "u", "token": "t", "size": uint64(7), "names": []any{"a", "b"}, "tls": nil})
	want := Config{"url": "u", "auth": "bearer", "token": Secret("t"), "size": 7, "names": []string{"a", "b"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %#v and %v, want %#v", got, err, want)
	}
	if got.Text("url") != "u" || got.Secret("token") != "t" || got.Number("size") != 7 || got.Flag("tls") || len(got.List("names")) != 2 || got.Text("size") != "" {
		t.Errorf("the fields of %v are not what they are", got)
	}
	again, err := described.Config(got) // what was checked can be checked again
	if err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("got %#v and %v, want %#v", again, err, got)
	}
}

func TestDescriptionConfigFaults(t *testing.T) {
	for want, given := range map[string]map[string]any{
		"url: is missing: an address":                                                  {},
		"url: want a text, have 7":                                                     {"url": 7},
		`auth: want one of bearer, basic, have "none"`:                                 {"url": "u", "auth": "none"},
		"token: want a text: put it in quotes":                                         {"url": "u", "token": 735354},
		"size: want a whole number from 1 to 1000, have 0":                             {"url": "u", "size": 0},
		"size: want a whole number from 1 to 1000, have 1.5":                           {"url": "u", "size": 1.5},
		"tls: want true or false, have yes":                                            {"url": "u", "tls": "yes"},
		"names: want a list, have cn":                                                  {"url": "u", "names": "cn"},
		"names: want a list of texts, there is a 1 in it":                              {"url": "u", "names": []any{1}},
		"tokens: there is no such field: there are url, auth, token, size, tls, names": {"url": "u", "tokens": "open-sesame"},
		"url: is missing: an address\ntls: want true or false, have 1":                 {"tls": 1},
	} {
		if _, err := described.Config(given); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	if _, err := (Description{Fields: []Field{{Name: "a", Kind: "map"}}}).Config(map[string]any{"a": 1}); err == nil || !strings.Contains(err.Error(), `of the kind "map"`) {
		t.Errorf("got %v", err)
	}
}

// Whatever prints a configuration gets it without what is sensitive.
func TestSecretsDoNotPrint(t *testing.T) {
	config, err := described.Config(map[string]any{"url": "u", "token": "open-sesame"})
	if err != nil {
		t.Fatal(err)
	}
	var logs strings.Builder
	slog.New(slog.NewTextHandler(&logs, nil)).Info("a", "config", config, "token", config.Secret("token"))
	slog.New(slog.NewJSONHandler(&logs, nil)).Info("a", "config", config, "token", config.Secret("token"))
	encoded, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		logs.String(), string(encoded), fmt.Sprint(config), fmt.Sprintf("%v %+v %#v %s %q", config, config, config, config, config),
		fmt.Sprintf("%s %v %#v %q", config.Secret("token"), config.Secret("token"), config.Secret("token"), config.Secret("token")),
		config.Redact("refused: Bearer open-sesame"),
	} {
		if strings.Contains(text, "open-sesame") || !strings.Contains(text, redacted) {
			t.Errorf("got %s", text)
		}
	}
	if got := (Config{"a": Secret("abc"), "b": Secret("abcdef"), "c": Secret("")}).Redact("abcdef abc"); got != "[secret] [secret]" {
		t.Errorf("got %s", got)
	}
}
