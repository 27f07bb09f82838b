/** Where programs of the host, as root, read what is there by its name: also a file that is empty. */
const SYSTEMS =
  /^\/(boot|usr|bin|sbin|lib\w*|root|home|efi|etc\/(systemd|udev|init\.d|rc\w+\.d|cron[\w.]*|pam\.d|security|apt|dpkg|network|netplan|NetworkManager|modprobe\.d|modules-load\.d|sysctl\.d|tmpfiles\.d|sysusers\.d|binfmt\.d|environment\.d|profile\.d|ld\.so\.conf\.d|sudoers\.d|default|ssh|kernel|initramfs-tools|grub\.d|lvm|mdadm|polkit-1|dbus-1|logrotate\.d|rsyslog\.d|keel|kubernetes|rancher|containerd|docker|credstore[\w.]*|apparmor\w*|selinux|nftables\.d|alternatives|X11)|var\/(lib\/(dpkg|apt|systemd|dbus|polkit-1|ucf|initramfs-tools|sudo|pam|kubelet|rancher|etcd|containerd|private|keel[\w-]*)|cache\/(apt|ldconfig|debconf|private|keel[\w-]*)|spool|backups|mail|log\/(journal|private|keel[\w-]*)))\//

/** Names whose mere presence means something: to systemd, PAM, cron. */
const SIGNS =
  /^\/(system-update|fastboot|forcefsck|forcequotacheck|etc\/(system-update|nologin|initrd-release|securetty|crypttab|environment|profile|shells|modules|hosts\.\w+|\w+\.(allow|deny|preload|nohwcap)))(\/|$)/

/** Directly in / and /etc: an ordinary name. `/.dockerenv` tells systemd that the host is a container. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9_-]*$/

/**
 * systemd makes a mount point that the host does not have, as root and for ever. Pure.
 * @param path that is not there, without links in it
 * @returns why it must not be made; undefined where it may be
 */
export function whyNotMade(path: string): string | undefined {
  const [, direct] = /^\/(?:etc\/)?([^/]+)$/.exec(path) ?? []
  if (!SYSTEMS.test(`${path}/`) && !SIGNS.test(path) && (direct === undefined || PLAIN.test(direct))) return undefined
  return `the host has no ${path}, and its system would read what systemd makes there: mount the volume elsewhere`
}
