import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import type { HostState } from '../../../src/desired/host-state.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import type { HostFile } from '../../../src/model/cluster.ts'
import { isSecretRef } from '../../../src/model/secret-ref.ts'
import { agentService } from '../../../src/parts/keel-agent/agent-service.ts'
import { placeVip } from '../../../src/parts/keepalived/place-vip.ts'
import { k3sServiceOf } from '../../../src/targets/k3s-service-of.ts'
import { k3sModule } from '../../../src/targets/nixos/k3s-module.ts'
import {
  defined,
  evaluateMachines,
  openssh,
  releases,
  type Said,
  systemdWords,
} from '../../support/nixos/evaluated-machines.ts'
import { openingsOf, wantedOpenings } from '../../support/nixos/firewall-rules.ts'
import { loadedSamplesOf } from '../../support/samples/loaded-samples.ts'
import { sampleSurroundings } from '../../support/samples/sample-cluster.ts'

/**
 * Inventories with odd values that load, on NixOS alone: each host's module is evaluated by real Nix with the model of
 * NixOS, all of them in one process, on one release after the other and under either firewall. What the system then has
 * is compared with what the host must be.
 */
const states = loadedSamplesOf('nixos', 24).map(({ cluster, host }) =>
  hostStateOf(clusterStateOf(cluster), host, sampleSurroundings),
)
const nftables = `${openssh} config.networking.nftables.enable = true;`
const evaluated = evaluateMachines(
  states.map((state, index) => ({
    host: state.host,
    module: k3sModule(state),
    release: releases[index % releases.length] ?? expect.unreachable(),
    beside: index % 3 === 0 ? nftables : openssh,
    k3sVersion: k3sServiceOf(state).version.slice(1),
  })),
)
const hosts = states.map((state, index) => ({ state, said: evaluated[index] ?? expect.unreachable() }))
const servers = hosts.filter(({ state }) => state.role === 'server')

describe('a NixOS host whose inventory has odd values', () => {
  it('is there in both roles', () => {
    expect(servers.length).toBeGreaterThan(10)
    expect(hosts.length - servers.length).toBeGreaterThan(20)
  })

  it('gives k3s the flags of the inventory: labels, taints and addresses, too', () => {
    for (const { state, said } of hosts) expect(flagsOf(said)).toEqual(wantedFlags(state))
  })

  it('has its files in /etc, with their owners', () => {
    const files = hosts.flatMap(({ state, said }) => inEtc(state).map((file) => ({ said, file })))
    expect(files.length).toBeGreaterThan(100)
    for (const { said, file } of files) {
      const entry = defined(said, 'environment', 'etc', file.path.slice('/etc/'.length)) as Record<string, unknown>
      expect(entry).toMatchObject({ text: file.content })
      expect([entry.mode ?? '0644', entry.uid ?? entry.user ?? 0, entry.gid ?? entry.group ?? 0]).toEqual([
        file.mode,
        account(file.owner),
        account(file.group),
      ])
    }
  })

  it('has its other files, by the shell’s own reading', () => {
    const files = states.flatMap(elsewhere)
    expect(files.length).toBeGreaterThan(20)
    expect(placedBy(evaluated)).toEqual(states.map((state) => elsewhere(state).map(placement)))
  })

  it('has its manifests', () => {
    expect(servers.flatMap(({ state }) => state.manifests).length).toBeGreaterThan(servers.length)
    for (const { state, said } of hosts) {
      const wanted = state.manifests.map(({ name, content }) => [
        name,
        { target: name, source: { name, text: content } },
      ])
      expect(defined(said, 'services', 'k3s', 'manifests') ?? {}).toEqual(Object.fromEntries(wanted))
    }
  })

  it('opens the ports of the inventory, to its sources alone', () => {
    expect(hosts.filter(({ state }) => wantedOpenings(state).length > 5).length).toBeGreaterThan(20)
    for (const { state, said } of hosts) expect(openingsOf(said)).toEqual(wantedOpenings(state))
  })

  it('decrypts the secrets that it needs, each from its file', () => {
    for (const { state, said } of hosts) {
      const names = new Set(state.distribution.credentials.flatMap(({ content }) => secretsOf(content)))
      for (const { key } of state.distribution.once) names.add(key)
      const wanted = [...names].map((name) => [
        name,
        {
          file: { path: `/${hosts.findIndex((one) => one.said === said)}/secrets/${name}.age` },
          path: `/run/agenix/${name}`,
        },
      ])
      expect(said.secrets).toMatchObject(Object.fromEntries(wanted))
      expect(Object.keys(said.secrets)).toHaveLength(names.size)
    }
  })

  it('has its registries, with the passwords where the inventory names them', () => {
    const withSecrets = hosts.filter(({ state }) =>
      state.distribution.credentials.some(({ content }) => content.kind === 'yaml'),
    )
    expect(withSecrets.length).toBeGreaterThan(20)
    const started = startedOn(withSecrets)
    withSecrets.forEach(({ state }, index) => {
      for (const { id, content } of state.distribution.credentials)
        if (content.kind === 'yaml')
          expect(parse(readFileSync(join(started, String(index), `_${id}.yaml`), 'utf8'))).toEqual(
            opened(content.value),
          )
    })
    for (const { state, said } of hosts.filter((host) => !withSecrets.includes(host)))
      if (k3sServiceOf(state).registries !== undefined)
        expect(parse(String(defined(said, 'environment', 'etc', 'rancher/k3s/registries.yaml', 'text')))).toEqual(
          k3sServiceOf(state).registries,
        )
  })

  it('moves the cluster’s address as elsewhere', () => {
    const moving = hosts.flatMap(({ state, said }) =>
      state.parts.keepalived === undefined ? [] : [{ vip: state.parts.keepalived, said }],
    )
    expect(moving.length).toBeGreaterThan(10)
    for (const { vip, said } of moving) {
      const [program, configuration] = placeVip(vip, '/etc/keel/keel-vip').files
      const etc = (...path: string[]) => String(defined(said, 'environment', 'etc', ...path))
      expect(etc('keel/keepalived.conf', 'text')).toBe(configuration?.content)
      expect(etc('keel/keel-vip', 'source', 'text').split('\n').slice(2)).toEqual(program?.content.split('\n').slice(1))
    }
  })

  it('runs the keel-agent as elsewhere', () => {
    const carriers = hosts.flatMap(({ state, said }) =>
      state.parts.keelAgent === undefined ? [] : [{ keelAgent: state.parts.keelAgent, said }],
    )
    expect(carriers.length).toBeGreaterThan(10)
    for (const { keelAgent, said } of carriers) {
      const current = '/run/current-system'
      const { environment, unit, service } = agentService(
        keelAgent,
        keelAgent.program ?? `${current}/sw/bin/keel-agent`,
        [current],
      )
      expect(defined(said, 'systemd', 'services', 'keel-agent')).toMatchObject({
        environment,
        unitConfig: unit,
        serviceConfig: service,
      })
    }
  })
})

