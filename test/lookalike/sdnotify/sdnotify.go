// Package sdnotify talks to systemd: one datagram, no library needed.
package sdnotify

import (
	"net"
	"os"
)

// The socket is taken out of the environment at once: etcd and kube-apiserver, our children, would send READY=1 themselves.
var socket = func() string {
	s := os.Getenv("NOTIFY_SOCKET")
	os.Unsetenv("NOTIFY_SOCKET")
	return s
}()

// Send tells systemd a state, `READY=1` or `STOPPING=1`; without systemd it does nothing.
func Send(state string) {
	if socket == "" {
		return
	}
	name := socket
	if name[0] == '@' { // an abstract socket
		name = "\x00" + name[1:]
	}
	connection, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return
	}
	defer connection.Close()
	_, _ = connection.Write([]byte(state))
}
