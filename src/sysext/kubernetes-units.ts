/**
 * kubelet.service as kubeadm expects it. Without a configuration, kubelet ends and systemd starts it again every ten
 * seconds: kubeadm waits for that, so there is no limit.
 */
export const kubeletService = `[Unit]
Description=Kubernetes' node agent
Documentation=https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/
Wants=network-online.target
After=network-online.target containerd.service
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
RestartSec=10

[Install]
WantedBy=multi-user.target
`

/** Where drivers of volumes are looked for: below /usr, which is read-only, is a link to it. */
export const VOLUME_PLUGINS = '/var/kubernetes/kubelet-plugins/volume/exec'

/**
 * What kubeadm passes to kubelet; its files and variables are an interface of kubeadm. Drop-ins in /etc with a later
 * name (20-keel.conf) and the two optional files add to it. Source: "Configuring each kubelet in your cluster using
 * kubeadm" (kubernetes.io), "The kubelet drop-in file for systemd".
 */
export const kubeadmDropIn = `[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
EnvironmentFile=-/etc/sysconfig/kubelet
ExecStartPre=-/usr/bin/mkdir -p ${VOLUME_PLUGINS}
ExecStartPre=-/usr/libexec/kubernetes/place-cni-plugins
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`

/** systemd starts kubelet as soon as the image is merged, and again if somebody stops it. */
export const upholdsKubelet = `[Unit]
Upholds=kubelet.service
`

/**
 * Copies the plugins to where containerd and network add-ons look for them, once for each version: what an add-on has
 * put there since stays. It always ends well: a node without plugins is not Ready, but one whose kubelet does not start
 * can't even tell.
 */
export const placeCniPlugins = `#!/bin/sh
from=/usr/local/bin/cni
to=/opt/cni/bin
mark=$to/.kubernetes-cni-version

read -r version </usr/local/share/kubernetes-cni-version || exit 0
mkdir -p "$to" 2>/dev/null
if [ "$to" -ef "$from" ]; then
  exit 0
fi
if [ ! -w "$to" ]; then
  echo "$to is read-only, so it gets no CNI plugins: they are in $from" >&2
  exit 0
fi

placed=
if [ -e "$mark" ]; then
  read -r placed <"$mark"
fi
failed=
for plugin in "$from"/*; do
  name=\${plugin##*/}
  if [ "$placed" = "$version" ] && [ -e "$to/$name" ]; then
    continue
  fi
  # by rename, because a pod may start with the old one at this moment
  if ! cp "$plugin" "$to/.$name.new" || ! mv -f "$to/.$name.new" "$to/$name"; then
    rm -f "$to/.$name.new"
    failed=1
  fi
done
if [ -z "$failed" ] && [ "$placed" != "$version" ]; then
  echo "$version" >"$mark"
fi
exit 0
`
