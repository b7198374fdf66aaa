package config

import (
	"net"
	"path"
	"strconv"
	"strings"

	"github.com/scriptd/scriptd/engine/runtime"
)

// hostPattern is a host name, whose labels may each be *, or an address.
var hostPattern = lazily(`^(\*|[A-Za-z0-9_-]+)(\.(\*|[A-Za-z0-9_-]+))*\.?$`)

func (b *builder) permissions(s *permissionsSection) runtime.Permissions {
	return runtime.Permissions{
		Net:   b.each(s.Net, "host:port, such as *.example.com:443 or *:443", isNet),
		Read:  b.paths(s.Read),
		Write: b.paths(s.Write),
		Env:   b.each(s.Env, "the name of an environment variable, or * for all of them", isEnv),
		Run:   b.programs(s.Run),
		All:   s.All.on,
	}
}

// each returns the values of texts. Those that are not ok are noted, with what was wanted.
func (b *builder) each(texts []text, want string, ok func(string) bool) []string {
	var out []string
	for i := range texts {
		s, set := b.text(&texts[i])
		if set && !ok(s) {
			b.add(texts[i].at, "%s: want %s, got %q", texts[i].label, want, texts[i].raw)
		}
		out = append(out, s)
	}
	return out
}

func (b *builder) paths(texts []text) []string {
	var out []string
	for i := range texts {
		out = append(out, b.path(&texts[i]))
	}
	return out
}

// programs leaves a bare name as it is: it is looked for where programs are.
func (b *builder) programs(texts []text) []string {
	out := b.each(texts, "a program", func(s string) bool { return s != "" })
	for i, s := range out {
		if strings.ContainsAny(s, `/\`) {
			out[i] = absolute(b.dir, s)
		}
	}
	return out
}

func isNet(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	if n, err := strconv.ParseUint(port, 10, 16); port != "*" && (err != nil || n == 0) {
		return false
	}
	return hostPattern().MatchString(host) || net.ParseIP(host) != nil
}

func isEnv(s string) bool { return s == "*" || variableName().MatchString(s) }

// cleanPath cleans the slash-separated path of a folder, and reports whether it is within what it is relative to.
func cleanPath(s string) (clean string, inside bool) {
	clean = path.Clean(s)
	inside = s != "" && !path.IsAbs(s) && clean != ".." && !strings.HasPrefix(clean, "../") && !strings.Contains(s, `\`)
	return clean, inside
}
