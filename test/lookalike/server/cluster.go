package server

import (
	"context"
	"net"

	"keel.invalid/lookalike/agent"
	"keel.invalid/lookalike/bootstrap"
	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/passwd"
)

// What the supervisor asks of a server (supervisor.Cluster), beside SignForNode and CheckNodePassword.

func (s *server) Ready() bool { return s.ready.Load() }

func (s *server) Accounts() passwd.Accounts { return s.accounts }

func (s *server) ClientCA() []byte { return s.clientCA.PEM }

// BootstrapFiles are all CAs with their keys, for whoever knows the server token.
func (s *server) BootstrapFiles() (bootstrap.Files, error) {
	return bootstrap.Read(s.config.Path("server"))
}

// AgentConfig is what agents must do alike.
func (s *server) AgentConfig() any {
	return agent.ClusterConfig{
		ClusterIPRanges: s.networks.ClusterCIDRs, ServiceIPRanges: s.networks.ServiceCIDRs, ClusterDNSs: s.networks.ClusterDNS,
		ClusterDomain: s.networks.ClusterDomain, DisableKubeProxy: s.config.On("disable-kube-proxy"),
		CriticalControlArgs: s.config.Critical(),
	}
}

// APIServers are the addresses for the agents' balancers.
func (s *server) APIServers(ctx context.Context) []string {
	ips, err := s.etcd.VotingIPs(ctx)
	if err != nil {
		logline.Warning("members of etcd: %v", err)
	}
	out := []string{}
	for _, ip := range ips {
		out = append(out, net.JoinHostPort(ip, "6443"))
	}
	return out
}
