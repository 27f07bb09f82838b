import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LabCluster } from '../lab/lab-cluster.ts'
import { daemonPackage, testKey, writeRepository } from './repository.ts'
import { serveRepository } from './serve-repository.ts'

/**
 * Look-alikes of packages of Debian, because hosts of a lab reach no mirror: uptimed says what the real one says at its
 * first start, and of unbound only the older version takes connections.
 */
const listens = 'IO::Socket::INET->new(LocalAddr => "127.0.0.1:53", Listen => 5, ReuseAddr => 1) or die $!'
const program = (text: string) => `#!/bin/sh\n${text}\n`
const packages = [
  daemonPackage('uptimed', '0.4.6-1', {
    files: {
      'usr/sbin/uptimed': program('echo "uptimed: no useable database found."\nexec sleep infinity'),
      'lib/systemd/system/uptimed.service': '[Service]\nExecStart=/usr/sbin/uptimed -f\n',
    },
  }),
  ...[
    [
      '1.17.1-2+deb12u2',
      `exec perl -MIO::Socket::INET -e 'my $s = ${listens}; while (my $c = $s->accept) { close $c }'`,
    ],
    ['1.17.1-2+deb12u3', 'exec sleep infinity'],
  ].map(([version = '', script = '']) =>
    daemonPackage('unbound', version, {
      files: {
        'usr/sbin/unbound': program(script),
        'lib/systemd/system/unbound.service': '[Service]\nExecStart=/usr/sbin/unbound -d -p\n',
      },
    }),
  ),
]

/**
 * The machine of the server serves the packages of the farm, and the inventory has the key of this repository.
 * @returns what hosts/cluster.ts says of it, as TypeScript
 */
export async function serveFarmPackages({ host, inventory }: LabCluster): Promise<string> {
  const server = host('server-1')
  const { nodeIP } = server.described
  const folder = mkdtempSync(join(tmpdir(), 'keel-repository-'))
  const key = await testKey()
  try {
    await writeRepository(folder, packages, key)
    mkdirSync(join(inventory, 'keys'))
    writeFileSync(join(inventory, 'keys/packages.asc'), key.armoured)
    await serveRepository(server, folder, nodeIP)
  } finally {
    key.remove()
    rmSync(folder, { recursive: true, force: true })
  }
  return `systemdKubelet: {
    packages: ['unbound', 'uptimed'],
    programs: ['/usr/bin/sleep', '/usr/bin/sh'],
    repositories: { own: { uris: 'http://${nodeIP}:8080', suites: './', signedBy: 'keys/packages.asc' } },
  },`
}
