import type { Arch } from '../cluster.ts'

/**
 * systemd's names of architectures (systemd.unit(5), ConditionArchitecture=): system extensions and their images' names
 * have these.
 */
export const systemdArch: Readonly<Record<Arch, string>> = { amd64: 'x86-64', arm64: 'arm64' }
