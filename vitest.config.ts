import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { templateModule } from './scripts/handlebars.ts'

/** Each of these boots about six hosts, and waits as long as it works. */
const large = ['test/e2e/servers/{growing,high-availability}.test.ts']
/** lab.test.ts compares the machine before and after; vip.test.ts measures times. */
const alone = ['test/e2e/{lab,servers/vip}.test.ts']
const lab = { globalSetup: 'test/support/keel/build-keel.ts', testTimeout: 300_000, hookTimeout: 900_000 }

/**
 * Without times of an earlier run, vitest begins with the largest files. These take longest, but are not the largest: two
 * of them build what they need, for minutes where nothing is cached, and two are lists of other files.
 */
const longest =
  /\/(drift|keel-agent\/keel-agent|vkubelet\/(vkubelet|deploy)|kubeadm\/documents|flatcar\/sysupdate|agenix\/nix|docs-commands)\.test\.ts$/

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => longest.test(moduleId)
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

/**
 * Two large labs need more inotify instances than a machine has by default (128): a server takes 24, an agent 13.
 * `npm test` raises the limit. If the system has no such limit to read, no lab runs.
 */
const limit = '/proc/sys/fs/inotify/max_user_instances'
const largeAtOnce = existsSync(limit) && Number(readFileSync(limit, 'utf8')) >= 512 ? 2 : 1

/**
 * `fast` needs only npm. `real` uses real programs (age, sshd, nix). `lab` boots hosts, two files at a time;
 * `lab-large` boots many hosts. While `lab-alone` runs, nothing else uses the machine.
 */
export default defineConfig({
  resolve: { alias: { keel: new URL('./src/index.ts', import.meta.url).pathname } },
  plugins: [
    {
      name: 'as scripts/bundle.ts does',
      enforce: 'pre',
      transform: (code, id) => {
        if (id.endsWith('.hbs')) return { code: templateModule(code), map: null }
        return /src\/(templates|parts)\/.*\.(sh|txt)$/.test(id)
          ? { code: `export default ${JSON.stringify(code)}`, map: null }
          : undefined
      },
    },
  ],
  test: {
    sequence: { sequencer: LongestFirst },
    // node itself loads an inventory, as for a user, and not the transforms of vite
    server: { deps: { external: [/\/native-import\.ts$/] } },
    projects: [
      // a process loads keel once, not once for each file, because no test here changes what the next one finds: 31
      // seconds of work instead of 50
      {
        extends: true,
        test: {
          name: 'fast',
          globalSetup: 'test/support/agent/have-bundle.ts',
          include: ['test/fast/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          isolate: false,
          maxWorkers: 2,
        },
      },
      // in the gaps of the labs, what takes seconds alone takes minutes
      {
        extends: true,
        test: {
          name: 'real',
          globalSetup: 'test/support/agent/have-bundle.ts',
          include: ['test/real/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          ...lab,
          name: 'lab',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...large, ...alone],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { ...lab, name: 'lab-large', include: large, maxWorkers: largeAtOnce, sequence: { groupOrder: 2 } },
      },
      // `npm run test:long`, and no part of `npm test`
      {
        extends: true,
        test: { ...lab, name: 'lab-long', include: ['test/long/**/*.test.ts'], maxWorkers: 1 },
      },
      {
        extends: true,
        test: {
          ...lab,
          name: 'lab-alone',
          include: alone,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
