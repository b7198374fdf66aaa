package worker

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
	"github.com/scriptd/scriptd/plugin"
)

// protocol is the version of what host and child say to each other, with go-plugin's handshake too. Both are the same
// binary, so that another version can only come from one that was replaced while it ran.
const protocol = 4

// The methods of a child. The payload of each begins with the number of a package, which the host has given it.
const (
	methodLoad byte = iota + 1
	methodCall
	methodHealth
	methodClose
	methodInvoke
)

// Why a call is cancelled.
const (
	cancelled byte = iota + 1
	deadlineOver
)

// The events of a call, and the questions of a load.
const (
	eventLog byte = iota + 1
	eventProgress
	askFile
	askFolder
	eventSession // a message of the package's carry.Session
)

// The messages that a child sends without being called. Each begins with the number of the package that it is about.
const (
	backgroundLog byte = iota + 1
	backgroundBroken
	backgroundLeftover // something of a package that was closed does not end
	backgroundSession  // a message of its carry.Session
)

// The messages that a child is sent without being called. Each begins with the number of the package that it is about.
const (
	tellSession byte = iota + 1 // a message of its carry.Session
)

// nobody is the number of no package: what it stands for belongs to the process.
const nobody = 0

// payloads are used again. What was sent may be: the connection has what it needs of it.
var payloads = sync.Pool{New: func() any { return &wire.Payload{} }}

func newPayload() *wire.Payload {
	p, _ := payloads.Get().(*wire.Payload)
	return p
}

func recycle(p *wire.Payload) {
	p.Reset()
	payloads.Put(p)
}

// limits are the context of a call, as it is sent.
type limits struct {
	ends bool          // it may end
	left time.Duration // until its deadline; zero where it has none
}

func appendLimits(p *wire.Payload, l limits) {
	p.Bool(l.ends)
	p.Int(int64(l.left))
}

func decodeLimits(d *wire.Decoder) limits { return limits{d.Bool(), time.Duration(d.Int())} }

// loadRequest is what a child loads.
type loadRequest struct {
	number uint64
	limits limits
	pkg    runtime.Package // without Tree, Log and Broken
	walls  walls           // of the process
	level  slog.Level      // of its log
	env    []string        // NAME=value of what the process may read
	temp   string          // a folder for its temporary files; empty is none
	// symbols are the fingerprints of the tables of the host's packages, by import path.
	symbols map[string]string
	offer   offer
	files   prefetched
}

func appendLoad(p *wire.Payload, r *loadRequest) error {
	p.Uint(r.number)
	appendLimits(p, r.limits)
	p.String(r.pkg.Name)
	p.String(r.pkg.Revision)
	p.String(r.pkg.Dir)
	p.Int(int64(r.pkg.Grace))
	appendPermissions(p, r.pkg.Permissions)
	appendPackageLimits(p, r.pkg.Limits)
	p.String(r.pkg.Group)
	if r.pkg.Group != "" { // else they are the package's
		appendPermissions(p, r.walls.permissions)
		appendPackageLimits(p, r.walls.limits)
	}
	p.String(r.temp)
	p.Bool(r.pkg.Config != nil)
	if r.pkg.Config != nil {
		if err := p.Value(r.pkg.Config); err != nil {
			return fmt.Errorf("config: %w", err)
		}
	}
	p.Int(int64(r.level))
	appendStrings(p, r.env)
	appendSymbols(p, r.symbols)
	r.offer.appendTo(p)
	r.files.appendTo(p)
	return nil
}

func decodeLoad(d *wire.Decoder) *loadRequest {
	r := &loadRequest{number: d.Uint(), limits: decodeLimits(d)}
	r.pkg.Name, r.pkg.Revision, r.pkg.Dir, r.pkg.Grace = d.String(), d.String(), d.String(), time.Duration(d.Int())
	r.pkg.Permissions = decodePermissions(d)
	r.pkg.Limits, r.pkg.Group = decodePackageLimits(d), d.String()
	r.walls = wallsOf(r.pkg)
	if r.pkg.Group != "" {
		r.walls = walls{decodePermissions(d), decodePackageLimits(d)}
	}
	r.temp = d.String()
	if d.Bool() {
		r.pkg.Config, _ = d.Value().(map[string]any)
	}
	r.level = slog.Level(d.Int())
	r.env = decodeStrings(d)
	r.symbols = decodeSymbols(d)
	r.offer = decodeOffer(d)
	r.files = decodePrefetched(d)
	return r
}

func appendStrings(p *wire.Payload, list []string) {
	p.Uint(uint64(len(list)))
	for _, s := range list {
		p.String(s)
	}
}

func decodeStrings(d *wire.Decoder) []string {
	n := d.Count()
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = d.String()
	}
	return list
}

