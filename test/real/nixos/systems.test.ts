import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { K3sVersion } from '../../../src/model/brands.ts'
import type { Host } from '../../../src/model/cluster.ts'
import { defined, evaluateMachines, type Machine, openssh, type Said } from '../../support/nixos/evaluated-machines.ts'
import { moduleOf, nixosHosts, numbered } from '../../support/nixos/hosts.ts'
import { sampleCluster, sampleHost, sampleK3s } from '../../support/samples/sample-cluster.ts'

/**
 * keel's module on systems whose owner chose otherwise than NixOS's defaults. Real Nix evaluates; nft, bash and
 * shellcheck judge what comes out.
 */
const folder = mkdtempSync(join(tmpdir(), 'keel-nixos-choices-'))
afterAll(() => rmSync(folder, { recursive: true }))

const beside = (text: string): string => `${openssh.replace('config.', '')} ${text}`
const server = sampleHost({
  name: 'ocean',
  os: 'nixos',
  role: 'server',
  firstServer: true,
  nodeIPs: ['10.0.0.2', 'fd00::2'],
})
const machine = (host: Host, text = '', over: Partial<Machine> = {}): Machine => ({
  host: host.name,
  module: moduleOf(host, nixosHosts.find(([one]) => one.name === host.name)?.[1] ?? sampleCluster([server, host])),
  release: '25.11',
  beside: beside(text),
  ...over,
})
const said = (...of: Parameters<typeof machine>): Said => evaluateMachines([machine(...of)])[0] ?? expect.unreachable()
const named = (name: string): Host => nixosHosts.find(([host]) => host.name === name)?.[0] ?? expect.unreachable()
const everyHost = nixosHosts.map(([host]) => host)
const guarded = everyHost.filter(({ firewall }) => firewall !== false)
const agent = sampleHost({ name: 'maia', os: 'nixos', nodeIPs: ['10.0.0.1', 'fd00::1'], firewall: { api: [] } })
const file = (path: string, owner: string, group = owner) => ({ path, content: 'a\n', mode: '0640', owner, group })

/** A strict iptables: it knows its chains, and prints what is hooked into INPUT at the end. */
const iptables = `declare -A chains=([iptables/ACCEPT]=1 [iptables/DROP]=1 [iptables/INPUT]=1 [ip6tables/ACCEPT]=1 [ip6tables/DROP]=1 [ip6tables/INPUT]=1)
tables() {
  local program=$1 target before word; shift
  [ "$1" != -w ] || shift
  case $1 in
    -N) chains[$program/$2]=1 ;;
    -A)
      for word; do
        [ "$before" != -j ] || target=$word
        before=$word
      done
      [ -n "\${chains[$program/$2]-}" ] && [ -n "\${chains[$program/$target]-}" ] || { echo "$program: Chain '$target' does not exist" >&2; return 2; }
      [ "$2" != INPUT ] || echo "$program"
      ;;
    *) echo "$program: $1 is not known" >&2; return 2 ;;
  esac
}
iptables() { tables iptables "$@"; }
ip6tables() { tables ip6tables "$@"; }
`
const started = (start: string) => {
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-s'], { input: iptables + start, encoding: 'utf8' })
  return { status, hooked: stdout.trim().split('\n'), stderr }
}
/** What nft says against tables, by their order. */
const checkTables = (tables: readonly string[]): readonly string[] => {
  const paths = tables.map((table, index) => {
    const path = join(folder, `${index}.nft`)
    writeFileSync(path, table)
    return path
  })
  const script = 'for table; do nft --check -f "$table" 2>&1 | tr "\\n" " "; echo; done'
  const { stdout } = spawnSync('unshare', ['--net', 'bash', '-c', script, 'bash', ...paths], { encoding: 'utf8' })
  return stdout.split('\n').slice(0, -1)
}

