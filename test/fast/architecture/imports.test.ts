import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { execa } from 'execa'
import { afterEach, describe, expect, it } from 'vitest'

const root = new URL('../../..', import.meta.url).pathname
const copies: string[] = []

afterEach(() => {
  for (const copy of copies.splice(0)) rmSync(copy, { recursive: true })
})

interface Cruise {
  readonly summary: {
    readonly totalCruised: number
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[]
  }
}

async function cruise(directory: string): Promise<Cruise> {
  const { stdout } = await execa('depcruise', ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'], {
    cwd: directory,
    preferLocal: true,
    localDir: root,
    reject: false,
  })
  return JSON.parse(stdout)
}

/** All files of the sources, empty but for those that are wrong. `npm run lint` reads the sources as they are. */
function copyWith(files: readonly { readonly file: string; readonly text: string }[]): string {
  const copy = mkdtempSync(join(root, 'node_modules', '.imports-'))
  copies.push(copy)
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    cpSync(join(root, name), join(copy, name))
  for (const entry of readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })) {
    const path = relative(root, join(entry.parentPath, entry.name))
    if (entry.isDirectory()) continue
    mkdirSync(join(copy, dirname(path)), { recursive: true })
    writeFileSync(join(copy, path), 'export {}\n')
  }
  for (const { file, text } of files) writeFileSync(join(copy, file), text)
  return copy
}

const wrong = [
  { file: 'src/model/wrong.ts', text: "import '../deploy/redact.ts'\n", rule: 'model-imports-one-way' },
  {
    file: 'src/plan/wrong.ts',
    text: "import { readFile } from 'node:fs/promises'\nexport const read = readFile\n",
    rule: 'pure-folders-do-no-io',
  },
  {
    file: 'src/desired/wrong-type.ts',
    text: "import type { Plan } from '../plan/plan.ts'\nexport type Wrong = Plan\n",
    rule: 'desired-imports-one-way',
  },
  { file: 'src/parts/wrong.ts', text: "import '../probes/facts.ts'\n", rule: 'parts-imports-one-way' },
  {
    file: 'src/parts/firewall/wrong.ts',
    text: "import '../keepalived/vrrp-member.ts'\n",
    rule: 'parts-are-side-by-side',
  },
  { file: 'src/parts/kube-vip/wrong.ts', text: "import '../by-part.ts'\n", rule: 'parts-are-side-by-side' },
  {
    file: 'src/plan/wrong-part.ts',
    text: "import '../parts/firewall/firewall.ts'\n",
    rule: 'parts-are-reached-by-their-list',
  },
  {
    file: 'src/fleet/wrong-k3s.ts',
    text: "import '../desired/distribution/k3s/join.ts'\n",
    rule: 'a-distribution-is-a-value',
  },
  { file: 'src/deploy/wrong-paths.ts', text: "import '../model/k3s/paths.ts'\n", rule: 'k3s-paths-are-in-its-value' },
  { file: 'src/deploy/wrong.ts', text: "import '../commands/plan.ts'\n", rule: 'deploy-imports-one-way' },
  { file: 'src/deploy/wrong-status.ts', text: "import '../status/vip-status.ts'\n", rule: 'deploy-imports-one-way' },
  { file: 'src/deploy/host/wrong.ts', text: "import '../phases/stage.ts'\n", rule: 'deploy-host-imports-inward' },
  {
    file: 'src/deploy/tokens/wrong.ts',
    text: "import '../host/host-script.ts'\n",
    rule: 'deploy-tokens-imports-inward',
  },
  { file: 'src/fleet/wrong.ts', text: "import '../plan/make-plan.ts'\n", rule: 'fleet-imports-one-way' },
  { file: 'src/status/wrong.ts', text: "import '../deploy/run-plan.ts'\n", rule: 'status-imports-one-way' },
  { file: 'src/files/wrong.ts', text: "import '../secrets/store.ts'\n", rule: 'files-imports-one-way' },
  {
    file: 'src/inventory/read/wrong.ts',
    text: "import '../check/check-hosts.ts'\n",
    rule: 'inventory-read-imports-inward',
  },
  { file: 'src/inventory/check/wrong.ts', text: "import '../load.ts'\n", rule: 'inventory-check-imports-inward' },
  { file: 'src/inventory/check/wrong-fs.ts', text: "import 'node:fs'\n", rule: 'pure-folders-do-no-io' },
  { file: 'src/secrets/age/wrong.ts', text: "import '../store.ts'\n", rule: 'secrets-age-imports-inward' },
  { file: 'src/ssh/keys/wrong.ts', text: "import '../ssh2/connection.ts'\n", rule: 'ssh-keys-imports-inward' },
  { file: 'src/commands/shared/wrong.ts', text: "import '../plan.ts'\n", rule: 'commands-shared-imports-inward' },
  { file: 'src/plan/view/wrong.ts', text: "import '../refusals/index.ts'\n", rule: 'plan-view-imports-inward' },
  { file: 'src/plan/refusals/wrong.ts', text: "import '../notes/index.ts'\n", rule: 'plan-refusals-imports-inward' },
  { file: 'src/errors.ts', text: "import './version.ts'\n", rule: 'errors-import-nothing' },
]

describe('imports', () => {
  it('point one way: of as many files as the sources have, only those that are wrong are found, each by its rule', async () => {
    const copy = copyWith(wrong)
    const { summary } = await cruise(copy)
    const sources = readdirSync(join(copy, 'src'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.d.ts'),
    )
    expect(summary.totalCruised).toBeGreaterThanOrEqual(sources.length)
    const found = summary.violations.map(({ from, rule }) => ({ file: from, rule: rule.name }))
    for (const { file, rule } of wrong) expect(found).toContainEqual({ file, rule })
    const planted: readonly string[] = wrong.map(({ file }) => file)
    expect(found.filter(({ file }) => file.startsWith('src/') && !planted.includes(file))).toEqual([])
  })
})
