import { join } from 'node:path'
import { KeelError } from '../../errors.ts'
import { buildSources, type Sources } from '../machine/build-sources.ts'
import type { Work } from '../work.ts'

const sources: Pick<Sources, 'path' | 'failure'> = {
  path: 'test/lookalike',
  failure: (output) =>
    new KeelError({
      code: 'lab-no-k3s',
      found: `the look-alike of k3s could not be built:\n${output}`,
      why: 'the lab takes k3s from KEEL_LAB_K3S, else from its release page, else it builds the look-alike',
      todo: 'install Go 1.26 or newer with access to its modules, or set KEEL_LAB_K3S to a k3s binary',
    }),
}

/**
 * The look-alike of k3s, built from test/lookalike/ and cached by the hash of its sources.
 * @returns the path of the program
 * @throws KeelError `lab-no-k3s` without Go, or with the end of the output of the build; `lab-busy` (exit 5)
 */
export function ensureLookalike(work: Work): Promise<string> {
  return buildSources(
    {
      ...sources,
      name: 'lookalike',
      program: 'k3s',
      note: 'building the look-alike of k3s; this takes minutes the first time',
      command: (from, into) => ['bash', join(from, 'build.sh'), join(into, 'k3s')],
    },
    work,
  )
}

/**
 * The lab's one program for container images, built from the same sources. It is static, and the build takes a second.
 */
export function ensureTiny(work: Work): Promise<string> {
  return buildSources(
    {
      ...sources,
      name: 'tiny',
      program: 'tiny',
      command: (from, into) => [
        ...['go', 'build', '-C', from, '-ldflags=-s -w'],
        ...['-o', join(into, 'tiny'), './cmd/tiny'],
      ],
    },
    work,
  )
}