describe("NixOS's firewall starts, and has keel's rules", () => {
  it.each([
    ['', ['iptables', 'ip6tables']],
    ['networking.enableIPv6 = false;', ['iptables']],
  ])('on iptables: %j', (text, hooked) => {
    const all = evaluateMachines(guarded.map((host) => machine(host, text)))
    for (const { firewall } of all) expect(started(firewall.start)).toEqual({ status: 0, hooked, stderr: '' })
    const rules = all.flatMap(({ firewall }) => firewall.start.match(/^ip6tables -A .*/gm) ?? [])
    expect(rules.length > 0).toBe(hooked.includes('ip6tables'))
  })

  it.each([
    'networking.nftables.enable = true;',
    'networking.firewall.backend = "nftables";',
    'networking.firewall.backend = "nftables"; networking.enableIPv6 = false;',
  ])('on nftables: %s', (text) => {
    const tables = evaluateMachines(guarded.map((host) => machine(host, text))).map(({ firewall }) => firewall.table)
    expect(checkTables(tables)).toEqual(guarded.map(() => ''))
    for (const table of tables) expect(table).toContain('tcp dport 10250 accept')
  })

  it('on iptables where a system has nftables besides', () => {
    const { firewall } = said(agent, 'networking.nftables.enable = true; networking.firewall.backend = "iptables";')
    expect(firewall.start).toContain('ip6tables -A nixos-fw -p tcp -s fd00::1 --dport 10250 -j nixos-fw-accept')
    expect(firewall.table).toBe('')
  })

  const names = [
    ...['0tun', '6in4', 'a@b', '-a', 'bridge', 'dup', 'log', 'day', 'hour', 'mark', 'inet', 'udp', 'socket'],
    ...['eth0', 'br-lan.10', 'tailscale0', 'wg-mesh', 'vlan', 'mesh_0', 'tun', 'th', 'ip6', 'comment', '10', 'a.b'],
  ]
  it('whatever its interface is called, the ports are open on that one', () => {
    const hosts = names.map((name) => ({ ...agent, network: { interface: name } }))
    const [nftables, iptables] = ['true', 'false'].map((is) =>
      evaluateMachines(hosts.map((host) => machine(host, `networking.nftables.enable = ${is};`))),
    )
    expect(checkTables(nftables?.map(({ firewall }) => firewall.table) ?? [])).toEqual(names.map(() => ''))
    for (const [index, name] of names.entries()) {
      expect(nftables?.[index]?.firewall.table).toContain(`iifname "${name}" tcp dport 10250 accept`)
      const start = iptables?.[index]?.firewall.start ?? ''
      expect(start).toMatch(
        new RegExp(`^ip46tables -A nixos-fw -p tcp --dport 10250 -j nixos-fw-accept -i ${name}$`, 'm'),
      )
    }
  })

  it('the name that NixOS has for all interfaces is refused', () => {
    const evaluate = () => said({ ...agent, network: { interface: 'default' } })
    expect(evaluate).toThrow(expect.objectContaining({ code: 'nixos-interface' }))
  })

  it.each([
    ['an interface', { interface: 'eth0' }],
    ['none', {}],
  ])('firewalld, which would use none of them, is refused: %s', (_, network) => {
    const evaluate = () => said({ ...agent, network }, 'services.firewalld.enable = true;')
    expect(evaluate).toThrow(/hosts\/maia\/k3s.nix: the firewall of this system is firewalld/)
    expect(said({ ...agent, network, firewall: false }, 'services.firewalld.enable = true;').firewall.backend).toBe(
      'firewalld',
    )
  })
})

describe('the owner of a file in /etc', () => {
  const files = [
    file('/etc/cron.d/scrub', '1000', '100'),
    file('/etc/app.conf', 'app'),
    file('/etc/plain', 'root', '7'),
  ]
  const owners = {
    'cron.d/scrub': { uid: 1000, gid: 100 },
    'app.conf': { uid: 990, gid: 990 },
    plain: { uid: 0, gid: 7 },
  }

  it('is the one that the inventory names, by number or by name', () => {
    expect(said({ ...agent, files }).etcOwners).toEqual(owners)
  })

  const systems = ['system.etc.overlay.enable', 'services.userborn.enable', 'systemd.sysusers.enable'] as const
  it.each(systems)('is a number where a name would become root: %s', (option) => {
    expect(() => said({ ...agent, files }, `${option} = true;`)).toThrow(
      /files\."\/etc\/app\.conf" .* app .*write its number/,
    )
    const numbered = files.filter(({ owner }) => owner !== 'app')
    const { 'app.conf': _, ...numbers } = owners
    expect(said({ ...agent, files: numbered }, `${option} = true;`).etcOwners).toEqual(numbers)
  })
})

describe('files outside /etc', () => {
  const host = { ...agent, files: [file("/opt/it's $HOME", 'app'), file('/srv/b', '1000')] }
  const places = [String.raw`place '/opt/it'\''s $HOME' 0640 app:app < `, 'place /srv/b 0640 1000:1000 < ']

  it('are installed after users are made, where the activation makes them', () => {
    const one = said(host)
    expect(defined(one, 'system', 'activationScripts', 'keel-files', 'deps')).toEqual(['users', 'groups'])
    for (const place of places)
      expect(defined(one, 'system', 'activationScripts', 'keel-files', 'text')).toContain(place)
    expect(defined(one, 'systemd', 'services', 'keel-files')).toBeUndefined()
  })

  it.each([
    'systemd.sysusers.enable = true;',
    'services.userborn.enable = true;',
    'services.userborn.enable = true; system.etc.overlay.enable = true; system.nixos-init.enable = true;',
  ])('and after them where a service does: %s', (text) => {
    const one = said(host, text)
    expect(defined(one, 'system', 'activationScripts', 'keel-files')).toBeUndefined()
    expect(defined(one, 'systemd', 'services', 'keel-files')).toMatchObject({
      wantedBy: ['sysinit.target'],
      after: ['local-fs.target', 'systemd-sysusers.service'],
      before: expect.arrayContaining(['sysinit.target', 'k3s.service']),
      serviceConfig: { Type: 'oneshot', RemainAfterExit: true },
    })
    for (const place of places) expect(defined(one, 'systemd', 'services', 'keel-files', 'script')).toContain(place)
  })
})

