import type { Arch } from '../cluster.ts'

/**
 * systemd's names of architectures (systemd.unit(5), ConditionArchitecture=). System extensions and the names of their
 * images use them.
 */
export const systemdArch: Readonly<Record<Arch, 'x86-64' | 'arm64'>> = { amd64: 'x86-64', arm64: 'arm64' }
