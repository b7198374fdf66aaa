package restartdeployment

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

const rollingSpec = `{
	"replicas": 3,
	"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
	"template": {"metadata": {"labels": {"app": "web"}, "annotations": {"team": "web"}}, "spec": {"containers": []}}
}`

func clusterFor(t *testing.T, cfg Config) *cluster {
	t.Helper()
	c, err := newCluster(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestRestartRolling(t *testing.T) {
	srv := newAPIServer(t)
	srv.put(t, "shop", "web", rollingSpec)
	c := clusterFor(t, srv.config())

	before := time.Now()
	got, err := c.restart(t.Context(), Params{Deployment: "web", Namespace: "shop", Strategy: "rolling"})
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, got.RestartedAt)
	if err != nil || at.Before(before) || at.After(time.Now()) {
		t.Errorf("restarted at %q (%v), want the time of the call", got.RestartedAt, err)
	}
	want := Restart{Name: "web", Namespace: "shop", Strategy: "RollingUpdate", RestartedAt: got.RestartedAt, Generation: 2}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	annotations := srv.at("shop/web", "spec", "template", "metadata", "annotations")
	if want := (map[string]any{"team": "web", restartedAt: got.RestartedAt}); !reflect.DeepEqual(annotations, want) {
		t.Errorf("stored annotations %v, want %v", annotations, want)
	}
	strategy := srv.at("shop/web", "spec", "strategy", "rollingUpdate")
	if want := (map[string]any{"maxSurge": 1.0, "maxUnavailable": 0.0}); !reflect.DeepEqual(strategy, want) {
		t.Errorf("stored settings of rolling updates %v, want %v", strategy, want)
	}
	if cause := srv.at("shop/web", "metadata", "annotations", changeCause); cause != nil {
		t.Errorf("stored change cause %v, want none", cause)
	}
}

func TestRestartRecreate(t *testing.T) {
	srv := newAPIServer(t)
	srv.put(t, "default", "api", rollingSpec)
	c := clusterFor(t, srv.config())

	p := Params{Deployment: "api", Namespace: "default", Strategy: "recreate", Reason: "leaks memory"}
	got, err := c.restart(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if got.Strategy != "Recreate" || got.Generation != 2 {
		t.Errorf("got %+v, want Recreate and generation 2", got)
	}
	stored := srv.at("default/api", "spec", "strategy")
	if want := (map[string]any{"type": "Recreate"}); !reflect.DeepEqual(stored, want) {
		t.Errorf("stored strategy %v, want %v", stored, want)
	}
	if replicas := srv.at("default/api", "spec", "replicas"); replicas != 3.0 {
		t.Errorf("stored replicas %v, want 3", replicas)
	}
	annotations := srv.at("default/api", "metadata", "annotations")
	if want := (map[string]any{"owner": "us", changeCause: "leaks memory"}); !reflect.DeepEqual(annotations, want) {
		t.Errorf("stored annotations %v, want %v", annotations, want)
	}
}

// Two restarts at once are two: whole seconds would make them one.
func TestRestartTwice(t *testing.T) {
	srv := newAPIServer(t)
	srv.put(t, "default", "web", rollingSpec)
	c := clusterFor(t, srv.config())
	for generation := int64(2); generation <= 3; generation++ {
		got, err := c.restart(t.Context(), Params{Deployment: "web", Namespace: "default", Strategy: "rolling"})
		if err != nil || got.Generation != generation {
			t.Fatalf("got %+v, %v; want generation %d", got, err, generation)
		}
	}
}

func TestRestartReports(t *testing.T) {
	srv := newAPIServer(t)
	srv.put(t, "default", "web", rollingSpec)
	c := clusterFor(t, srv.config())

	var logged bytes.Buffer
	var steps []string
	ctx := plugin.WithCall(t.Context(), &plugin.Call{
		Log: slog.New(slog.NewTextHandler(&logged, nil)),
		Progress: func(done, total int, note string) {
			steps = append(steps, fmt.Sprintf("%d/%d %s", done, total, note))
		},
	})
	p := Params{Deployment: "web", Namespace: "default", Strategy: "rolling", Reason: "stuck"}
	if _, err := c.restart(ctx, p); err != nil {
		t.Fatal(err)
	}
	if want := []string{"0/2 look up the Deployment", "1/2 ask for new pods", "2/2 accepted"}; !reflect.DeepEqual(steps, want) {
		t.Errorf("progress %q, want %q", steps, want)
	}
	for _, want := range []string{"namespace=default", "deployment=web", "generation=2", "reason=stuck"} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("log %q, want %s in it", logged.String(), want)
		}
	}
}

