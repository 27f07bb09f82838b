import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import { placeVip } from '../../../src/parts/keepalived/place-vip.ts'
import { vrrpMemberOf } from '../../../src/parts/keepalived/vrrp-member.ts'
import { k3sModule } from '../../../src/targets/nixos/k3s-module.ts'
import {
  defined,
  evaluateMachines,
  type Machine,
  openssh,
  releases,
  type Said,
  systemdWords,
} from '../../support/nixos/evaluated-machines.ts'
import { moduleOf, nixosHosts, numbered } from '../../support/nixos/hosts.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'

/** Real Nix, on the model of NixOS that is made of the options of each release (test/nixos/). */
const folder = mkdtempSync(join(tmpdir(), 'keel-nixos-module-'))
afterAll(() => rmSync(folder, { recursive: true }))

const machines = nixosHosts.flatMap(([host, cluster]) =>
  releases.map((release): Machine => ({ host: host.name, module: moduleOf(host, cluster), release })),
)
const all = new Map(
  evaluateMachines(machines).map((said, index) => [`${machines[index]?.host} ${machines[index]?.release}`, said]),
)
const saidOf = (key: string): Said => all.get(key) ?? expect.unreachable(key)
/** 25.11 says it on every agent: its condition is the wrong way round, and an agent has no such flag to set. */
const ofNixpkgs = "k3s: agentToken and agentToken should not be set if role is 'agent'"
/** Sorted, a value always behind `=`: the module writes some as two words. */
const flagsOf = ({ words }: Said) =>
  systemdWords(
    words
      .slice(2)
      .join(' ')
      .replaceAll(/(?<=^| )(--[a-z-]+) (?=[^- ])/g, '$1='),
  ).toSorted()

describe('every rendered module', () => {
  it.each(machines.map(({ host, release }) => `${host} ${release}`))(
    '%s evaluates without a warning of its own',
    (key) => {
      const said = saidOf(key)
      expect(said.warnings).toEqual(key.endsWith(' 25.11') && said.words[1] === 'agent' ? [ofNixpkgs] : [])
    },
  )

  it.each(nixosHosts.map(([host]) => host.name))('%s gives k3s the same flags under each release', (name) => {
    const [first, ...others] = releases.map((release) => flagsOf(saidOf(`${name} ${release}`)))
    for (const other of others) expect(other).toEqual(first)
  })

  it('uses the typed options that a release has', () => {
    const typed = (release: string) =>
      Object.keys((defined(saidOf(`dune ${release}`), 'services', 'k3s') as object) ?? {}).filter((option) =>
        option.startsWith('node'),
      )
    expect(releases.map(typed)).toEqual([[], [], ['nodeIP', 'nodeName'], ['nodeExternalIP', 'nodeIP', 'nodeName']])
  })

  it('opens the ports of its role: on the interface, to the addresses under either firewall, or to everybody', () => {
    const agent = saidOf('maia 25.11')
    expect(defined(agent, 'networking', 'firewall', 'interfaces', 'tailscale0')).toEqual({
      allowedTCPPorts: [10250],
      allowedUDPPorts: [8472],
    })
    const [host, cluster] = nixosHosts[2] ?? expect.unreachable()
    const dune = { host: 'dune', module: moduleOf(host, cluster), release: '25.11' as const }
    const [iptables, nftables] = evaluateMachines([
      dune,
      { ...dune, beside: `${openssh} networking.nftables.enable = true;`.replace('config.', '') },
    ])
    const texts = (said: Said | undefined) =>
      ['extraCommands', 'extraInputRules'].map((name) => said && defined(said, 'networking', 'firewall', name))
    expect(texts(iptables)).toEqual([
      expect.stringContaining('iptables -A nixos-fw -p tcp -s 10.0.0.1,100.64.0.5 --dport 10250 -j nixos-fw-accept\n'),
      undefined,
    ])
    expect(texts(iptables)[0]).toMatch(
      /^ip6tables -A nixos-fw -p tcp -s 2001:db8::\/32,fd00::1 --dport 6443 -j nixos-fw-accept$/m,
    )
    expect(texts(nftables)).toEqual([
      undefined,
      expect.stringContaining('ip6 saddr { fd00::1 } tcp dport 2379-2380 accept comment "etcd"\n'),
    ])
    expect(defined(saidOf('ocean 25.11'), 'networking', 'firewall', 'allowedTCPPorts')).toEqual([6443])
  })
})

