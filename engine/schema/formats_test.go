package schema

import (
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// formatTexts are strings that are of a format, and strings that are not.
var formatTexts = map[string]struct{ are, areNot []string }{
	"date": {
		are:    []string{"2026-01-02", "2024-02-29", "0000-01-01", "9999-12-31"},
		areNot: []string{"", "2026-02-29", "2026-13-01", "2026-00-01", "2026-1-02", "26-01-02", "2026-01-02Z", "2026/01/02", "+2026-01-02", "２026-01-02"},
	},
	"time": {
		are: []string{"03:04:05Z", "03:04:05z", "03:04:05.123456789012Z", "03:04:05+01:30", "23:59:60Z", "15:59:60-08:00", "00:29:60+00:30", "23:59:59-23:59"},
		areNot: []string{
			"", "03:04:05", "24:00:00Z", "03:60:00Z", "03:04:61Z", "03:04:60Z", "22:59:60Z", "3:04:05Z", "03:04Z", "03:04:05.Z", "03:04:05+1:00", "03:04:05+24:00",
			"03:04:05+01:60", "03:04:05 Z", "03:04:05Zx", "03:04:05*01:00", "03-04-05Z", "aa:bb:ccZ", "03:04:05+0100", "03:04:05,5Z", "23:59:60+01:00",
		},
	},
	"date-time": {
		are: []string{"2026-01-02T03:04:05Z", "2026-01-02t03:04:05.5+01:00", "1998-12-31T23:59:60Z", "1998-12-31T15:59:60.123-08:00"},
		areNot: []string{
			"", "2026-01-02", "2026-01-02 03:04:05Z", "2026-01-02T03:04:05", "2026-02-30T03:04:05Z", "2026-01-02T25:04:05Z", "2026-01-02TZ", "x2026-01-02T03:04:05Z",
			"1998-12-31T22:59:60Z", "2026-01-02T", "yesterday",
		},
	},
	"duration": {
		are:    []string{"P1D", "P1Y2M3DT4H5M6S", "PT1S", "P4W", "PT36H", "P1Y2D", "P000D", "PT1H1S"},
		areNot: []string{"", "P", "PT", "1D", "P1", "P1S", "PT1D", "P1DT", "P1D2H", "P2D1Y", "P1W2D", "PW", "P-1D", "P1.5D", "P1DT1H1H", "p1d", "P1DT1HT1H", "P1D ", "PTM"},
	},
	"period": {
		are:    []string{"2026-01-02T03:04:05Z/2026-01-02T03:04:06Z", "2026-01-02T03:04:05Z/P1D", "P1D/2026-01-02T03:04:05Z"},
		areNot: []string{"", "/", "P1D/P1D", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z/", "P1D/", "P/2026-01-02T03:04:05Z", "2026-01-02/2026-01-03", "P1D/2026-01-02T03:04:05Z/P1D"},
	},
	"hostname": {
		are: []string{"example.com", "a", "A-1.b", "1.2", "example.com.", strings.Repeat("a", 63) + ".b", "xn--4gbwdl.xn--wgbh1c"},
		areNot: []string{
			"", ".", "..", "a..b", "-a", "a-", "a_b", "a b", "é.com", strings.Repeat("a", 64), strings.Repeat("a.", 126) + "ab", ".a", "a.b..", "a:80",
		},
	},
	"ipv4": {
		are:    []string{"1.2.3.4", "0.0.0.0", "255.255.255.255", "127.0.0.1"},
		areNot: []string{"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.04", "1.2.3.-4", "1.2.3.a", "1.2.3.4 ", "::1", "1..2.3", "+1.2.3.4", "-0.0.0.0", "1.2.3.4/8", "0x7f.0.0.1", "१.2.3.4"},
	},
	"ipv6": {
		are:    []string{"::1", "::", "2001:db8::1", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8", "FE80::A"},
		areNot: []string{"", "1.2.3.4", "::1%eth0", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::g", "[::1]", ":1", "::1/64", "::ffff:1.2.3.256"},
	},
	"email": {
		are: []string{
			"a@b.c", "a.b+c@example.com", `"a b"@c.d`, `"@"@c.d`, "a@[1.2.3.4]", "a@[IPv6:::1]", "a@localhost", "!#$%&'*+-/=?^_`{|}~@b.c",
			strings.Repeat("a", 64) + "@b.c", `""@b.c`,
		},
		areNot: []string{
			"", "@", "a", "a@", ".a@b.c", "a.@b.c", "a..b@c.d", "a b@c.d", `"a"b"@c.d`, `"a\"@c.d`, "a@b c", "a@-b", "a@[::1]", "a@[IPv6:1.2.3.4]", "a@[IPv6:::1%eth0]",
			"é@b.c", strings.Repeat("a", 65) + "@b.c", "a@" + strings.Repeat("a.", 126) + "a", "a@b@c", "a@[1.2.3.4", `"@b.c`, "a@[]",
		},
	},
	"uri": {
		are:    []string{"http://example.com/a?b#c", "urn:isbn:1", "mailto:a@b.c", "http://[::1]:80/", "a:", "http://é/", "file:///a/b", "HTTP://X"},
		areNot: []string{"", "/a", "a/b", "//x/y", "http://x y/", "x y", ":", "1a:b", "http://[::1", "http://[::1%25eth0]/", "http://x:port/", "http://%zz/", "http://x/%zz", "http://[1.2.3.4]:x", "a\x00:b"},
	},
	"uri-reference": {
		are:    []string{"", "/a", "a/b?c", "#x", "//x/y", "http://example.com", "../a", "?"},
		areNot: []string{`a\b`, "http://x y/", ":", "http://[::1", "%", "a:b:\x7f", "1a:b"},
	},
	"uri-template": {
		are:    []string{"", "http://x/{a}/b{c}", "{a}", "/a/{b,c}", "http://x/y", "a{b}c{d}"},
		areNot: []string{"http://x/{a", "http://x/a}", "/{{a}}", "/{a{b}}", "/a}{", "http://x y/{a}", "/{a/b}"},
	},
	"json-pointer": {
		are:    []string{"", "/", "/a/b", "/~0/~1", "//", "/a~01", "/é", "/ "},
		areNot: []string{"a", "#/a", "/~", "/~2", "/a~", "/~~0", "~0"},
	},
	"relative-json-pointer": {
		are:    []string{"0", "1/a", "0#", "12/~0", "0/"},
		areNot: []string{"", "/a", "01/a", "-1/a", "0##", "1#/a", "1a", "#", "+1/a", "1/~"},
	},
	"uuid": {
		are:    []string{"2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380", "00000000-0000-0000-0000-000000000000"},
		areNot: []string{"", "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638g", "2eb8aa08-aa98-11eab-4aa-73b441d16380", "{2eb8aa08-aa98-11ea-b4aa-73b441d16380}"},
	},
	"semver": {
		are:    []string{"1.2.3", "0.0.0", "1.2.3-a.1", "1.2.3+b.01", "1.2.3-0a.x-y+z-", "10.20.30"},
		areNot: []string{"", "1.2", "v1.2.3", "01.2.3", "1.2.3.4", "1.2.3-", "1.2.3+", "1.2.3-01", "1.2.3-a..b", "1.2.3+a..b", "1.2.3-é", "1..3", "1.2.3+a+b", "-1.2.3"},
	},
	"regex": {
		are:    []string{"", "^a+$", "[a-z]", `\d`, `\p{L}`},
		areNot: []string{"[", "a{2,1}", "(?=a)", `\1`, "*"},
	},
}

func TestFormats(t *testing.T) {
	for format, texts := range formatTexts {
		peer := peerFormat(t, format)
		check := func(text string, want bool) {
			if got := formatOf(format)(text); got != want {
				t.Errorf("%s: %q: got %v, want %v", format, text, got, want)
			}
			if unlike := unlikeFormat(format, text); (peer.Validate(text) == nil) != want && !unlike {
				t.Errorf("%s: %q: the peer disagrees with %v", format, text, want)
			}
		}
		for _, text := range texts.are {
			check(text, true)
		}
		for _, text := range texts.areNot {
			check(text, false)
		}
	}
}

// Each format is in the table, and those of the draft that are in no table say nothing, there as here.
func TestFormatNames(t *testing.T) {
	for format := range formatTexts {
		if formatOf(format) == nil {
			t.Errorf("%s is not known", format)
		}
		if formatOf(strings.ToUpper(format)) != nil {
			t.Errorf("%s is known in capitals", format)
		}
	}
	for _, same := range [][2]string{{"iri", "uri"}, {"iri-reference", "uri-reference"}} {
		for _, text := range append(formatTexts[same[1]].are, formatTexts[same[1]].areNot...) {
			if got, want := formatOf(same[0])(text), formatOf(same[1])(text); got != want {
				t.Errorf("%s: %q: got %v, want %v", same[0], text, got, want)
			}
		}
	}
	for _, format := range []string{"idn-email", "idn-hostname", "nosuch", ""} {
		if formatOf(format) != nil || peerFormat(t, format).Validate("x\x00 y") != nil {
			t.Errorf("%s says something", format)
		}
	}
}

func peerFormat(t testing.TB, format string) *jsonschema.Schema {
	t.Helper()
	peer, err := peerCompile(map[string]any{"format": format})
	if err != nil {
		t.Fatal(err)
	}
	return peer
}

// signed is a number with a sign before it that is none of an offset of time.
var signed = regexp.MustCompile(`(^|[^0-9])[+-]`)

// unlikeFormat reports whether the peer knows the strings of a format less well: it takes signs before the numbers of
// addresses and times, and percent-encoded braces in a template for those of an expression.
func unlikeFormat(format, text string) bool {
	switch format {
	case "ipv4", "time", "date-time", "period":
		return signed.MatchString(text)
	case "email":
		return strings.Contains(text, "@[") && signed.MatchString(text)
	case "uri-template":
		return strings.Contains(text, "%")
	}
	return false
}

func FuzzFormats(f *testing.F) {
	peers := make(map[string]*jsonschema.Schema)
	for format, texts := range formatTexts {
		peers[format] = peerFormat(f, format)
		for _, text := range append(texts.are, texts.areNot...) {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for format, peer := range peers {
			got, want := formatOf(format)(text), peer.Validate(text) == nil
			if got != want && !unlikeFormat(format, text) {
				t.Errorf("%s: %q: got %v, the peer says %v", format, text, got, want)
			}
		}
	})
}
