import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabHost } from '../lab/lab-host.ts'

/**
 * A repository of packages on a host of a lab, which reaches no mirror. The Node that keel brings serves it, as soon as it
 * is there.
 * @param address where it listens, on port 8080
 * @param login `user:password` that it asks for
 */
export async function serveRepository(host: LabHost, folder: string, address: string, login?: string): Promise<void> {
  await host.sh('mkdir -p /srv/repository')
  for (const name of await readdir(folder)) await host.receive(join(folder, name), `/srv/repository/${name}`)
  const allowed = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`
  const program = `const { createServer } = require('node:http')
const { readFileSync } = require('node:fs')
const allowed = ${JSON.stringify(allowed)}
createServer(({ url, headers }, answer) => {
  if (allowed !== undefined && headers.authorization !== allowed) return answer.writeHead(401).end()
  try {
    // apt escapes the + of a version
    answer.end(readFileSync('/srv/repository' + decodeURIComponent(url).replaceAll('..', '')))
  } catch {
    answer.writeHead(404).end()
  }
}).listen(8080, ${JSON.stringify(address)})
`
  await host.sh('cat > /srv/repository.cjs', program)
  await host.sh(
    "systemd-run --quiet --unit=repository sh -c 'until ls /usr/local/lib/keel/keel-node-*; do sleep 1; done; exec /usr/local/lib/keel/keel-node-* /srv/repository.cjs'",
  )
}