describe('a server that shares an address', () => {
  it.each(releases)('has the checker and keepalived’s configuration as they are elsewhere: %s', (release) => {
    const said = saidOf(`islet ${release}`)
    const etc = (path: string, what: string) =>
      String(defined(said, 'environment', 'etc', `keel/${path}`, ...what.split('.')))
    const [host, cluster] = nixosHosts.find(([{ name }]) => name === 'islet') ?? expect.unreachable()
    const [program, configuration] = placeVip(
      vrrpMemberOf(clusterStateOf(cluster), host) ?? expect.unreachable(),
      '/etc/keel/keel-vip',
    ).files
    const [, path, ...lines] = etc('keel-vip', 'source.text').split('\n')
    expect(path).toMatch(/^export PATH=(\/nix\/store\/[a-z0-9-]+\/bin:){5}\$PATH$/)
    expect(lines).toEqual(program?.content.split('\n').slice(1))
    expect(etc('keepalived.conf', 'text')).toBe(configuration?.content)
    expect(defined(said, 'services', 'keepalived')).toEqual({
      enable: true,
      extraConfig: 'include /etc/keel/keepalived.conf\n',
    })
  })

  it('lets VRRP in from servers alone, under either firewall', () => {
    const rules = ['extraCommands', 'extraInputRules'].map((name, index) => {
      const beside = `${openssh} networking.nftables.enable = ${index === 1};`.replace('config.', '')
      const [host, cluster] = nixosHosts.find(([{ name: one }]) => one === 'islet') ?? expect.unreachable()
      const [said] = evaluateMachines([{ host: 'islet', module: moduleOf(host, cluster), release: '25.11', beside }])
      const text = said === undefined ? '' : String(defined(said, 'networking', 'firewall', name))
      return text.split('\n').filter((line) => line.includes('112'))
    })
    expect(rules).toEqual([
      [
        'iptables -A nixos-fw -i eth0 -p 112 -s 10.0.0.1,10.0.0.2 -j nixos-fw-accept',
        'ip6tables -A nixos-fw -i eth0 -p 112 -s fd00::1,fd00::2 -j nixos-fw-accept',
      ],
      [
        'iifname "eth0" ip saddr { 10.0.0.1, 10.0.0.2 } meta l4proto 112 accept comment "VRRP"',
        'iifname "eth0" ip6 saddr { fd00::1, fd00::2 } meta l4proto 112 accept comment "VRRP"',
      ],
    ])
  })
})

