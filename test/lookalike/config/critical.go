package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Critical are the options that must be the same on all servers, as k3s's CriticalControlArgs. The agent token is compared by
// whether it opens the other server's /v1-k3s/config at all.
func (c *Config) Critical() map[string]string {
	out := map[string]string{"disable": strconv.FormatBool(slices.Contains(c.List("disable"), "servicelb"))}
	for _, key := range strings.Fields(`flannel-backend flannel-ipv6-masq flannel-external-ip egress-selector-mode embedded-registry
		secrets-encryption disable-helm-controller disable-network-policy disable-cloud-controller`) {
		out[key] = c.Get(key)
	}
	if n, err := c.Networks(); err == nil { // with the defaults filled in
		out["cluster-cidr"], out["service-cidr"] = strings.Join(n.ClusterCIDRs, ","), strings.Join(n.ServiceCIDRs, ",")
		out["cluster-dns"], out["cluster-domain"] = strings.Join(n.ClusterDNS, ","), n.ClusterDomain
	}
	return out
}

// Mismatched names the options that differ.
func Mismatched(a, b map[string]string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(a)) {
		if a[key] != b[key] {
			out = append(out, key)
		}
	}
	return out
}
