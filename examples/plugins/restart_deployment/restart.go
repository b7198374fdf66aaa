// Package restartdeployment restarts a Kubernetes Deployment, as kubectl rollout restart does, through the Kubernetes
// REST API.
package restartdeployment

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

// Config is the package's configuration. In a pod, the token and the CA are files under
// /var/run/secrets/kubernetes.io/serviceaccount, which the configuration names as ${file:…}.
type Config struct {
	Server string `json:"server" default:"https://kubernetes.default.svc" format:"uri" doc:"address of the API server"`
	Token  string `json:"token,omitempty" secret:"true" doc:"bearer token; none for a server that wants none, such as kubectl proxy"`
	CA     string `json:"ca,omitempty" doc:"certificates, in PEM, that the API server's is checked against; the system's where it is left out"`
}

// Params are what restart_deployment takes.
type Params struct {
	Deployment string `json:"deployment" pattern:"^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$" maxLength:"253" doc:"name of the Deployment"`
	Namespace  string `json:"namespace" default:"default" pattern:"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" maxLength:"63"`
	// How pods are replaced. rolling: as the Deployment says. recreate: all old pods end before a new one starts; the
	// Deployment's strategy stays Recreate afterwards.
	Strategy string `json:"strategy" default:"rolling" enum:"rolling,recreate"`
	Reason   string `json:"reason,omitempty" maxLength:"1000" doc:"shown by kubectl rollout history"`
}

// Restart is a restart that the API server has accepted. The pods are replaced after that, by Kubernetes.
type Restart struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	// Strategy is the Deployment's strategy now: RollingUpdate or Recreate.
	Strategy string `json:"strategy"`
	// RestartedAt is the time in the Deployment's annotation, RFC 3339 in UTC.
	RestartedAt string `json:"restarted_at"`
	// Generation is the Deployment's generation that asks for the new pods.
	Generation int64 `json:"generation"`
}

// Register tells scriptd what this package offers.
func Register(r *plugin.Registrar) error {
	var cfg Config
	if err := r.Config(&cfg); err != nil {
		return err
	}
	c, err := newCluster(cfg)
	if err != nil {
		return err
	}
	r.OnClose(c.close)
	return r.Add(plugin.Spec{
		Name:        "restart_deployment",
		Description: "Restart the pods of a Kubernetes Deployment",
		Category:    plugin.Remediation,
		Timeout:     30 * time.Second,
	}, c.restart)
}

func (c *cluster) restart(ctx context.Context, p Params) (Restart, error) {
	plugin.Progress(ctx, 0, 2, "look up the Deployment")
	found, err := send[deployment](ctx, c, http.MethodGet, c.deploymentURL(p), nil)
	if err != nil {
		return Restart{}, fmt.Errorf("restart %s/%s: %w", p.Namespace, p.Deployment, err)
	}
	if found.Spec.Paused {
		// It would take the patch and replace nothing.
		return Restart{}, fmt.Errorf("restart %s/%s: its rollout is paused: run kubectl rollout resume first",
			p.Namespace, p.Deployment)
	}
	plugin.Progress(ctx, 1, 2, "ask for new pods")
	change, err := json.Marshal(patch(p, time.Now()))
	if err != nil {
		return Restart{}, fmt.Errorf("restart %s/%s: %w", p.Namespace, p.Deployment, err)
	}
	patched, err := send[deployment](ctx, c, http.MethodPatch, c.deploymentURL(p), change)
	if err != nil {
		return Restart{}, fmt.Errorf("restart %s/%s: %w", p.Namespace, p.Deployment, err)
	}
	plugin.Progress(ctx, 2, 2, "accepted")
	plugin.Log(ctx).Info("restarted deployment", "namespace", p.Namespace, "deployment", p.Deployment,
		"generation", patched.Metadata.Generation, "reason", p.Reason)
	return Restart{
		Name:        patched.Metadata.Name,
		Namespace:   patched.Metadata.Namespace,
		Strategy:    patched.Spec.Strategy.Type,
		RestartedAt: patched.Spec.Template.Metadata.Annotations[restartedAt],
		Generation:  patched.Metadata.Generation,
	}, nil
}
