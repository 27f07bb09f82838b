{pkgs, config, ...}: {
  # Agent token secret (only agent nodes can decrypt)
  age.secrets.k3s-agent-token = {
    file = ../../secrets/k3s-agent-token.age;
    owner = "root";
    group = "root";
    mode = "0400";
  };

  services.k3s = {
    enable = true;
    role = "agent";
    tokenFile = config.age.secrets.k3s-agent-token.path;
    serverAddr = "https://100.64.0.6:6443";  # Connect to ocean
    extraFlags = toString [
      "--container-runtime-endpoint=/run/containerd/containerd.sock"
      "--node-ip=100.64.0.5"  # Agent's Headscale IP
      "--node-taint=ncrmro.com/region=us-south-2:NoSchedule"
    ];
  };
}
