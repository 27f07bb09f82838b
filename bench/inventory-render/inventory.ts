import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { typescriptLiteral } from '../../src/inventory/typescript/typescript-literal.ts'

/**
 * Writes an inventory of that many hosts: three servers, agents; every tenth host with a secret of its own.
 * @returns its folder
 */
export function writeInventory(
  directory: string,
  { form, hosts }: { readonly form: 'ts' | 'yaml'; readonly hosts: number },
): string {
  const names = Array.from({ length: hosts }, (_, index) => `n${index}`)
  const own = names.filter((_, index) => index % 10 === 9)
  const write = (stem: string, call: string, value: object) => {
    mkdirSync(join(directory, stem, '..'), { recursive: true })
    const text =
      form === 'yaml'
        ? stringify(value)
        : `import { ${call} } from 'keel'\n\nexport default ${call}(${typescriptLiteral(value)})\n`
    writeFileSync(join(directory, `${stem}.${form}`), text)
  }
  write('secrets', 'defineSecrets', {
    admins: { ada: keyOf(0) },
    secrets: {
      'k3s-server-token': { readers: ['admins', 'servers'], generate: 'k3s-token' },
      'k3s-agent-token': { readers: ['admins', 'servers', 'agents'], generate: 'k3s-token' },
      'mirror-password': { readers: ['admins', 'servers', 'agents'] },
      ...Object.fromEntries(own.map((name) => [`vpn-${name}`, { readers: ['admins', name] }])),
    },
  })
  write('hosts/cluster', 'defineCluster', {
    name: 'bench',
    version: 'v1.36.3+k3s1',
    firstServer: 'n0',
    // a /24 for each of 10,000 nodes
    networks: { cluster: '100.64.0.0/10', service: '10.43.0.0/16' },
    registries: {
      configs: { 'mirror.example': { auth: { username: 'k3s', password: { secret: 'mirror-password' } } } },
    },
    defaults: { os: 'debian', labels: { 'example.com/site': 'x' } },
  })
  for (const [index, name] of names.entries()) {
    const ip = `10.${100 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`
    write(`hosts/${name}/host`, 'defineHost', {
      role: index < 3 ? 'server' : 'agent',
      address: `root@${ip}`,
      hostKey: keyOf(index + 1),
      nodeIP: ip,
      tags: [`r${index % 40}`],
      taints: ['example.com/batch=true:NoSchedule'],
      labels: { 'example.com/rack': `r${index % 40}` },
      ...(index % 10 === 9 ? { k3s: { 'vpn-auth': { secret: `vpn-${name}` } } } : {}),
    })
  }
  const artifact = { url: 'https://example.com/k3s', sha256: '0'.repeat(64) }
  writeFileSync(
    join(directory, 'keel.lock.json'),
    JSON.stringify({ format: 1, artifacts: { k3s: { 'v1.36.3+k3s1': { amd64: artifact } } } }),
  )
  return directory
}

/** An ssh-ed25519 line (RFC 8709 section 4) over any 32 bytes: nobody has its private key. */
function keyOf(index: number): string {
  const point = Buffer.alloc(32)
  point.writeUInt32BE(index)
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  return `ssh-ed25519 ${Buffer.concat([field(Buffer.from('ssh-ed25519')), field(point)]).toString('base64')}`
}
