package s3_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/s3"
)

func TestAnonymous(t *testing.T) {
	var signed atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			signed.Add(1)
		}
		if r.URL.Query().Has("list-type") {
			keys("a.go")(w, r)
			return
		}
		fmt.Fprint(w, "x")
	}))
	defer srv.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", "somebody")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	opts := s3.Options{Bucket: "b", Endpoint: srv.URL, Region: "us-east-1", PathStyle: true, Anonymous: true}
	src := open(t, opts)
	holds(t, fetch(t, src, resolve(t, src)), "a.go", "x")
	if signed.Load() != 0 {
		t.Error("requests were signed")
	}
	opts.AccessKeyID, opts.SecretAccessKey = sources.Literal("id"), sources.Literal("secret")
	_, err := s3.New(opts)
	fails(t, err, sources.Misconfigured, "it is anonymous, and has credentials")
}

// shared writes AWS's shared files, with a profile that has the server's credentials.
func shared(t *testing.T) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "credentials")
	content := fmt.Sprintf("[default]\naws_access_key_id = nobody\naws_secret_access_key = wrong\n[team]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
		server.AccessKey(), server.SecretKey())
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
}

func TestProfile(t *testing.T) {
	opts := bucket(t, serverEndpoint())
	put(t, opts, "a.go", "a")
	shared(t)
	opts.AccessKeyID, opts.SecretAccessKey = sources.Secret{}, sources.Secret{}
	_, err := open(t, opts).Resolve(t.Context())
	fails(t, err, sources.Denied)
	opts.Profile = "team"
	src := open(t, opts)
	holds(t, fetch(t, src, resolve(t, src)), "a.go", "a")
	opts.Profile = "nobody"
	_, err = open(t, opts).Resolve(t.Context())
	fails(t, err, sources.Misconfigured, "nobody")
}

// sts is a server that gives out the credentials of the S3 server for a role.
func sts(t *testing.T, check func(form map[string][]string) bool) *atomic.Int32 {
	t.Helper()
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if err := r.ParseForm(); err != nil || !check(r.Form) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>No.</Message></Error></ErrorResponse>")
			return
		}
		action := r.Form.Get("Action")
		fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult><Credentials><AccessKeyId>%[2]s</AccessKeyId><SecretAccessKey>%[3]s</SecretAccessKey>"+
			"<SessionToken></SessionToken><Expiration>%[4]s</Expiration></Credentials></%[1]sResult></%[1]sResponse>",
			action, server.AccessKey(), server.SecretKey(), time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	t.Cleanup(srv.Close)
	t.Setenv("AWS_ENDPOINT_URL_STS", srv.URL)
	return &asked
}

func TestAssumedRole(t *testing.T) {
	opts := bucket(t, serverEndpoint())
	put(t, opts, "a.go", "a")
	const role = "arn:aws:iam::123456789012:role/reader"
	asked := sts(t, func(form map[string][]string) bool {
		return form["Action"][0] == "AssumeRole" && form["RoleArn"][0] == role && form["ExternalId"][0] == "x42"
	})
	opts.AccessKeyID, opts.SecretAccessKey = sources.Literal("someone"), sources.Literal("else")
	opts.Role, opts.ExternalID = role, "x42"
	src := open(t, opts)
	holds(t, fetch(t, src, resolve(t, src)), "a.go", "a")
	resolve(t, src)
	if n := asked.Load(); n != 1 {
		t.Errorf("the role was assumed %d times", n)
	}
	opts.Role += "-other"
	_, err := open(t, opts).Resolve(t.Context())
	fails(t, err, sources.Denied, "AccessDenied")
	if err != nil && strings.Contains(err.Error(), "else") {
		t.Errorf("the error shows a secret: %v", err)
	}
}

// A web identity is what Kubernetes gives to a pod.
func TestWebIdentity(t *testing.T) {
	opts := bucket(t, serverEndpoint())
	put(t, opts, "a.go", "a")
	shared(t)
	sts(t, func(form map[string][]string) bool {
		return form["Action"][0] == "AssumeRoleWithWebIdentity" && form["WebIdentityToken"][0] == "a-token"
	})
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("a-token"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", file)
	t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod")
	opts.AccessKeyID, opts.SecretAccessKey = sources.Secret{}, sources.Secret{}
	src := open(t, opts)
	holds(t, fetch(t, src, resolve(t, src)), "a.go", "a")
}