describe('the model refuses', () => {
  const [host, cluster] = nixosHosts[0] ?? expect.unreachable()
  const module = moduleOf(host, cluster)
  const machine = (over: Partial<Machine>): Machine => ({ host: 'ocean', module, release: '25.11', ...over })
  const beside = (text: string) => machine({ beside: `${openssh} ${text}`.replace('config.', '') })

  it.each<[string, Machine, RegExp]>([
    [
      'a module without agenix',
      machine({ withAgenix: false }),
      /agenix is not imported.*Add agenix.nixosModules.default/,
    ],
    ['agenix without host keys', machine({ beside: '' }), /age.identityPaths must be set/],
    ['another minor of k3s', machine({ k3sVersion: '1.33.5+k3s1' }), /k3s 1.33.5\+k3s1, and hosts\/cluster says 1.36/],
    ['an unknown option', beside('services.k3s.openFirewall = true;'), /services.k3s.openFirewall: no such option/],
    ['what the release lacks', beside('services.k3s.nodeExternalIP = "192.0.2.1";'), /nodeExternalIP: no such option/],
    [
      'another type',
      beside('services.k3s.disable = "traefik";'),
      /services.k3s.disable: is the text "traefik", not listOf/,
    ],
    ['a wrong unit name', beside('systemd.services.k3s.after = [ "tailscaled" ];'), /not unitName/],
    ['two values of one option', beside('services.k3s.role = "agent";'), /services.k3s.role: is defined twice/],
    ['a token in the store', beside('services.k3s.token = "K10";'), /world-readable store/],
    ['a token among the flags', beside('services.k3s.extraFlags = [ "--token=K10" ];'), /world-readable store/],
    ['a token file in the store', beside('services.k3s.environmentFile = ./token;'), /copied into the store/],
    ['flags as a text beside a list', beside('services.k3s.extraFlags = "--debug";'), /services.k3s.extraFlags/],
    [
      "agenix's snippet where it is a service",
      beside('systemd.sysusers.enable = true; system.activationScripts.a = { text = ""; deps = [ "agenix" ]; };'),
      /depend on agenix, which no release has/,
    ],
    [
      "agenix's unit where it is a snippet",
      beside('systemd.services.a.after = [ "agenix-install-secrets.service" ];'),
      /a wait for agenix-install-secrets.service, which is not there/,
    ],
    [
      'a snippet that is nowhere',
      beside('system.activationScripts.a = { text = ""; deps = [ "b" ]; };'),
      /depend on b/,
    ],
  ])('%s', (_, wrong, message) => expect(() => evaluateMachines([wrong])).toThrow(message))

  it('but not what a hand-written module may override', () => {
    const [said] = evaluateMachines([
      beside(
        'services.k3s.gracefulNodeShutdown.enable = false; services.k3s.extraFlags = [ "--debug" ]; systemd.services.k3s.preStart = "true";',
      ),
    ])
    expect(said?.kubeletConfig).toEqual({})
    expect(said?.words).toContain('--debug')
  })
})

describe('whatever an inventory says', () => {
  const text = fc.string({ unit: 'binary', maxLength: 30 }).map((any) => any.replaceAll('\0', '').toWellFormed())
  const nasty = fc
    .array(fc.constantFrom('$', '{', '}', '%', '"', "'", "''", '\\', ' ', '\n', '\u0024{x}', '%i', '$X', 'é', '-'), {
      maxLength: 9,
    })
    .map((parts) => parts.join(''))
  const any = fc.oneof(text, nasty)
  const line = any.map((value) => value.replaceAll(/[\x00-\x1f\x7f]/g, ''))

  it('reaches flags, files, manifests and registries as exactly itself (property)', () => {
    const host = fc.record({
      arguments: fc.array(line, { maxLength: 3 }),
      file: any,
      elsewhere: any,
      manifest: any,
      registry: line,
    })
    fc.assert(
      fc.property(fc.array(host, { minLength: 20, maxLength: 30 }), (hosts) => {
        const results = evaluateMachines(
          hosts.map((each): Machine => {
            const one = sampleHost({
              name: 'ocean',
              os: 'nixos',
              role: 'server',
              firstServer: true,
              k3s: { 'kubelet-arg': each.arguments, disable: each.arguments },
              files: [
                { path: '/etc/x', content: each.file, mode: '0644', owner: 'root', group: 'root' },
                { path: "/opt/it's", content: each.elsewhere, mode: '0644', owner: 'root', group: 'root' },
              ],
              manifests: [{ name: 'm.yaml', content: each.manifest }],
              registries: { mirrors: { [each.registry]: { endpoint: [] } } },
            })
            return {
              host: 'ocean',
              release: '25.11',
              module: k3sModule(hostStateOf(clusterStateOf(sampleCluster([one])), one, sampleSurroundings)),
            }
          }),
        )
        results.forEach((said, index) => {
          const each = hosts[index] ?? expect.unreachable()
          const words = systemdWords(said.words.join(' '))
          for (const value of each.arguments) {
            expect(words).toContain(`--kubelet-arg=${value}`)
            expect(words).toContain(`--disable=${value}`)
          }
          expect(defined(said, 'environment', 'etc', 'x', 'text')).toBe(each.file)
          expect(defined(said, 'services', 'k3s', 'manifests', 'm.yaml', 'source', 'text')).toBe(each.manifest)
          expect(parse(String(defined(said, 'environment', 'etc', 'rancher/k3s/registries.yaml', 'text')))).toEqual({
            mirrors: { [each.registry]: { endpoint: [] } },
          })
          expect(defined(said, 'system', 'activationScripts', 'keel-files', 'text')).toMatch(
            /place '\/opt\/it'\\''s' 0644 root:root < \/nix\/store\/\S+-file /,
          )
        })
      }),
      { numRuns: 8 },
    )
  })
})

