import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pinnedArtifact } from '../artifacts/lock-file.ts'
import { hostStateOf } from '../desired/host-state-of.ts'
import { ExitCode, KeelError } from '../errors.ts'
import { renderHost } from '../targets/render.ts'
import { type Command, directory, type InDirectory } from './command.ts'
import { selectHosts } from './select-hosts.ts'
import { openWorkspace } from './workspace.ts'

interface RenderInput extends InDirectory {
  readonly host: readonly string[]
  readonly out?: string
}

/** [In place, for NixOS and Flatcar: with their targets.] */
export const render: Command<RenderInput> = {
  name: 'render [host...]',
  summary: 'write the files that hosts would get',
  options: [directory, { flags: '--out <dir>', summary: 'where to write them, a folder a host; no secret is in them' }],
  async run(input, io) {
    if (input.out === undefined) {
      throw new KeelError({
        code: 'usage',
        at: '--out',
        found: 'no folder to render into',
        todo: 'name one: keel render --out DIR',
        exit: ExitCode.Usage,
      })
    }
    const { cluster, store, lock } = await openWorkspace(input, io)
    const ca = await store.caCertificate()
    const out = resolve(io.cwd, input.out)
    // all of it before the first file: a fault writes nothing
    const rendered = selectHosts(cluster, input.host).map((host) =>
      renderHost(
        hostStateOf(cluster, host, {
          k3sFor: ({ arch }) => pinnedArtifact(lock, 'k3s', cluster.version, arch),
          ...(ca === undefined ? {} : { caCertificate: ca.pem }),
        }),
      ),
    )
    for (const { host, files } of rendered) {
      for (const { path, content, mode } of files) {
        const file = join(out, host, path)
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, content, { mode: Number.parseInt(mode, 8) })
      }
      io.print(`${host}: ${files.length} files in ${join(out, host)}`)
    }
    return ExitCode.Done
  },
}