const TWO_WORDS = ['--server', '--token-file', '--agent-token-file']
/** NixOS's own, of `gracefulNodeShutdown`. */
const OF_NIXOS = '--kubelet-arg=config=/nix/store/kubelet-config'

/** As systemd hands them to k3s, sorted. */
function flagsOf({ words }: Said): readonly string[] {
  const [, , ...flags] = systemdWords(words.join(' '))
  const joined = flags.flatMap((flag, index) => {
    if (TWO_WORDS.includes(flags[index - 1] ?? '')) return []
    return [TWO_WORDS.includes(flag) ? `${flag}=${flags[index + 1]}` : flag]
  })
  return joined.toSpliced(joined.indexOf(OF_NIXOS), 1).toSorted()
}

/** Several values of these are one text, with commas between them. */
const ONE_TEXT = ['node-name', 'node-ip', 'node-external-ip']

function wantedFlags(state: HostState): readonly string[] {
  const k3s = k3sServiceOf(state)
  const { credentials } = state.distribution
  const { config, join: way } = k3s
  const settings = Object.entries(config).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`]
    const values = Array.isArray(value) ? value : [String(value)]
    return (ONE_TEXT.includes(name) ? [values.join(',')] : values).map((one) => `--${name}=${one}`)
  })
  return [
    ...settings,
    `--token-file=/run/agenix/${k3s.credentialFiles.K3S_TOKEN_FILE}`,
    ...(k3s.role === 'server' ? [`--agent-token-file=/run/agenix/${k3s.credentialFiles.K3S_AGENT_TOKEN_FILE}`] : []),
    ...(way.kind === 'join' ? [`--server=${way.server}`] : []),
    ...(way.kind === 'found' ? ['--cluster-init'] : []),
    ...(credentials.some(({ id }) => id === 'k3s-registries')
      ? ['--private-registry=/run/keel-k3s/_k3s-registries.yaml']
      : []),
  ].toSorted()
}

function allFiles({ files, parts: { keelAgent } }: HostState): readonly HostFile[] {
  return [...files, ...(keelAgent?.files ?? [])]
}

function inEtc(state: HostState): readonly HostFile[] {
  return allFiles(state).filter(({ path }) => path.startsWith('/etc/'))
}

function elsewhere(state: HostState): readonly HostFile[] {
  return allFiles(state).filter(({ path }) => !path.startsWith('/etc/'))
}

function account(name: string): string | number {
  return name === 'root' ? 0 : /^\d+$/.test(name) ? Number(name) : name
}

/** The words of `place`, and the file of the store that it is given: the model names it by its text. */
function placement({ path, mode, owner, group, content }: HostFile): readonly string[] {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 32)
  return [path, mode, `${owner}:${group}`, `/nix/store/${digest}-file`]
}

/** What bash makes of the lines that place files, host by host. */
function placedBy(all: readonly Said[]): readonly (readonly (readonly string[])[])[] {
  const scripts = all.map((said) => {
    const script = String(defined(said, 'system', 'activationScripts', 'keel-files', 'text') ?? '')
    const lines = script.split('\n').filter((line) => PLACING.test(line))
    return `${lines.map((line) => line.replace(PLACING, 'place $1 $2')).join('\n')}\nprintf '\\n\\0'`
  })
  const shell = `place() { printf '%s\\0' "$@"; }\n${scripts.join('\n')}`
  const words = execFileSync('bash', ['-euc', shell]).toString().split('\0')
  const placed: string[][] = [[]]
  for (const word of words.slice(0, -1))
    if (word === '\n') placed.push([])
    else placed.at(-1)?.push(word)
  return placed.slice(0, -1).map((some) => chunks(some, 4))
}

const PLACING = /^place (.*) < (\/nix\/store\/\S+-file) \|\| status=1$/

function chunks(words: readonly string[], size: number): readonly (readonly string[])[] {
  return words.length === 0 ? [] : [words.slice(0, size), ...chunks(words.slice(size), size)]
}

type Content = HostState['distribution']['credentials'][number]['content']

function secretsOf(content: Content): readonly string[] {
  return content.kind === 'secret' ? [content.secret] : refsIn(content.value)
}

function refsIn(value: unknown): readonly string[] {
  if (isSecretRef(value)) return [value.secret]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(refsIn) : []
}

/** A password that bash, YAML and JSON would each like to read otherwise. */
const password = (name: string) => `${name} "\\ $(touch x) \`y\` %s 'z'`

function opened(value: unknown): unknown {
  if (isSecretRef(value)) return password(value.secret)
  if (Array.isArray(value)) return value.map(opened)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, opened(item)]))
}

