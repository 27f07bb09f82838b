import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { plainText } from '../../../../src/model/text/styled-text.ts'
import { describePlan } from '../../../../src/plan/describe-plan.ts'
import { planHost } from '../../../../src/plan/host/plan-host.ts'
import { makePlan } from '../../../../src/plan/make-plan.ts'
import { isEmpty } from '../../../../src/plan/plan.ts'
import { dropIns } from '../../../../src/probes/host/drop-ins.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { applyOperations, emptyFacts, sourcesOf, withServices } from '../../../support/samples/sample-facts.ts'

/** What the probe says of a machine whose disk holds these paths: a text, or a link's target. */
async function ask(
  unit: string,
  disk: Readonly<Record<string, string | { readonly link: string }>>,
): Promise<readonly string[]> {
  const root = await mkdtemp(join(tmpdir(), 'keel-drop-ins-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [path, what] of Object.entries(disk)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    if (typeof what === 'string') await writeFile(join(root, path), what)
    else await symlink(what.link.replace(/^\/(?!dev\/)/, `${root}/`), join(root, path))
  }
  const script = dropIns
    .script(unit)
    .replaceAll(/(?<=[\s'])\/(etc|run|usr|nix)\//g, `${root}/$1/`)
    .replaceAll('!= /nix', `!= ${root}/nix`)
  const { stdout } = await execa('bash', ['-s'], { input: `set -e\n${script}\necho end` })
  expect(stdout.split('\n').at(-1)).toBe('end')
  return dropIns.parse(stdout.replace(/end$/, '')).map((path) => path.replace(root, ''))
}

describe('a host is asked for drop-ins of its k3s', () => {
  it.each([
    '/etc/systemd/system/k3s.service.d/override.conf',
    '/run/systemd/system/k3s.service.d/a b.conf',
    // systemctl set-property
    '/etc/systemd/system.control/k3s.service.d/50-MemoryMax.conf',
    '/run/systemd/system.control/k3s.service.d/50-MemoryMax.conf',
    '/usr/local/lib/systemd/system/k3s.service.d/site.conf',
  ])('and names %s', async (path) => {
    expect(await ask('k3s.service', { [path]: '[Service]\n' })).toEqual([path])
  })

  it('each, in the order of the folders in which systemd looks', async () => {
    const found = await ask('k3s-agent.service', {
      '/run/systemd/system/k3s-agent.service.d/a.conf': '',
      '/etc/systemd/system/k3s-agent.service.d/b.conf': '',
      '/etc/systemd/system/k3s-agent.service.d/a.conf': { link: '/opt/site.conf' },
      '/opt/site.conf': '[Service]\n',
    })
    expect(found).toEqual([
      '/etc/systemd/system/k3s-agent.service.d/a.conf',
      '/etc/systemd/system/k3s-agent.service.d/b.conf',
      '/run/systemd/system/k3s-agent.service.d/a.conf',
    ])
  })

  it.each<[what: string, disk: Parameters<typeof ask>[1]]>([
    ['a machine without one', {}],
    ['the unit itself', { '/etc/systemd/system/k3s.service': '[Service]\n' }],
    ['what systemd reads nothing from', { '/etc/systemd/system/k3s.service.d/override.conf~': '' }],
    ['one that is masked', { '/etc/systemd/system/k3s.service.d/a.conf': { link: '/dev/null' } }],
    ['a link to nowhere', { '/etc/systemd/system/k3s.service.d/a.conf': { link: '/nowhere' } }],
    ['those of another unit', { '/etc/systemd/system/k3s-agent.service.d/a.conf': '' }],
    // distrobuilder's for every service in a container
    ['what a system says of every service', { '/run/systemd/system/service.d/zzz-lxc-service.conf': '' }],
    ['what a package brings', { '/usr/lib/systemd/system/k3s.service.d/10-vendor.conf': '' }],
    [
      'what a NixOS configuration says: /etc is built with the system',
      {
        '/nix/store/abc-system-units/k3s.service.d/overrides.conf': { link: '/nix/store/def-unit/overrides.conf' },
        '/nix/store/def-unit/overrides.conf': '[Service]\n',
        '/etc/static/systemd/system': { link: '/nix/store/abc-system-units' },
        '/etc/systemd/system': { link: '/etc/static/systemd/system' },
      },
    ],
  ])('and does not name %s', async (_what, disk) => {
    expect(await ask('k3s.service', disk)).toEqual([])
  })

  it('and on NixOS names what was put there beside the configuration', async () => {
    const found = await ask('k3s.service', {
      '/nix/store/abc-system-units/k3s.service': '[Service]\n',
      '/etc/systemd/system': { link: '/nix/store/abc-system-units' },
      '/run/systemd/system/k3s.service.d/override.conf': '[Service]\n',
    })
    expect(found).toEqual(['/run/systemd/system/k3s.service.d/override.conf'])
  })

  it('whose name can’t pass for another line of the answer', async () => {
    expect(await ask('k3s.service', { '/etc/systemd/system/k3s.service.d/a\n\u0001probe digest.conf': '' })).toEqual([
      '/etc/systemd/system/k3s.service.d/a??probe digest.conf',
    ])
  })
})

describe('the plan of a host with a drop-in of somebody else', () => {
  const host = sampleHost({ name: 'maia' })
  const cluster = sampleCluster([host])
  const rendered = renderedOf(cluster, host, sampleSurroundings)
  const sources = sourcesOf({ 'k3s-agent-token': 'a1' })
  const found = [
    '/etc/systemd/system/k3s-agent.service.d/override.conf',
    '/run/systemd/system/k3s-agent.service.d/a.conf',
  ]
  const asked = (paths: readonly string[]) => withServices(emptyFacts(host.name, rendered.services), { dropIns: paths })
  const planned = (facts: ReturnType<typeof asked>) => makePlan(viewOf(cluster, [{ host, rendered, facts, sources }]))

  it('says so, and is empty where nothing else differs', () => {
    const facts = applyOperations(rendered, asked(found), sources, planHost(rendered, asked(found), sources))
    const plan = planned(withServices(facts, { dropIns: found }))
    expect(isEmpty(plan)).toBe(true)
    expect(plainText(describePlan(plan))).toContain(`note: maia: ${found.join(', ')}: not from keel\n`)
    expect(plainText(describePlan(plan))).toContain('systemctl restart k3s-agent.service')
  })

  it('says nothing where there is none, and has the same operations', () => {
    expect(planned(asked([])).notes.map(({ code }) => code)).not.toContain('foreign-drop-in')
    expect(planned(asked([])).hosts).toEqual(planned(asked(found)).hosts)
  })
})
