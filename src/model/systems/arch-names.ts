import type { Arch } from '../cluster.ts'

/** The kernel's names of architectures, which `uname -m` prints. */
export const unameArch: ReadonlyMap<string, Arch> = new Map([
  ['x86_64', 'amd64'],
  ['aarch64', 'arm64'],
])

/** Node's names (`process.arch`). */
export const nodeArch: ReadonlyMap<string, Arch> = new Map([
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
])
