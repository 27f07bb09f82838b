import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'

/** A package of Debian as a test writes it. */
export interface TestPackage {
  readonly name: string
  readonly version: string
  readonly depends?: string
  /** Path → text; programs and units. */
  readonly files: Readonly<Record<string, string>>
  readonly postinst?: string
}

/** A key of a test, in a keyring of its own. */
export interface TestKey {
  readonly armoured: string
  sign(folder: string): Promise<void>
  remove(): void
}

/** Makes a key without a passphrase. */
export async function testKey(): Promise<TestKey> {
  const home = mkdtempSync(join(tmpdir(), 'keel-gpg-'))
  const gpg = (...args: readonly string[]) =>
    execa('gpg', ['--homedir', home, '--batch', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase', '', ...args])
  await gpg('--quick-generate-key', 'packages@example.org', 'ed25519', 'sign', 'never')
  const { stdout } = await gpg('--armor', '--export')
  return {
    armoured: `${stdout}\n`,
    sign: async (folder) =>
      void (await gpg('--yes', '--clearsign', '--output', join(folder, 'InRelease'), join(folder, 'Release'))),
    remove: () => {
      // gpg has started an agent for this keyring
      void execa('gpgconf', ['--homedir', home, '--kill', 'all'], { reject: false }).then(() =>
        rmSync(home, { recursive: true, force: true }),
      )
    },
  }
}

/** Writes a flat repository: `Suites: ./`. */
export async function writeRepository(folder: string, packages: readonly TestPackage[], key: TestKey): Promise<void> {
  mkdirSync(folder, { recursive: true })
  for (const one of packages) await buildPackage(folder, one)
  const { stdout } = await execa('dpkg-scanpackages', ['--multiversion', '.'], { cwd: folder })
  writeFileSync(join(folder, 'Packages'), `${stdout}\n`)
  const bytes = readFileSync(join(folder, 'Packages'))
  const digest = createHash('sha256').update(bytes).digest('hex')
  writeFileSync(
    join(folder, 'Release'),
    `Origin: test\nDate: ${new Date().toUTCString()}\nSHA256:\n ${digest} ${bytes.length} Packages\n`,
  )
  await key.sign(folder)
}

async function buildPackage(folder: string, { name, version, depends, files, postinst }: TestPackage): Promise<void> {
  const made = mkdtempSync(join(tmpdir(), 'keel-deb-'))
  try {
    const put = (path: string, text: string, mode: number) => {
      mkdirSync(dirname(join(made, path)), { recursive: true, mode: 0o755 })
      writeFileSync(join(made, path), text)
      chmodSync(join(made, path), mode)
    }
    put(
      'DEBIAN/control',
      `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: test <test@example.org>\n${depends === undefined ? '' : `Depends: ${depends}\n`}Description: a package of a test\n`,
      0o644,
    )
    if (postinst !== undefined) put('DEBIAN/postinst', `#!/bin/sh\n${postinst}\n`, 0o755)
    for (const [path, text] of Object.entries(files))
      put(path, text, path.includes('/bin/') || path.includes('/sbin/') ? 0o755 : 0o644)
    chmodSync(made, 0o755)
    await execa('dpkg-deb', [
      '--root-owner-group',
      '-Znone',
      '--build',
      made,
      join(folder, `${name}_${version.replace(':', '%3a')}_all.deb`),
    ])
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

/** A daemon with a unit of its own, that keeps running. Its postinst asks as those of Debian do whether it may start it. */
export function daemonPackage(name: string, version: string, more: Partial<TestPackage> = {}): TestPackage {
  return {
    name,
    version,
    files: {
      [`usr/sbin/${name}`]: `#!/bin/sh\necho "${name} ${version} $*"\nexec sleep infinity\n`,
      [`lib/systemd/system/${name}.service`]: `[Service]\nEnvironment=OPTIONS=--quiet\nExecStart=/usr/sbin/${name} -f $OPTIONS\n[Install]\nWantedBy=multi-user.target\n`,
    },
    postinst: `/usr/sbin/policy-rc.d ${name} start; echo "$?" > /var/lib/${name}-policy`,
    ...more,
  }
}
