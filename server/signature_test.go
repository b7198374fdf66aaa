package server

import (
	"net/http"
	"testing"
	"time"
)

// The examples that GitHub and Standard Webhooks publish.
func TestPublishedSignatures(t *testing.T) {
	const sent = 1614265330
	github := func(secret, signature string) (http.Header, string) {
		return http.Header{"X-Hub-Signature-256": {signature}}, secret
	}
	standard := func(secret, signature string) (http.Header, string) {
		return http.Header{
			"Webhook-Id": {"msg_p5jXN8AQM9LWM0D4loKWxJek"}, "Webhook-Timestamp": {"1614265330"}, "Webhook-Signature": {signature},
		}, secret
	}
	const (
		githubKey    = "It's a Secret to Everybody"
		githubSum    = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
		githubBody   = "Hello, World!"
		standardKey  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		standardSum  = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
		standardBody = `{"test": 2432232314}`
		other        = "v1,AAAA9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	)
	tests := []struct {
		name      string
		headers   func(secret, signature string) (http.Header, string)
		secret    string
		signature string
		body      string
		at        int64
		want      bool
	}{
		{"GitHub", github, githubKey, githubSum, githubBody, sent, true},
		{"GitHub, another body", github, githubKey, githubSum, githubBody + " ", sent, false},
		{"GitHub, another secret", github, githubKey + "!", githubSum, githubBody, sent, false},
		{"GitHub, without its prefix", github, githubKey, githubSum[len("sha256="):], githubBody, sent, false},
		{"GitHub, a part", github, githubKey, githubSum[:30], githubBody, sent, false},
		{"GitHub, nothing", github, githubKey, "sha256=", githubBody, sent, false},
		{"standard", standard, standardKey, standardSum, standardBody, sent, true},
		{"standard, a little late", standard, standardKey, standardSum, standardBody, sent + 299, true},
		{"standard, too late", standard, standardKey, standardSum, standardBody, sent + 301, false},
		{"standard, too early", standard, standardKey, standardSum, standardBody, sent - 301, false},
		{"standard, one of several", standard, standardKey, other + " v1a,xyz " + standardSum, standardBody, sent, true},
		{"standard, none of several", standard, standardKey, other + " " + other, standardBody, sent, false},
		{"standard, another version", standard, standardKey, "v2" + standardSum[2:], standardBody, sent, false},
		{"standard, another body", standard, standardKey, standardSum, standardBody + " ", sent, false},
		{"standard, another secret", standard, "whsec_NfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", standardSum, standardBody, sent, false},
		{"standard, a secret that is not for it", standard, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", standardSum, standardBody, sent, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, secret := tt.headers(tt.secret, tt.signature)
			c, err := claimsOf(h, secret, time.Unix(tt.at, 0))
			if err != nil {
				t.Fatal(err)
			}
			for i := range len(tt.body) { // as it comes
				if _, err := c.Write([]byte(tt.body[i : i+1])); err != nil {
					t.Fatal(err)
				}
			}
			if got := c.hold(); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}

func TestTimely(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	tests := []struct {
		sent string
		want bool
	}{
		{"1800000000", true},
		{"1799999700", true},
		{"1799999699", false},
		{"1800000300", true},
		{"1800000301", false},
		{"", false},
		{"now", false},
		{"-9223372036854775808", false},
		{"9223372036854775807", false},
		{"1800000000000", false},
	}
	for _, tt := range tests {
		t.Run(tt.sent, func(t *testing.T) {
			if got := timely(tt.sent, now); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}
