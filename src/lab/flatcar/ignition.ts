import { KeelError } from '../../errors.ts'
import { ensureBuilt } from '../machine/ensure-built.ts'
import { goEnvironment } from '../machine/go-environment.ts'
import type { Work } from '../work.ts'

/** The version in Flatcar 4230 and newer. It accepts Ignition specifications up to 3.5. */
const version = '2.24.0'
const module = 'github.com/coreos/ignition/v2/internal'

/**
 * Builds Ignition itself from its Go module. This takes 70 s with empty Go caches, and needs cgo and libblkid's
 * headers.
 * @throws KeelError `lab-no-ignition`, `lab-busy` (exit 5)
 */
export function ensureIgnition(work: Work): Promise<string> {
  // a distribution without an SELinux policy builds it in this way, because there is nothing to relabel
  const flags = `-s -w -X ${module}/version.Raw=${version} -X ${module}/distro.selinuxRelabel=false`
  return ensureBuilt(
    {
      name: 'ignition',
      key: version,
      program: 'internal',
      note: 'building Ignition, for look-alikes of Flatcar machines; this takes a minute the first time',
      // `go install` takes its target folder only from GOBIN
      command: (into) => ['env', `GOBIN=${into}`, 'go', 'install', `-ldflags=${flags}`, `${module}@v${version}`],
      env: { ...goEnvironment, CGO_ENABLED: '1' },
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
