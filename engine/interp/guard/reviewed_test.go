package guard

import (
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

// unguarded are the functions and methods that need a permission and stay as they are, by package: T.* is all methods of a type.
// Somebody has looked at each. They work on what a guarded function has opened, or tell something that is no file or host.
var unguarded = map[string]string{
	// Connections are those that guarded functions have made. A name is looked up by none of these. The interfaces of the
	// machine, and the numbers of ports, are no hosts.
	"net": "Buffers.* Conn.* DNSConfigError.* DNSError.* Dialer.MultipathTCP Dialer.SetMultipathTCP FileConn FileListener FilePacketConn " +
		"Flags.* IPConn.* Interface.* InterfaceAddrs InterfaceByIndex InterfaceByName Interfaces InvalidAddrError.* " +
		"ListenConfig.MultipathTCP ListenConfig.SetMultipathTCP Listener.* LookupPort OpError.* PacketConn.* Pipe ResolveUnixAddr " +
		"Resolver.LookupPort TCPAddrFromAddrPort TCPConn.* TCPListener.* UDPAddrFromAddrPort UDPConn.* UnixAddr.* UnixConn.* " +
		"UnixListener.* UnknownNetworkError.*",
	// Messages, and what takes them to pieces. A handler of this package serves what it was made of; a ClientConn is that of a
	// guarded transport.
	"net/http": "AllowQuerySemicolons CanonicalHeaderKey ClientConn.* CloseNotifier.* ConnState.* Cookie.* CookieJar.* " +
		"CrossOriginProtection.* DetectContentType Error FS File.* FileServerFS Flusher.* Handler.* HandlerFunc.* Header.* Hijacker.* " +
		"MaxBytesError.* MaxBytesHandler MaxBytesReader NewCrossOriginProtection NewFileTransportFS NewRequest NewRequestWithContext " +
		"NewResponseController NewServeMux NotFound NotFoundHandler ParseCookie ParseHTTPVersion ParseSetCookie ParseTime " +
		"ProtocolError.* Protocols.* ProxyURL Pusher.* ReadRequest ReadResponse Redirect RedirectHandler Request.AddCookie " +
		"Request.BasicAuth Request.Clone Request.Context Request.Cookie Request.Cookies Request.CookiesNamed Request.MultipartReader " +
		"Request.ParseForm Request.PathValue Request.ProtoAtLeast Request.Referer Request.SetBasicAuth Request.SetPathValue " +
		"Request.UserAgent Request.WithContext Request.Write Request.WriteProxy Response.* ResponseController.* ResponseWriter.* " +
		"ServeContent ServeFileFS ServeMux.* SetCookie StatusText StripPrefix TimeoutHandler",
	"net/http/cookiejar": "Jar.* New PublicSuffixList.*",
	"net/http/fcgi":      "ProcessEnv",
	"net/http/httptrace": "ContextClientTrace WithClientTrace", // see who is connected to, and change nothing
	// DumpRequestOut sends to nobody. The others work on connections.
	"net/http/httputil": "BufferPool.* ClientConn.* DumpRequest DumpRequestOut DumpResponse NewChunkedReader NewChunkedWriter " +
		"NewClientConn NewProxyClientConn NewServerConn ProxyRequest.* ServerConn.*",
	// Clients and servers of connections.
	"net/rpc": "Client.* ClientCodec.* NewClient NewClientWithCodec NewServer Server.* ServerCodec.* ServerError.*",
	// ServeConn makes a server of its own.
	"net/rpc/jsonrpc": "NewClient NewClientCodec NewServerCodec ServeConn",
	"net/smtp":        "Auth.* CRAMMD5Auth Client.* NewClient PlainAuth",
	// Names of folders and of the machine. What an open file may be truncated to, the system says.
	"os":            "Executable File.Truncate Getwd Hostname ProcessState.* Root.Close Root.Name SameFile Signal.*",
	"os/exec":       "Cmd.StderrPipe Cmd.StdinPipe Cmd.StdoutPipe Cmd.String Error.* ExitError.*",
	"os/user":       "UnknownGroupError.* UnknownGroupIdError.* UnknownUserError.* UnknownUserIdError.*",
	"path/filepath": "Abs",
}

// Every function that needs a permission is held to it, or was looked at.
func TestEveryFunctionIsGuarded(t *testing.T) {
	for _, path := range stdlib.Paths() {
		pkg, err := symbols.Std().Import(path)
		if err != nil {
			t.Fatal(err)
		}
		passes := strings.Fields(unguarded[path])
		used := make(map[string]bool)
		for _, name := range pkg.Scope().Names() {
			obj := pkg.Scope().Lookup(name)
			switch obj := obj.(type) {
			case *types.Func:
				look(t, path, name, obj.FullName(), passes, used)
			case *types.TypeName:
				methods := types.NewMethodSet(types.NewPointer(obj.Type()))
				if types.IsInterface(obj.Type()) {
					methods = types.NewMethodSet(obj.Type())
				}
				for m := range methods.Methods() {
					if fn := m.Obj().(*types.Func); fn.Exported() {
						look(t, path, name+"."+fn.Name(), fn.FullName(), passes, used)
					}
				}
			}
		}
		for _, name := range passes {
			if !used[name] {
				t.Errorf("%s: %s is not needed in the list", path, name)
			}
		}
	}
}

func look(t *testing.T, path, name, full string, passes []string, used map[string]bool) {
	t.Helper()
	group := symbols.GroupOf(path, name)
	if group == symbols.Free || group == symbols.All {
		return
	}
	_, replaced := groupOf()[full]
	all, _, _ := strings.Cut(name, ".")
	all += ".*"
	switch {
	case replaced:
		if slices.Contains(passes, name) {
			t.Errorf("%s.%s is guarded, and in the list of those that are not", path, name)
		}
	case slices.Contains(passes, name):
		used[name] = true
	case slices.Contains(passes, all):
		used[all] = true
	default:
		t.Errorf("%s.%s needs the permission %s, and is not guarded: %s", path, name, group, full)
	}
}