/** The scripts of a module, run by bash with every folder of theirs below a test's own. */
function scriptsOf(
  key: string,
  root: string,
  said = saidOf(key),
): { readonly preStart: string; readonly restart: string } {
  const list = `${root}/run/nixos/activation-restart-list`
  const local = (text: unknown) =>
    String(text)
      .replaceAll(/\/(run|var|nix|sys|etc)\//g, `${root}/$1/`)
      .replaceAll('echo k3s.service', 'echo restart')
      .replaceAll('systemctl try-restart --no-block k3s.service', `echo restart >> ${list}`)
  for (const name of ['run/keel-k3s', 'run/agenix', 'run/nixos', 'nix/store', 'var/lib', 'sys/class/net/tailscale0'])
    mkdirSync(join(root, name), { recursive: true })
  return {
    preStart: local(defined(said, 'systemd', 'services', 'k3s', 'preStart')),
    restart: local(
      defined(said, 'system', 'activationScripts', 'keel-k3s-secrets', 'text') ??
        defined(said, 'systemd', 'services', 'keel-k3s-secrets', 'script'),
    ),
  }
}

/** As NixOS runs a service's script with systemd.enableStrictShellChecks; without it, with `-e` alone. */
function bash(script: string): { readonly status: number; readonly stderr: string } {
  try {
    execFileSync('bash', ['-euo', 'pipefail', '-s'], { input: script, stdio: ['pipe', 'pipe', 'pipe'] })
    return { status: 0, stderr: '' }
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer }
    return { status, stderr: stderr.toString() }
  }
}

/** modules/age.nix: with either of them it decrypts in a service, after the activation scripts. */
const serviceSwitches = ['systemd.sysusers.enable', 'services.userborn.enable'] as const

describe.each(serviceSwitches)('where agenix is a service (%s)', (option) => {
  const asService = evaluateMachines(
    nixosHosts.flatMap(([host, cluster]) =>
      releases.map(
        (release): Machine => ({
          host: host.name,
          module: moduleOf(numbered(host), cluster),
          release,
          beside: `services.openssh.enable = true; ${option} = true;`,
        }),
      ),
    ),
  )
  const unit = 'agenix-install-secrets.service'

  it('k3s and the comparison wait for it, and nothing is left to the activation', () => {
    for (const said of asService) {
      expect(defined(said, 'system', 'activationScripts', 'keel-k3s-secrets')).toBeUndefined()
      const k3s = ['after', 'wants'].map((list) => defined(said, 'systemd', 'services', 'k3s', list))
      for (const list of k3s) expect(list).toContain(unit)
      // it restarts at a rekey, and k3s must not
      expect(defined(said, 'systemd', 'services', 'k3s', 'requires')).toBeUndefined()
      expect(defined(said, 'systemd', 'services', 'keel-k3s-secrets')).toMatchObject({
        after: [unit, 'k3s.service'],
        restartTriggers: Object.values(said.secrets).map(({ file }) => file),
        serviceConfig: { Type: 'oneshot', RemainAfterExit: true },
      })
      expect(said.warnings.filter((warning) => warning !== ofNixpkgs)).toEqual([])
    }
  })

  it('elsewhere the activation compares, after agenix, and no unit waits for what is not there', () => {
    for (const said of all.values()) {
      expect(defined(said, 'systemd', 'services', 'keel-k3s-secrets')).toBeUndefined()
      expect(defined(said, 'system', 'activationScripts', 'keel-k3s-secrets', 'deps')).toEqual(['agenix'])
    }
  })
})

