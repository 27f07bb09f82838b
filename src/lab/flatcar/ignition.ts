import { KeelError } from '../../errors.ts'
import { ensureBuilt } from '../machine/ensure-built.ts'
import type { Work } from '../work.ts'

/** What Flatcar 4230 and newer have; it takes Ignition specifications up to 3.5. */
const version = '2.24.0'
const module = 'github.com/coreos/ignition/v2/internal'

/**
 * Ignition itself, built from its Go module: 70 s with nothing in Go's caches. It needs cgo and libblkid's headers.
 * @throws KeelError `lab-no-ignition`, `lab-busy` (exit 5)
 */
export function ensureIgnition(work: Work): Promise<string> {
  // as a distribution builds it that has no SELinux policy to relabel by
  const flags = `-s -w -X ${module}/version.Raw=${version} -X ${module}/distro.selinuxRelabel=false`
  return ensureBuilt(
    {
      name: 'ignition',
      key: version,
      program: 'internal',
      note: 'building Ignition, for look-alikes of Flatcar machines; this takes a minute the first time',
      // `go install` takes its place from GOBIN alone
      command: (into) => [
        'env',
        `GOBIN=${into}`,
        'GOFLAGS=',
        'go',
        'install',

        `-ldflags=${flags}`,
        `${module}@v${version}`,
      ],
      env: { CGO_ENABLED: '1' },
      failure: (output) =>
        new KeelError({
          code: 'lab-no-ignition',
          found: `Ignition ${version} could not be built:\n${output}`,
          why: 'the first boot of a Flatcar look-alike is real Ignition',
          todo: 'install Go 1.24 or newer with access to its modules, and `apt-get install gcc libc6-dev libblkid-dev`',
        }),
    },
    work,
  )
}
