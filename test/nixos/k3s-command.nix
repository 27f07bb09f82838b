# The command line that the k3s module of NixOS makes of its options, word by word, and what it asserts and warns of.
# Source: nixos/modules/services/cluster/k3s/default.nix (to 25.05), cluster/rancher/{default,k3s}.nix (from 25.11).
{ config, release }:
let
  lib = import ./lib.nix;
  k3s = config.services.k3s;
  isShared = !(builtins.elem release [ "24.11" "25.05" ]);
  flag = name: value: lib.optionals (value != null && value != "") [ name value ];
  one = name: value: lib.optional (value != null && value != "") "${name}=${value}";
  each = name: map (value: "${name}=${value}");
  kubelet = lib.optional (k3s.gracefulNodeShutdown.enable || k3s.extraKubeletConfig != { }) "--kubelet-arg=config=${kubeletFile}";
  kubeletFile = "/nix/store/kubelet-config";
  proxy = lib.optional (k3s.extraKubeProxyConfig or { } != { }) "--kube-proxy-arg=config=/nix/store/kube-proxy-config";
  switches = lib.optional k3s.clusterInit "--cluster-init" ++ lib.optional k3s.disableAgent "--disable-agent";
  extra = if builtins.isList k3s.extraFlags then k3s.extraFlags else [ k3s.extraFlags ];
  isAgent = k3s.role == "agent";
  isBlank = value: value == null || value == "";
in
{
  words =
    [ "${k3s.package}/bin/k3s" k3s.role ]
    ++ (
      if isShared then
        flag "--server" k3s.serverAddr
        ++ flag "--token" k3s.token
        ++ flag "--token-file" k3s.tokenFile
        ++ flag "--agent-token" k3s.agentToken
        ++ flag "--agent-token-file" k3s.agentTokenFile
        ++ flag "--config" k3s.configPath
        ++ each "--disable" k3s.disable
        ++ one "--node-name" k3s.nodeName
        ++ each "--node-label" k3s.nodeLabel
        ++ each "--node-taint" k3s.nodeTaint
        ++ one "--node-ip" k3s.nodeIP
        ++ one "--node-external-ip" (k3s.nodeExternalIP or null)
        ++ lib.optional k3s.selinux "--selinux"
        ++ kubelet
        ++ proxy
        ++ switches
      else
        switches
        ++ flag "--server" k3s.serverAddr
        ++ flag "--token" k3s.token
        ++ flag "--token-file" k3s.tokenFile
        ++ flag "--config" k3s.configPath
        ++ kubelet
        ++ proxy
    )
    ++ extra;
  kubeletConfig =
    (
      if k3s.gracefulNodeShutdown.enable then
        { inherit (k3s.gracefulNodeShutdown) shutdownGracePeriod shutdownGracePeriodCriticalPods; }
      else
        { }
    )
    // k3s.extraKubeletConfig;
  inherit kubeletFile;
  assertions = [
    { assertion = isAgent -> !k3s.disableAgent; message = "k3s: disableAgent on an agent"; }
    { assertion = isAgent -> !k3s.clusterInit; message = "k3s: clusterInit on an agent"; }
  ];
  warnings =
    lib.optional (isAgent && k3s.manifests != { }) "k3s: manifests on an agent"
    ++ lib.optional (isAgent && isBlank k3s.serverAddr && k3s.configPath == null) "k3s: an agent without serverAddr"
    ++ lib.optional (isAgent && isBlank k3s.tokenFile && isBlank k3s.token && k3s.configPath == null) "k3s: an agent without a token"
    # 25.11 has the condition the wrong way round: every agent without the option gets the warning
    ++ lib.optional (isShared && isAgent && (k3s.agentTokenFile != null) != (release == "25.11")) "k3s: agentToken and agentToken should not be set if role is 'agent'";
}
