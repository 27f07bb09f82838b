import type { Explanation } from './explanation.ts'

export const k3sOptions: readonly Explanation[] = [
  {
    codes: ['k3s-unknown', 'k3s-alias', 'k3s-twice', 'k3s-value'],
    means:
      'An option under `k3s` is not one that this version of k3s takes, or has a value that k3s would refuse at its start.',
    cause: 'A typing error, a short form (`-v`), an option of another version, or a list where k3s wants one value.',
    todo: '`keel explain host.k3s.OPTION` shows what the option takes. keel knows the options of the minor version in `version`.',
    topic: 'inventory',
  },
  {
    codes: ['k3s-owned'],
    means: 'keel sets this option of k3s itself, so the inventory cannot set it, too.',
    cause:
      'The option comes from a hand-written config.yaml. Tokens, the datastore, the role, the node name and addresses follow from other keys of the inventory.',
    todo: 'Use the key that the message names.',
    topic: 'inventory',
  },
  {
    codes: ['k3s-role', 'k3s-matching', 'k3s-one-host', 'k3s-together', 'k3s-sqlite'],
    means: 'The option is right in itself, but not on these hosts or not with the other options.',
    cause:
      'An option of servers on an agent, an option in which all servers must agree in a single host file, an option for one machine in hosts/cluster, or an option of etcd with sqlite.',
    todo: 'Move the option: for all hosts into hosts/cluster, for one machine into its host file.',
    topic: 'inventory',
  },
  {
    codes: ['secret-in-clear', 'k3s-not-secret'],
    means:
      'A secret value is written where everybody can read it. The inventory is in git, and arguments of processes are visible to every user of a host.',
    cause: 'A password or an S3 key in the inventory, or a secret for an option that k3s shows in its process list.',
    todo: 'Store it with `keel secret set NAME` and write `{ secret: NAME }` there. If the value has been committed, replace it everywhere: git keeps it.',
    topic: 'secrets',
  },
  {
    codes: ['kubeconfig-mode'],
    means: '`write-kubeconfig-mode` would let other users of the host read an administrator’s credentials.',
    cause: 'A setting such as 0644 from a guide for one-user machines.',
    todo: 'Remove it. Get a kubeconfig for yourself with `keel kubeconfig`.',
    topic: 'kubeconfig',
  },
  {
    codes: ['k3s-version'],
    means:
      'keel cannot deploy this version of k3s. The form is `v1.36.3+k3s1`, of a minor version that this keel knows.',
    cause: 'A version without its `+k3s1`, or one that is newer or older than this keel.',
    todo: 'Choose one from the releases of k3s, or update keel.',
    topic: 'inventory',
  },
]
