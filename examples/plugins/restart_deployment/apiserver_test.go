package restartdeployment

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
)

const token = "open-sesame"

// apiServer is as much of a Kubernetes API server as a restart touches: Deployments as JSON, which it really patches.
type apiServer struct {
	*httptest.Server

	mu          sync.Mutex
	deployments map[string]map[string]any // by namespace/name
	// refuse, where it is set, may answer a request in place of the server. It reports whether it did.
	refuse func(w http.ResponseWriter, r *http.Request) bool
}

// newAPIServer starts a server that speaks TLS with a certificate of its own and wants token.
func newAPIServer(t *testing.T) *apiServer {
	t.Helper()
	s := &apiServer{deployments: map[string]map[string]any{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /apis/apps/v1/namespaces/{namespace}/deployments/{name}", s.get)
	mux.HandleFunc("PATCH /apis/apps/v1/namespaces/{namespace}/deployments/{name}", s.patch)
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.refuse != nil && s.refuse(w, r) {
			return
		}
		if r.Header.Get("Authorization") != "Bearer "+token {
			status(w, http.StatusUnauthorized, "Unauthorized")
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// config is the configuration of a package that may talk to the server.
func (s *apiServer) config() Config {
	block := &pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}
	return Config{Server: s.URL, Token: token, CA: string(pem.EncodeToMemory(block))}
}

// put stores a Deployment, given as the JSON of its spec.
func (s *apiServer) put(t *testing.T, namespace, name, spec string) {
	t.Helper()
	doc := fmt.Sprintf(`{"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": {"name": %q, "namespace": %q, "generation": 1, "annotations": {"owner": "us"}}, "spec": %s}`,
		name, namespace, spec)
	var d map[string]any
	if err := json.Unmarshal([]byte(doc), &d); err != nil {
		t.Fatal(err)
	}
	s.deployments[namespace+"/"+name] = d
}

// at returns what is stored for a Deployment at a path of keys, nil where there is nothing.
func (s *apiServer) at(deployment string, path ...string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var v any = s.deployments[deployment]
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func (s *apiServer) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.find(w, r); ok {
		answer(w, http.StatusOK, d)
	}
}

func (s *apiServer) patch(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.find(w, r)
	if !ok {
		return
	}
	if got := r.Header.Get("Content-Type"); got != "application/merge-patch+json" {
		status(w, http.StatusUnsupportedMediaType, "the body of the request was in an unknown format: "+got)
		return
	}
	var patch map[string]any
	if err := json.NewDecoder(r.Body).Decode(&patch); err != nil {
		status(w, http.StatusBadRequest, err.Error())
		return
	}
	next := merge(d, patch).(map[string]any)
	spec, _ := next["spec"].(map[string]any)
	strategy, _ := spec["strategy"].(map[string]any)
	if strategy["type"] == "Recreate" && strategy["rollingUpdate"] != nil {
		status(w, http.StatusUnprocessableEntity,
			"spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'")
		return
	}
	if !reflect.DeepEqual(spec, d["spec"]) {
		meta := next["metadata"].(map[string]any)
		meta["generation"] = meta["generation"].(float64) + 1
	}
	s.deployments[key(r)] = next
	answer(w, http.StatusOK, next)
}

// find returns the Deployment that r is about, or answers that there is none.
func (s *apiServer) find(w http.ResponseWriter, r *http.Request) (map[string]any, bool) {
	d, ok := s.deployments[key(r)]
	if !ok {
		status(w, http.StatusNotFound, fmt.Sprintf("deployments.apps %q not found", r.PathValue("name")))
	}
	return d, ok
}

func key(r *http.Request) string { return r.PathValue("namespace") + "/" + r.PathValue("name") }

// merge is the algorithm of RFC 7386. It leaves target as it is.
func merge(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	out := map[string]any{}
	if old, ok := target.(map[string]any); ok {
		maps.Copy(out, old)
	}
	for k, v := range changes {
		if v == nil {
			delete(out, k)
		} else {
			out[k] = merge(out[k], v)
		}
	}
	return out
}

// status answers with a Status object, as Kubernetes does for what it refuses.
func status(w http.ResponseWriter, code int, message string) {
	answer(w, code, map[string]any{
		"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message,
		"reason": strings.ReplaceAll(http.StatusText(code), " ", ""),
	})
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	// A client that is gone needs no answer.
	_ = json.NewEncoder(w).Encode(body)
}