const [maiaAsService = expect.unreachable()] = evaluateMachines(
  machines
    .filter(({ host, release }) => host === 'maia' && release === '25.11')
    .map((machine) => ({ ...machine, beside: 'services.openssh.enable = true; services.userborn.enable = true;' })),
)

describe('what runs before k3s', () => {
  it('places the CA before the first start and never again, the key first', () => {
    const root = join(folder, 'ca')
    const { preStart } = scriptsOf('ocean 25.11', root)
    for (const name of ['k3s-server-token', 'k3s-agent-token', 'k3s-server-ca-key'])
      writeFileSync(join(root, 'run/agenix', name), `value of ${name}\n`)
    const certificate = /\S+-server-ca\.crt(?= )/.exec(preStart)?.[0] ?? ''
    writeFileSync(certificate, 'CERTIFICATE')
    expect(bash(preStart)).toEqual({ status: 0, stderr: '' })
    const tls = join(root, 'var/lib/rancher/k3s/server/tls')
    expect(readFileSync(join(tls, 'server-ca.key'), 'utf8')).toBe('value of k3s-server-ca-key\n')
    expect([tls, join(tls, 'server-ca.key')].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual([
      '700',
      '600',
    ])
    expect(preStart.indexOf('server-ca.key')).toBeLessThan(preStart.indexOf('server-ca.crt'))
    mkdirSync(join(root, 'var/lib/rancher/k3s/server/db'))
    writeFileSync(join(tls, 'server-ca.key'), "k3s's own")
    expect(bash(preStart).status).toBe(0)
    expect(readFileSync(join(tls, 'server-ca.key'), 'utf8')).toBe("k3s's own")
  })

  it('stops a start without a secret', () => {
    const root = join(folder, 'missing')
    const { preStart } = scriptsOf('maia 25.11', root)
    expect(bash(preStart)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/k3s-agent-token is missing or empty/),
    })
    writeFileSync(join(root, 'run/agenix/k3s-agent-token'), '')
    expect(bash(preStart).status).toBe(1)
  })

  it.each(['plain', 'a "b" \\ $(touch x) `y` \u0024{z}', "it's\ttwo\nlines", '%s\\n'])(
    'composes files of several secrets: %j',
    (value) => {
      const root = join(folder, `composed-${Buffer.from(value).toString('hex')}`)
      const { preStart } = scriptsOf('dune 25.11', root)
      for (const name of ['k3s-server-token', 'k3s-agent-token', 's3', 'registry'])
        writeFileSync(join(root, 'run/agenix', name), `${value}\n`)
      expect(bash(preStart)).toEqual({ status: 0, stderr: '' })
      const yaml = (id: string) => parse(readFileSync(join(root, `run/keel-k3s/_${id}.yaml`), 'utf8'))
      expect(yaml('k3s-secret-flags')).toEqual({ 'etcd-s3-secret-key': value })
      expect(yaml('k3s-registries')).toEqual({
        configs: { 'registry.example': { auth: { username: 'u', password: value } } },
      })
      expect((statSync(join(root, 'run/keel-k3s/_k3s-registries.yaml')).mode & 0o777).toString(8)).toBe('600')
    },
  )

  it.each([
    ['', saidOf('maia 25.11')],
    [', by a service', maiaAsService],
  ])(
    'a changed value restarts k3s%s; a rekey, a secret that is gone, and a k3s that does not run do not',
    (as, said) => {
      const root = join(folder, `restart${as.replaceAll(/\W/g, '')}`)
      const { preStart, restart } = scriptsOf('maia 25.11', root, said)
      const token = join(root, 'run/agenix/k3s-agent-token')
      const list = join(root, 'run/nixos/activation-restart-list')
      const asked = () => {
        writeFileSync(list, '')
        expect(bash(restart)).toEqual({ status: 0, stderr: '' })
        return readFileSync(list, 'utf8')
      }
      writeFileSync(token, 'one\n')
      expect(asked()).toBe('')
      expect(bash(preStart).status).toBe(0)
      expect(asked()).toBe('')
      writeFileSync(token, 'two\n')
      expect(asked()).toBe('restart\n')
      rmSync(token)
      expect(asked()).toBe('')
    },
  )
})
