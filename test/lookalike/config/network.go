package config

import (
	"fmt"
	"net/netip"
)

// Networks of the cluster; the same on all servers, told to agents by /v1-k3s/config.
type Networks struct {
	ClusterCIDRs, ServiceCIDRs, ClusterDNS []string
	ServiceIPs                             []string // of the service `kubernetes`: the first of each service network
	ClusterDomain                          string
}

// Networks with k3s's defaults: 10.42.0.0/16, 10.43.0.0/16, and the tenth address of the latter for DNS.
func (c *Config) Networks() (Networks, error) {
	n := Networks{ClusterCIDRs: c.List("cluster-cidr"), ServiceCIDRs: c.List("service-cidr"), ClusterDNS: c.List("cluster-dns"), ClusterDomain: c.Get("cluster-domain")}
	if len(n.ClusterCIDRs) == 0 {
		n.ClusterCIDRs = []string{"10.42.0.0/16"}
	}
	if len(n.ServiceCIDRs) == 0 {
		n.ServiceCIDRs = []string{"10.43.0.0/16"}
	}
	for _, cidr := range n.ClusterCIDRs {
		if _, err := netip.ParsePrefix(cidr); err != nil {
			return n, fmt.Errorf("cluster-cidr: %w", err)
		}
	}
	for i, cidr := range n.ServiceCIDRs {
		first, err := address(cidr, 1)
		if err != nil {
			return n, fmt.Errorf("service-cidr: %w", err)
		}
		n.ServiceIPs = append(n.ServiceIPs, first)
		if tenth, err := address(cidr, 10); i == 0 && len(n.ClusterDNS) == 0 && err == nil {
			n.ClusterDNS = []string{tenth}
		}
	}
	return n, nil
}

func address(cidr string, n int) (string, error) {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return "", err
	}
	a := p.Masked().Addr()
	for range n {
		a = a.Next()
	}
	if !p.Contains(a) {
		return "", fmt.Errorf("%s has no address number %d", cidr, n)
	}
	return a.String(), nil
}
