{pkgs, config, ...}: {
  # Server token secret (only server nodes can decrypt)
  age.secrets.k3s-server-token = {
    file = ../../secrets/k3s-server-token.age;
    owner = "root";
    group = "root";
    mode = "0400";
  };

  services.k3s = {
    enable = true;
    role = "server";
    tokenFile = config.age.secrets.k3s-server-token.path;
    extraFlags = toString [
      "--disable=traefik"
      "--disable=local-storage"
      "--container-runtime-endpoint=/run/containerd/containerd.sock"
      "--tls-san=ocean.mercury"
      "--tls-san=100.64.0.6"  # Headscale IP
      "--node-ip=100.64.0.6"
    ];
  };
}