func TestRestartRefused(t *testing.T) {
	// answerTo refuses requests of one method, as a real server or what stands before it may.
	answerTo := func(method string, code int, message string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != method {
				return false
			}
			status(w, code, message)
			return true
		}
	}
	tests := []struct {
		name   string
		refuse func(http.ResponseWriter, *http.Request) bool
		spec   string
		retry  bool
		want   []string
	}{
		{
			name:   "not found",
			refuse: answerTo(http.MethodGet, 404, `deployments.apps "web" not found`),
			want:   []string{"no such deployment", `deployments.apps "web" not found`},
		},
		{
			name:   "may not read",
			refuse: answerTo(http.MethodGet, 403, `deployments.apps "web" is forbidden`),
			want:   []string{"is forbidden", "verb get on deployments"},
		},
		{
			name:   "may not patch",
			refuse: answerTo(http.MethodPatch, 403, `deployments.apps "web" is forbidden`),
			want:   []string{"is forbidden", "verb patch on deployments"},
		},
		{
			name:   "conflict",
			refuse: answerTo(http.MethodPatch, 409, "the object has been modified"),
			retry:  true,
			want:   []string{"the object has been modified"},
		},
		{name: "throttled", refuse: answerTo(http.MethodGet, 429, "too many requests"), retry: true},
		{name: "server at fault", refuse: answerTo(http.MethodPatch, 500, "etcd is away"), retry: true, want: []string{"etcd is away"}},
		{
			name: "gateway that answers no JSON",
			refuse: func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(http.StatusBadGateway)
				fmt.Fprint(w, "<h1>bad gateway</h1>")
				return true
			},
			retry: true,
			want:  []string{"502 Bad Gateway"},
		},
		{
			name: "hangs up",
			refuse: func(http.ResponseWriter, *http.Request) bool {
				panic(http.ErrAbortHandler)
			},
			retry: true,
		},
		{name: "refuses the patch", refuse: answerTo(http.MethodPatch, 422, "spec: Invalid value"), want: []string{"spec: Invalid value"}},
		{name: "paused", spec: `{"paused": true, "template": {}}`, want: []string{"paused", "kubectl rollout resume"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := newAPIServer(t)
			srv.refuse = tt.refuse
			spec := tt.spec
			if spec == "" {
				spec = rollingSpec
			}
			srv.put(t, "default", "web", spec)
			c := clusterFor(t, srv.config())

			_, err := c.restart(t.Context(), Params{Deployment: "web", Namespace: "default", Strategy: "rolling"})
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range append(tt.want, "restart default/web: ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q, want %q in it", err, want)
				}
			}
			if plugin.IsRetryable(err) != tt.retry || plugin.IsInvalid(err) {
				t.Errorf("retry %t, invalid %t, want %t, false", plugin.IsRetryable(err), plugin.IsInvalid(err), tt.retry)
			}
			if strings.Contains(err.Error(), token) {
				t.Errorf("error %q shows the token", err)
			}
			if got := srv.at("default/web", "metadata", "generation"); got != 1.0 {
				t.Errorf("the Deployment was changed to generation %v", got)
			}
		})
	}
}

func TestRestartUnknownDeployment(t *testing.T) {
	c := clusterFor(t, newAPIServer(t).config())
	_, err := c.restart(t.Context(), Params{Deployment: "gone", Namespace: "default", Strategy: "rolling"})
	if err == nil || !strings.Contains(err.Error(), "restart default/gone: no such deployment") {
		t.Errorf("got %v", err)
	}
}

func TestClusterTrustAndToken(t *testing.T) {
	srv := newAPIServer(t)
	srv.put(t, "default", "web", rollingSpec)
	tests := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"wrong token", func(c *Config) { c.Token = "other" }, "check the token"},
		{"no token", func(c *Config) { c.Token = "" }, "check the token"},
		{"no CA", func(c *Config) { c.CA = "" }, "certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := srv.config()
			tt.change(&cfg)
			err := lookUp(t, clusterFor(t, cfg))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestClusterFollowsNoRedirect(t *testing.T) {
	reached := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(other.Close)
	srv := newAPIServer(t)
	srv.refuse = func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		return true
	}
	err := lookUp(t, clusterFor(t, srv.config()))
	if err == nil || reached || !strings.Contains(err.Error(), "307") {
		t.Errorf("reached %t, error %v", reached, err)
	}
}

func TestNewClusterRefusesConfig(t *testing.T) {
	tests := []struct {
		name string
		cfg  Config
		want string
	}{
		{"no server", Config{}, "config: server"},
		{"server without scheme", Config{Server: "kubernetes.default.svc"}, "config: server"},
		{"server of another scheme", Config{Server: "ftp://kubernetes.default.svc"}, "config: server"},
		{"CA that is no PEM", Config{Server: "https://kubernetes.default.svc", CA: "nonsense"}, "config: ca"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := newCluster(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

// lookUp asks for the Deployment default/web.
func lookUp(t *testing.T, c *cluster) error {
	t.Helper()
	target := c.deploymentURL(Params{Deployment: "web", Namespace: "default"})
	_, err := send[deployment](t.Context(), c, http.MethodGet, target, nil)
	return err
}
