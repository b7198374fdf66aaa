package restartdeployment

import (
	"iter"
	"time"
)

const (
	// restartedAt is the annotation of the pod template that kubectl rollout restart sets. Any change of the template
	// makes Kubernetes replace the pods.
	restartedAt = "kubectl.kubernetes.io/restartedAt"
	// changeCause is the annotation that kubectl rollout history shows.
	changeCause = "kubernetes.io/change-cause"
)

// patch is the JSON merge patch (RFC 7386) that restarts a Deployment at the time now.
func patch(p Params, now time.Time) map[string]any {
	doc := make(map[string]any)
	for at, value := range changes(p, now) {
		set(doc, at, value)
	}
	return doc
}

// field is the way to a field of a Deployment.
type field []string

// changes are the fields that a restart sets, and what to.
//
// For recreate these include the Deployment's strategy, in the same patch. To scale to zero and back would need no such
// change, but a call that ended in between would leave the service with no pod at all.
func changes(p Params, now time.Time) iter.Seq2[field, any] {
	return func(yield func(field, any) bool) {
		// kubectl writes whole seconds. A second restart within one would then change nothing.
		at := now.UTC().Format(time.RFC3339Nano)
		if !yield(field{"spec", "template", "metadata", "annotations", restartedAt}, at) {
			return
		}
		// Null removes the settings of rolling updates: the API server refuses them beside Recreate.
		if p.Strategy == "recreate" &&
			(!yield(field{"spec", "strategy", "type"}, "Recreate") || !yield(field{"spec", "strategy", "rollingUpdate"}, nil)) {
			return
		}
		if p.Reason != "" {
			yield(field{"metadata", "annotations", changeCause}, p.Reason)
		}
	}
}

// set puts a value into a JSON object, and makes the objects on the way.
func set(doc map[string]any, at field, value any) {
	last := len(at) - 1
	for _, name := range at[:last] {
		inner, ok := doc[name].(map[string]any)
		if !ok {
			inner = make(map[string]any)
			doc[name] = inner
		}
		doc = inner
	}
	doc[at[last]] = value
}
