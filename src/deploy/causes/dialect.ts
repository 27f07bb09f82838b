import type { DistributionKind } from '../../model/distribution/distribution.ts'
import type { Cause } from './cause.ts'
import { kubeadmCauses } from './kubeadm.ts'
import { machineCauses } from './machine.ts'
import { memberCauses } from './members.ts'
import { settingCauses } from './settings.ts'
import { tokenCauses } from './tokens.ts'

/** How the programs of a distribution tell in their journal that they end. Data only. */
export interface Dialect {
  /**
   * The first that fits a line counts, so the more exact text comes first; `failed to get CA certs` carries the reasons
   * of others.
   */
  readonly causes: readonly Cause[]
  /** A line after which a program exits. */
  readonly ends: RegExp
  /** Words of such lines. The host looks for them, beside those of the known causes. */
  readonly lastWords: readonly string[]
  /** An end that was ordered, which tells nothing. */
  readonly wasOrdered?: RegExp
  /** A line that a program prints once it is healthy. */
  readonly isUp: RegExp

  /** A line with which a new try begins, where a program gives several reasons for one end: all of the last try count. */
  readonly begins?: RegExp
  /** Words of the lines of `isUp` and `begins`, which the host looks for as well. */
  readonly otherWords: readonly string[]
}

const systemdWords = ['Failed at step', 'Failed to set up credentials']

export const k3sDialect: Dialect = {
  causes: [...tokenCauses, ...settingCauses, ...machineCauses, ...memberCauses],
  ends: /level=fatal|Shutdown request received|^panic: |^F \S+:\d+\] |Failed at step|Failed to set up credentials/,
  lastWords: ['level=fatal', 'Shutdown request received', 'panic: ', ...systemdWords],
  wasOrdered: /Shutdown request received:[\s\\"]*(context canceled|(signal: )?(terminated|interrupt)|<nil>)?[\s\\"]*$/,
  isUp: /k3s (agent )?is up and running/,
  otherWords: ['is up and running'],
}

/** kubeadm's, that of kubelet and of keel's unit that runs kubeadm: cmd/kubeadm/app/preflight, component-base/cli. */
export const kubeadmDialect: Dialect = {
  causes: kubeadmCauses,
  ends: /^keel-kubeadm: |^error execution phase |^\s*\[ERROR [^\]]+\]|"command failed" err=|^invalid or incomplete external CA|^panic: |^F \S+:\d+\] |Failed at step|Failed to set up credentials/,
  lastWords: [
    'keel-kubeadm: ',
    'error execution phase ',
    '[ERROR ',
    '"command failed" err=',
    'panic: ',
    ...systemdWords,
  ],
  isUp: /"Started kubelet"|^This node has joined the cluster|control-plane has initialized successfully/,
  begins: /\[(?:upgrade\/)?preflight\] Running pre-?flight checks/,
  otherWords: [
    '"Started kubelet"',
    'has joined the cluster',
    'control-plane has initialized successfully',
    'Running pre-flight checks',
    'Running preflight checks',
  ],
}

export function dialectOf(distribution: DistributionKind): Dialect {
  switch (distribution) {
    case 'k3s':
      return k3sDialect
    case 'kubeadm':
      return kubeadmDialect
  }
}
