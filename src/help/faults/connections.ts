import type { Explanation } from './explanation.ts'

export const connections: readonly Explanation[] = [
  {
    codes: ['ssh-dns'],
    means: 'This machine found no IP address for the name in `address`. keel sent nothing.',
    cause: 'A typing error in the name, a VPN that is down, or a name that only another network knows.',
    todo: 'Try `getent hosts NAME`. Write an IP address into the inventory if the name is not needed.',
  },
  {
    codes: ['ssh-refused', 'ssh-unreachable', 'ssh-timeout'],
    means:
      'keel got no usable SSH connection. `ssh-refused`: the machine answers, but not on this port. `ssh-unreachable`: the network has no way to it. `ssh-timeout`: nothing answered in time, or the host stopped answering.',
    cause:
      'The machine is off or boots, a firewall drops the packets, sshd does not run, or the port in `address` is wrong. A timeout in the middle of a deploy is usually a host without free memory or with a dead disk.',
    todo: 'Compare with `ssh -v -p PORT USER@HOST`. To deploy the other hosts meanwhile, use `keel deploy --skip-unreachable`.',
  },
  {
    codes: ['ssh-handshake'],
    means: 'Something answered on the port, but the connection ended before the login.',
    cause:
      'sshd has too many connections that have not logged in (MaxStartups), it punishes this address for failed logins (PerSourcePenalties), fail2ban blocks it, or another service listens there.',
    todo: 'Read sshd’s log on the console of the host: `journalctl -u ssh -u sshd`. Then try again after some minutes.',
  },
  {
    codes: ['ssh-host-key'],
    means: 'The host showed another key than the inventory has. keel did not log in, and sent no secret.',
    cause:
      'The machine was installed again, its address now belongs to another machine, or somebody intercepts the connection.',
    todo: 'Compare the key on the console: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`. If the machine really has a new key, write it into `hostKey`, then run `keel rekey`. Never change the key only to get rid of this message.',
    topic: 'security',
  },
  {
    codes: ['ssh-auth'],
    means: 'The host is the right one, but accepted none of your keys.',
    cause:
      'Your public key is not in `authorized_keys` of this user, the user in `address` is another one, or an agent with many keys used up the attempts.',
    todo: 'Name the key with `--identity`, or try `ssh -i KEY USER@HOST true`. keel logs in with keys only, never with a password.',
  },
  {
    codes: ['ssh-lost'],
    means: 'The connection ended while a script ran on the host. The script may have ended half-way.',
    cause: 'The host went down or rebooted, sshd restarted, or the network broke.',
    todo: 'Run the same command again when the host answers. keel compares the host again and continues where it stopped.',
  },
  {
    codes: ['ssh-garbled', 'facts-garbled'],
    means: 'The host sent an answer that keel’s script never gives. keel used none of it.',
    cause:
      'A login script that prints text (`.bashrc`), a wrapper around sudo, another machine at this address, or a host that somebody has taken over.',
    todo: 'Run `ssh USER@HOST true`: it must print nothing. If the machine may be compromised, disconnect it before you look further.',
    topic: 'security',
  },
  {
    codes: ['ssh-sessions'],
    means: 'The host refused one more session on a connection that is open.',
    cause: '`MaxSessions` in its sshd_config is very low.',
    todo: 'Raise `MaxSessions` on the host to 10, the default.',
  },
  {
    codes: ['ssh-host-key-type'],
    means: 'The host has no host key to which secrets can be encrypted. Only ssh-ed25519 and ssh-rsa work.',
    cause: 'The image of the machine came with an ECDSA key only.',
    todo: 'Run `ssh-keygen -A` on the host and reload sshd.',
  },
  {
    codes: ['sudo-missing', 'sudo-forbidden', 'sudo-requiretty', 'sudo-refused', 'no-shell'],
    means: 'The login worked, but keel did not become root. keel needs root and bash on every host.',
    cause:
      'The user in `address` is not in sudoers, sudo or bash is not installed, sudo insists on a terminal, or the login shell runs something else.',
    todo: 'Try `ssh USER@HOST sudo -n true`. Or use root in `address`, if root may log in with a key.',
  },
  {
    codes: ['sudo-password', 'sudo-password-needed'],
    means:
      'sudo on the host asks for a password. keel had none, or a wrong one. It tries a password once only, so that no account is locked.',
    cause: 'The user in `address` has no NOPASSWD rule, and keel runs without a terminal, or you mistyped.',
    todo: 'Run keel on a terminal, set KEEL_SUDO_PASSWORD_FILE to a file with the password, or add a NOPASSWD rule for the user.',
    topic: 'security',
  },
  {
    codes: ['no-ssh'],
    means: '`keel ssh`, `keel kubectl` and `keel logs` need the program `ssh` on this machine.',
    cause: 'openssh-client is not installed. The other verbs of keel do not need it.',
    todo: 'Install it, or use `keel exec HOST -- PROGRAM`.',
    topic: 'on-hosts',
  },
  {
    codes: ['not-enrolled'],
    means: 'The inventory has no `hostKey` for this host, so keel could not recognise it.',
    cause: 'The host was written into the inventory before the machine existed.',
    todo: 'Boot the machine, then run `keel add-node NAME`. It shows you the key to confirm and writes it.',
    topic: 'add-a-node',
  },
  {
    codes: ['host-key-unknown', 'host-key-none', 'host-key-declined'],
    means:
      'keel does not put a host into the inventory without a key that somebody has confirmed. Nothing was changed.',
    cause: '`--yes` or a missing terminal leaves nobody to ask, the answer was no, or the host offers no usable key.',
    todo: 'Read the key on the console of the machine (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`) and give it with `--host-key`.',
    topic: 'add-a-node',
  },
  {
    codes: ['not-answered', 'no-answer-yet', 'probe-failed'],
    means: 'keel has no facts about this host, so it can plan nothing for it.',
    cause:
      '`not-answered`: the host had not answered when keel needed the answer. `probe-failed`: keel’s script of questions ended with an error on the host, for example because a disk does not answer.',
    todo: 'Read the words of the script in the message, repair the host, and run the command again.',
  },
]