func appendPermissions(p *wire.Payload, perms runtime.Permissions) {
	for _, list := range [][]string{perms.Net, perms.Read, perms.Write, perms.Env, perms.Run} {
		appendStrings(p, list)
	}
	p.Bool(perms.All)
}

func decodePermissions(d *wire.Decoder) runtime.Permissions {
	return runtime.Permissions{
		Net: decodeStrings(d), Read: decodeStrings(d), Write: decodeStrings(d), Env: decodeStrings(d), Run: decodeStrings(d),
		All: d.Bool(),
	}
}

func appendPackageLimits(p *wire.Payload, l runtime.Limits) {
	p.Int(l.Memory)
	p.Float(l.CPU)
	p.Int(int64(l.OpenFiles))
	p.Int(int64(l.Processes))
	p.Int(l.Output)
}

func decodePackageLimits(d *wire.Decoder) runtime.Limits {
	return runtime.Limits{Memory: d.Int(), CPU: d.Float(), OpenFiles: int(d.Int()), Processes: int(d.Int()), Output: d.Int()}
}

func appendPlugins(p *wire.Payload, plugins []runtime.Plugin) error {
	p.Uint(uint64(len(plugins)))
	for _, pl := range plugins {
		p.String(pl.Name)
		p.String(pl.Description)
		p.String(string(pl.Category))
		p.Int(int64(pl.Timeout))
		p.Int(int64(pl.Concurrency))
		if err := appendParameters(p, pl.Parameters); err != nil {
			return fmt.Errorf("plugin %s: parameters: %w", pl.Name, err)
		}
		if err := p.Value(pl.Schema); err != nil {
			return fmt.Errorf("plugin %s: schema: %w", pl.Name, err)
		}
		p.String(pl.File)
		p.Int(int64(pl.Line))
		p.Int(int64(pl.Column))
	}
	return nil
}

func decodePlugins(d *wire.Decoder) []runtime.Plugin {
	plugins := make([]runtime.Plugin, d.Count())
	for i := range plugins {
		pl := &plugins[i]
		pl.Name, pl.Description, pl.Category = d.String(), d.String(), plugin.Category(d.String())
		pl.Timeout, pl.Concurrency = time.Duration(d.Int()), int(d.Int())
		pl.Parameters = decodeParameters(d)
		pl.Schema, _ = d.Value().(map[string]any)
		pl.File, pl.Line, pl.Column = d.String(), int(d.Int()), int(d.Int())
		if d.Err() != nil {
			return nil
		}
	}
	return plugins
}

// appendParameters appends Spec.Parameters: as JSON text, whatever it was.
func appendParameters(p *wire.Payload, v any) error {
	var text []byte
	switch v := v.(type) {
	case nil:
	case string:
		text = []byte(v)
	case []byte:
		text = v
	case json.RawMessage:
		text = v
	default:
		var err error
		if text, err = json.Marshal(v); err != nil {
			return err
		}
	}
	p.Bool(v != nil)
	p.Bytes(text)
	return nil
}

func decodeParameters(d *wire.Decoder) any {
	isSet, text := d.Bool(), d.Bytes()
	if !isSet {
		return nil
	}
	return json.RawMessage(text)
}

// callRequest is a call as it is sent, in the order of its fields. Its parameters come last.
type callRequest struct {
	number   uint64
	limits   limits
	name     string
	hasCall  bool       // the context carries a plugin.Call
	hasLog   bool       // with a logger
	level    slog.Level // of the logger
	progress bool       // somebody listens to
}

func appendCall(p *wire.Payload, r callRequest) {
	p.Uint(r.number)
	appendLimits(p, r.limits)
	p.String(r.name)
	p.Bool(r.hasCall)
	p.Bool(r.hasLog)
	p.Int(int64(r.level))
	p.Bool(r.progress)
}

func decodeCall(d *wire.Decoder) callRequest {
	return callRequest{d.Uint(), decodeLimits(d), d.String(), d.Bool(), d.Bool(), slog.Level(d.Int()), d.Bool()}
}

func appendResult(p *wire.Payload, res plugin.Result) error {
	p.Bool(res.Success)
	if err := p.Value(res.Data); err != nil {
		return err
	}
	p.String(res.Message)
	p.String(res.Error)
	p.Bool(res.Retry)
	p.Bool(res.Invalid)
	p.String(res.Stack)
	return nil
}

func decodeResult(d *wire.Decoder) plugin.Result {
	return plugin.Result{
		Success: d.Bool(), Data: d.Value(), Message: d.String(), Error: d.String(), Retry: d.Bool(), Invalid: d.Bool(), Stack: d.String(),
	}
}
