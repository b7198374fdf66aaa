package restartdeployment

import "time"

const (
	// restartedAt is the annotation of the pod template that kubectl rollout restart sets. Any change of the template
	// makes Kubernetes replace the pods.
	restartedAt = "kubectl.kubernetes.io/restartedAt"
	// changeCause is the annotation that kubectl rollout history shows.
	changeCause = "kubernetes.io/change-cause"
)

// patch is the JSON merge patch (RFC 7386) that restarts a Deployment at the time now.
//
// For recreate it also changes the Deployment's strategy, in the same patch. To scale to zero and back would need no
// such change, but a call that ended in between would leave the service with no pod at all.
func patch(p Params, now time.Time) map[string]any {
	spec := map[string]any{
		"template": map[string]any{
			"metadata": map[string]any{
				// kubectl writes whole seconds. A second restart within one would then change nothing.
				"annotations": map[string]any{restartedAt: now.UTC().Format(time.RFC3339Nano)},
			},
		},
	}
	if p.Strategy == "recreate" {
		// Null removes the settings of rolling updates: the API server refuses them beside Recreate.
		spec["strategy"] = map[string]any{"type": "Recreate", "rollingUpdate": nil}
	}
	doc := map[string]any{"spec": spec}
	if p.Reason != "" {
		doc["metadata"] = map[string]any{"annotations": map[string]any{changeCause: p.Reason}}
	}
	return doc
}
