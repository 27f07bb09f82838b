import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { arch as machineArch } from 'node:process'
import { ExitCode, KeelError } from '../errors.ts'
import type { Arch } from '../model/cluster.ts'
import { nodeArch } from '../model/systems/arch-names.ts'

/** The versions of k3s, and others with the same form: `v1.36.3+k3s1`. */
const versionText = /v1\.\d{1,3}\.\d{1,3}(?:-rc\d+)?\+(?:k3s|rke2r|lookalike)\d{0,2}/g

/**
 * Checks that a k3s binary of the user has the version of the inventory. keel runs the binary to ask it. If this
 * machine cannot run it, keel searches its bytes for the version, which Go's linker leaves in it as text.
 * @param timeout milliseconds that the binary has for its answer
 * @returns why keel could not find the version, if it could not
 * @throws KeelError `pin-version` (exit 2) for another version, or for another program
 */
export async function checkProgramVersion(
  file: string,
  arch: Arch,
  wanted: string,
  timeout = 20_000,
): Promise<string | undefined> {
  const says = nodeArch.get(machineArch) === arch ? await askForVersion(file, timeout) : undefined
  if (says !== undefined) {
    const version = /^k3s version (v\S+)/m.exec(says)?.[1]
    if (version === wanted) return undefined
    throw otherVersion(
      file,
      wanted,
      version === undefined ? `not k3s: it prints '${firstLine(says)}'` : `k3s ${version}`,
    )
  }
  const found = await versionsIn(file, wanted)
  if (found.has(wanted)) return undefined
  if (found.size > 0) throw otherVersion(file, wanted, `k3s ${[...found].join(', ')}`)
  return `${file}: keel found no version, neither by running it nor in its text, so it cannot check that it is ${wanted}`
}

/**
 * The same for a Node of the user. If this machine cannot run it, keel does not check its version.
 * @throws KeelError `pin-version` (exit 2) for another version, or for another program
 */
export async function checkNodeVersion(file: string, arch: Arch, wanted: string, timeout = 20_000): Promise<void> {
  const says = nodeArch.get(machineArch) === arch ? await askForVersion(file, timeout) : wanted
  if (says === undefined || says.trim() === wanted) return
  throw new KeelError({
    code: 'pin-version',
    at: file,
    found: `another version: it prints '${firstLine(says)}'`,
    why: `this keel runs the keel-agent with Node ${wanted}`,
    todo: 'name the `node` program of that version',
    exit: ExitCode.Usage,
  })
}

/** Its output; undefined if it can't run here, or prints nothing. */
function askForVersion(file: string, timeout: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    // SIGKILL, because keel would wait for a program that ignores SIGTERM
    const limits = { timeout, killSignal: 'SIGKILL', maxBuffer: 64 * 1024, env: { PATH: '/usr/bin:/bin' } } as const
    execFile(file, ['--version'], limits, (error, stdout) =>
      resolve(error === null && stdout.trim() !== '' ? stdout : undefined),
    )
  })
}

/** Reads blocks that overlap, so that no text is cut in two. */
async function versionsIn(file: string, wanted: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  let rest = ''
  for await (const block of createReadStream(file, { encoding: 'latin1', highWaterMark: 1024 * 1024 })) {
    const text = `${rest}${block}`
    if (text.includes(wanted)) return new Set([wanted])
    for (const [version] of text.matchAll(versionText)) found.add(version)
    rest = text.slice(-64)
  }
  return found
}

function otherVersion(file: string, wanted: string, found: string): KeelError {
  return new KeelError({
    code: 'pin-version',
    at: file,
    found,
    why: `hosts/cluster has version: '${wanted}'`,
    todo: 'name the binary of that version, or set version in hosts/cluster',
    exit: ExitCode.Usage,
  })
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 80)
}
