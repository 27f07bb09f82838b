/** For which machine an executable is. `arch` is Debian's name, as in its file name. */
export interface Target {
  readonly platform: 'linux' | 'darwin'
  readonly arch: Arch
}

/** Debian's name → the one that Node has. */
export const ARCHS = { amd64: 'x64', arm64: 'arm64' } as const
export type Arch = keyof typeof ARCHS

/** This machine's, if keel has an executable for it, with `arch` if one is named. @throws Error */
export function targetNamed(arch: string | undefined): Target {
  const found = (Object.keys(ARCHS) as Arch[]).find((one) => (arch ?? process.arch) === (arch ? one : ARCHS[one]))
  if (found === undefined) throw new Error(`--arch is ${Object.keys(ARCHS).join(' or ')}`)
  return { platform: process.platform === 'darwin' ? 'darwin' : 'linux', arch: found }
}