describe('systemd.enableStrictShellChecks', () => {
  const odd = [
    '$1',
    '\u0024{x}',
    '`y`',
    "it's",
    '\\',
    "\\'",
    '"',
    '“”',
    '‘’',
    '*',
    '~',
    '#',
    'é',
    '$(z)',
    ';',
    '\u2028',
    '%s',
  ]
  const secret = { secret: 'registry' as const }
  const host = {
    ...named('dune'),
    registries: {
      mirrors: Object.fromEntries(
        odd.map((text, index) => [`m${index}`, { rewrite: { '^(.*)$': text }, endpoint: [text] }]),
      ),
      configs: { 'registry.example': { auth: { username: odd.join(''), password: secret } } },
    },
    files: odd.map((text, index) => file(`/opt/${index}${text.replaceAll('/', '')}`, '1000')),
  } as unknown as Host
  const text = 'systemd.enableStrictShellChecks = true; systemd.sysusers.enable = true;'

  it('finds nothing in any script of a service, whatever values it has', () => {
    const paths = evaluateMachines([...everyHost.map(numbered), host].map((one) => machine(one, text))).flatMap(
      ({ jobScripts }, index) =>
        Object.entries(jobScripts).flatMap(([name, scripts]) =>
          scripts.map((script, number) => {
            const path = join(folder, `${index}-${name}-${number}.sh`)
            writeFileSync(path, script)
            return path
          }),
        ),
    )
    expect(paths.length).toBeGreaterThan(everyHost.length)
    const { stdout, status } = spawnSync('shellcheck', paths, { encoding: 'utf8' })
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 })
    for (const path of paths) execFileSync('bash', ['-n', path])
  })
})

describe('k3s comes from nixpkgs', () => {
  const ours = sampleHost({ name: 'maia', os: 'nixos' })
  const distribution = sampleK3s({ version: 'v1.31.14+k3s1' as K3sVersion })
  const of = (k3sVersion: string, text = '') => {
    const module = moduleOf(ours, sampleCluster([ours], { distribution }))
    return () => evaluateMachines([{ host: 'maia', module, release: '25.11', beside: beside(text), k3sVersion }])
  }

  it('a minor version that was removed from it is refused by keel, in keel’s words', () => {
    expect(of('1.36.3+k3s1')).toThrow(
      /hosts\/maia\/k3s.nix: services.k3s.package is k3s 1.36.3\+k3s1, and hosts\/cluster says 1.31/,
    )
  })

  it('one that it has, and one that is set, are taken', () => {
    expect(of('1.31.14+k3s1')()[0]?.words[0]).toContain('k3s-1.31.14+k3s1')
    const own = '{ type = "derivation"; name = "k3s"; version = "1.31.9+k3s1"; outPath = "/nix/store/own-k3s"; }'
    expect(of('1.36.3+k3s1', `services.k3s.package = ${own};`)()[0]?.words[0]).toBe('/nix/store/own-k3s/bin/k3s')
  })
})

describe('logind', () => {
  it.each(['24.11', '25.05'] as const)('heeds its owner rather than keel, whose line is the first: %s', (release) => {
    const one = said(agent, 'services.logind.extraConfig = "InhibitDelayMaxSec=120";', { release })
    const lines = String(defined(one, 'services', 'logind', 'extraConfig')).match(/^InhibitDelayMaxSec=.*/gm)
    expect(lines).toEqual(['InhibitDelayMaxSec=30', 'InhibitDelayMaxSec=120'])
  })
})

describe('folders that only root may look into', () => {
  it('a server with manifests has one before k3s makes it; the link of a manifest would make it for everybody', () => {
    expect(defined(said(named('dune')), 'systemd', 'tmpfiles', 'rules')).toEqual([
      'd /var/lib/rancher/k3s/server :0700 root root -',
    ])
    expect(defined(said(named('ocean')), 'systemd', 'tmpfiles')).toBeUndefined()
  })
})
