package agent

import (
	"net"

	"keel.invalid/lookalike/config"
)

// NodeIP is the configured one, else the source address of the default route; no packet is sent for it.
func NodeIP(c *config.Config) string {
	if ips := c.List("node-ip"); len(ips) > 0 {
		return ips[0]
	}
	connection, err := net.Dial("udp", "192.0.2.1:9") // TEST-NET-1
	if err != nil {
		return "127.0.0.1"
	}
	defer connection.Close()
	return connection.LocalAddr().(*net.UDPAddr).IP.String()
}

func (a *Agent) ips() []string {
	if ips := a.config.List("node-ip"); len(ips) > 0 {
		return ips
	}
	return []string{a.ip}
}
