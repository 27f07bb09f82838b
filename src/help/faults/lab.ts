import type { Explanation } from './explanation.ts'

export const lab: readonly Explanation[] = [
  {
    codes: [
      'lab-name',
      'lab-size',
      'lab-host',
      'lab-unknown',
      'lab-exists',
      'lab-identity',
      'lab-not-flatcar',
      'lab-provisioned',
      'lab-unprovisioned',
      'lab-host-off',
    ],
    means: 'The command does not fit the lab: its name, size, hosts or their state.',
    cause:
      'Another `--name`, a lab that is up already or not at all, a host that is off, or a Flatcar look-alike before its first boot (`keel lab provision`).',
    todo: '`keel lab status` shows the labs and their hosts.',
    topic: 'lab',
  },
  {
    codes: [
      'lab-machine',
      'lab-user',
      'lab-no-subnet',
      'lab-root',
      'lab-no-k3s',
      'lab-no-kubernetes',
      'lab-no-ignition',
      'lab-k3s-hash',
      'lab-k3s-named',
    ],
    means: 'This machine cannot boot a lab, or keel could not build what the hosts boot from.',
    cause:
      'You are not root, programs such as systemd-nspawn or mmdebstrap are missing, there is no network for packages, Go is missing or too old for the look-alike of k3s and for Kubernetes, or KEEL_LAB_K3S names something else.',
    todo: 'Install what the message names, then run `keel lab prepare`.',
    topic: 'lab',
  },
  {
    codes: ['lab-boot', 'lab-ignition'],
    means: 'A host of the lab did not boot.',
    cause: 'An error in its Ignition config, or a machine without free memory.',
    todo: 'Read the lines of its journal in the message. `keel lab down` removes the lab in any state.',
    topic: 'lab',
  },
  {
    codes: ['lab-busy', 'lab-remains', 'lab-description'],
    means: 'keel could not get at the lab’s files or remove all of them.',
    cause:
      'Another keel builds or boots at this moment, a process is stuck in the kernel, or another version of keel booted the lab.',
    todo: 'Wait, then run `keel lab down` again.',
    topic: 'lab',
  },
]
