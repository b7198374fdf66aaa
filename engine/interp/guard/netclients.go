package guard

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/rpc"
	"net/rpc/jsonrpc"
	"net/textproto"
	"strings"
)

// clientFuncs are the functions of other packages that connect by themselves.
func clientFuncs(g *Guard) map[string]any {
	return map[string]any{
		"crypto/tls.Dial": func(network, address string, config *tls.Config) (*tls.Conn, error) {
			return g.dialTLS(context.Background(), &net.Dialer{}, network, address, config)
		},
		"crypto/tls.DialWithDialer": func(d *net.Dialer, network, address string, config *tls.Config) (*tls.Conn, error) {
			return g.dialTLS(context.Background(), d, network, address, config)
		},
		"(*crypto/tls.Dialer).Dial": func(d *tls.Dialer, network, address string) (net.Conn, error) {
			return g.dialWithTLSDialer(context.Background(), d, network, address)
		},
		"(*crypto/tls.Dialer).DialContext": func(d *tls.Dialer, ctx context.Context, network, address string) (net.Conn, error) {
			return g.dialWithTLSDialer(ctx, d, network, address)
		},
		"crypto/tls.Listen": g.listenTLS,
		"net/rpc.Dial":      func(network, address string) (*rpc.Client, error) { return dialled(g, network, address, rpc.NewClient) },
		"net/rpc.DialHTTP": func(network, address string) (*rpc.Client, error) {
			return g.dialRPC(network, address, rpc.DefaultRPCPath)
		},
		"net/rpc.DialHTTPPath": g.dialRPC,
		"net/rpc/jsonrpc.Dial": func(network, address string) (*rpc.Client, error) {
			return dialled(g, network, address, jsonrpc.NewClient)
		},
		"net/textproto.Dial": func(network, address string) (*textproto.Conn, error) {
			return dialled(g, network, address, textproto.NewConn)
		},
	}
}

// dialled connects, and makes a client of the connection.
func dialled[C any](g *Guard, network, address string, client func(io.ReadWriteCloser) *C) (*C, error) {
	conn, err := g.dial(context.Background(), &net.Dialer{}, network, address)
	if err != nil {
		return nil, err
	}
	return client(conn), nil
}

// dialTLS is tls.DialWithDialer. The dialer's time is for the handshake too.
func (g *Guard) dialTLS(ctx context.Context, d *net.Dialer, network, address string, config *tls.Config) (*tls.Conn, error) {
	if d.Timeout != 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.Timeout)
		defer cancel()
	}
	if !d.Deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, d.Deadline)
		defer cancel()
	}
	raw, err := g.dial(ctx, d, network, address)
	if err != nil {
		return nil, err
	}
	if config == nil {
		config = &tls.Config{}
	}
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName = address
		if colon := strings.LastIndexByte(address, ':'); colon >= 0 {
			config.ServerName = address[:colon]
		}
	}
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return conn, nil
}

func (g *Guard) dialWithTLSDialer(ctx context.Context, d *tls.Dialer, network, address string) (net.Conn, error) {
	inner := d.NetDialer
	if inner == nil {
		inner = &net.Dialer{}
	}
	conn, err := g.dialTLS(ctx, inner, network, address, d.Config)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func (g *Guard) listenTLS(network, address string, config *tls.Config) (net.Listener, error) {
	if config == nil || len(config.Certificates) == 0 && config.GetCertificate == nil && config.GetConfigForClient == nil {
		return tls.Listen(network, address, config) // says what is missing
	}
	l, err := g.listen(context.Background(), &net.ListenConfig{}, network, address)
	if err != nil {
		return nil, err
	}
	return tls.NewListener(l, config), nil
}

// dialRPC is rpc.DialHTTPPath.
func (g *Guard) dialRPC(network, address, path string) (*rpc.Client, error) {
	conn, err := g.dial(context.Background(), &net.Dialer{}, network, address)
	if err != nil {
		return nil, err
	}
	_, _ = io.WriteString(conn, "CONNECT "+path+" HTTP/1.0\n\n")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodConnect})
	if err == nil && res.Status == "200 Connected to Go RPC" {
		return rpc.NewClient(conn), nil
	}
	if err == nil {
		_ = res.Body.Close()
		err = errors.New("unexpected HTTP response: " + res.Status)
	}
	_ = conn.Close()
	return nil, &net.OpError{Op: "dial-http", Net: network + " " + address, Err: err}
}
