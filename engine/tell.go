package engine

import (
	"context"
	"log/slog"

	"github.com/scriptd/scriptd/engine/runtime"
)

// emit hands an event to all who want it, the log among them.
func (e *Engine) emit(event Event) {
	e.logEvent(event)
	e.events.emit(event)
}

// tellLoaded tells what became of a package, where that is news.
func (e *Engine) tellLoaded(s *source, p *loadedPackage) {
	if p.old || p.quarantined {
		return
	}
	event := Event{Kind: GenerationLive, Source: s.Name, Package: s.Name + "/" + p.path, Revision: p.revision, Digest: string(p.digest)}
	if p.gen == nil {
		event.Kind, event.Err = GenerationFailed, p.problems
	}
	e.emit(event)
}

// logEvent writes the line of an event.
func (e *Engine) logEvent(event Event) {
	level, message := slog.LevelInfo, ""
	switch event.Kind {
	case SourceChecked, SourceFetched, CallStarted:
		return // others follow that say more
	case SourceFailed:
		level, message = slog.LevelWarn, "source cannot be synced"
		if !event.news {
			level, message = slog.LevelDebug, "source cannot be synced still"
		}
	case GenerationLive:
		message = "package is live"
	case GenerationFailed:
		problems, _ := event.Err.(runtime.Problems) //nolint:errorlint // it was put there as it is
		for _, p := range problems {
			e.log.Error("package was not loaded", "package", event.Package, "revision", event.Revision, "problem", p.String())
		}
		return
	case GenerationRetired:
		if event.Err == nil {
			return
		}
		level, message = slog.LevelWarn, "package did not close well"
	case GenerationReplaced:
		level, message = slog.LevelWarn, "package was started again"
	case GenerationQuarantined:
		level, message = slog.LevelError, "package is quarantined"
	case CallFinished:
		level, message = slog.LevelDebug, "call finished"
	}
	if !e.log.Enabled(context.Background(), level) {
		return
	}
	e.log.LogAttrs(context.Background(), level, message, event.attrs()...)
}

func (event Event) attrs() []slog.Attr {
	var attrs []slog.Attr
	add := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	if event.Package == "" {
		add("source", event.Source)
	}
	add("plugin", event.Plugin)
	add("package", event.Package)
	add("revision", event.Revision)
	if event.Call != 0 {
		attrs = append(attrs, slog.Uint64("call", event.Call), slog.Float64("duration_ms", event.DurationMS))
	}
	add("outcome", event.Outcome)
	switch {
	case event.Err != nil:
		attrs = append(attrs, slog.Any("error", event.Err))
	default:
		add("error", event.Error)
	}
	return attrs
}