const folder = mkdtempSync(join(tmpdir(), 'keel-nixos-odd-'))
afterAll(() => rmSync(folder, { recursive: true }))

/**
 * Runs what runs before k3s, with /run, /var/lib and the interfaces of a mount namespace's own.
 * @returns where the files of each host are
 */
function startedOn(some: typeof hosts): string {
  some.forEach(({ state, said }, index) => {
    const below = join(folder, String(index))
    mkdirSync(join(below, 'secrets'), { recursive: true })
    for (const name of Object.keys(said.secrets)) writeFileSync(join(below, 'secrets', name), `${password(name)}\n`)
    writeFileSync(join(below, 'interface'), k3sServiceOf(state).interface ?? 'lo')
    // an interface that is not there would be waited for
    const waits = 'sleep() { echo "waits" >&2; exit 1; }'
    writeFileSync(join(below, 'pre-start'), `${waits}\n${defined(said, 'systemd', 'services', 'k3s', 'preStart')}`)
  })
  const each = `
    rm -rf /run/agenix /run/keel-k3s /sys/class/net/*
    mkdir -p /run/agenix /run/keel-k3s "/sys/class/net/$(< interface)"
    cp secrets/* /run/agenix/
    bash -euo pipefail pre-start
    cp /run/keel-k3s/_* .`
  const mounts =
    'for own in /run /var/lib /sys/class/net; do mount -t tmpfs none "$own"; done; mkdir -p /var/lib/rancher/k3s/server/db'
  const all = `${mounts}; for one in ${some.keys().toArray().join(' ')}; do cd '${folder}'/$one; ${each}\ndone`
  execFileSync('unshare', ['--mount', 'bash', '-euo', 'pipefail', '-c', all], { stdio: ['ignore', 'pipe', 'pipe'] })
  return folder
}
