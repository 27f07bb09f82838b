import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { AptCalls } from '../../../src/vkubelet/apt/apt-calls.ts'
import { hostPlaces, Packages } from '../../../src/vkubelet/apt/packages.ts'
import { runOnce } from '../../../src/vkubelet/apt/run-once.ts'
import { imageOf } from '../../../src/vkubelet/images/image-name.ts'

/**
 * Runs in a Debian of the test's own (apt.test.ts), with its apt and dpkg. A namespace with another policy-rc.d stands in
 * for the unit of systemd in which apt runs on a host: no systemd runs here. Prints what became of each step.
 */
const LOGIN = { user: 'farm', password: 'pa+ss%w/ord' }
const POLICY = '/usr/local/lib/policy-rc.d'
const basic = `Basic ${Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64')}`
let isDead = false

const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname)
  const file = join('/srv/repositories', path)
  if (isDead) return void request.socket.destroy()
  if (path.startsWith('/own/') && request.headers.authorization !== basic) return void response.writeHead(401).end()
  if (path.includes('..') || !existsSync(file)) return void response.writeHead(404).end()
  response.writeHead(200).end(readFileSync(file))
})
await new Promise<void>((resolve) => server.listen(8080, '127.0.0.1', resolve))

mkdirSync('/etc/keel/vkubelet', { recursive: true })
mkdirSync('/usr/local/lib', { recursive: true })
writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
const repositories = ['own', 'evil'].map((name) => ({
  name,
  uris: [`http://127.0.0.1:8080/${name}`],
  source: `/etc/keel/vkubelet/${name}.sources`,
}))
for (const { name, uris, source } of repositories) {
  const key = readFileSync('/srv/repositories/own.asc', 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => ` ${line === '' ? '.' : line}`)
    .join('\n')
  writeFileSync(source, `Types: deb\nURIs: ${uris[0]}\nSuites: ./\nSigned-By:\n${key}\n`)
  void name
}
execFileSync('rm', ['-rf', '/etc/apt/sources.list.d'])
mkdirSync('/etc/apt/sources.list.d')
writeFileSync('/etc/apt/sources.list.d/debian.list', 'deb [trusted=yes] http://127.0.0.1:8080/debian ./\n')

// no systemd runs: systemctl changes files, and has no state of a unit to show
execFileSync('mv', ['/usr/bin/systemctl', '/usr/bin/systemctl.real'])
writeFileSync(
  '/usr/bin/systemctl',
  '#!/bin/sh\ncase "$*" in *" show "*) echo inactive ;; *) SYSTEMD_OFFLINE=1 exec /usr/bin/systemctl.real "$@" ;; esac\n',
  { mode: 0o755 },
)

const { signal } = new AbortController()
const withPolicy = ['unshare', '--mount', 'sh', '-c']
const inPlace = (words: readonly string[]) =>
  runOnce([...withPolicy, `mount --bind ${POLICY} /usr/sbin/policy-rc.d && exec "$@"`, 'sh', ...words], 60_000, signal)
const words: string[] = []
const calls: AptCalls = {
  read: (asked) => runOnce(asked, 30_000, signal),
  update: (asked) => {
    words.push(`update ${asked.find((one) => one.startsWith('Dir::Etc::sourcelist=')) ?? 'all'}`)
    return inPlace(asked)
  },
  install: (asked) => {
    words.push(asked.join(' ').includes('--configure') ? 'configure' : `install ${asked.at(-1)}`)
    return inPlace(asked)
  },
}
writeFileSync('/usr/sbin/policy-rc.d', '')
const packages = () =>
  new Packages({ calls, repositories, logins: async () => new Map([['own', LOGIN]]), places: hostPlaces })
let current = packages()

async function install(text: string): Promise<unknown> {
  const image = imageOf(text)
  if (image?.kind !== 'package') return 'no package'
  words.length = 0
  const began = performance.now()
  try {
    await current.install(image)
    const took = Math.round(performance.now() - began)
    return { version: await current.installed(image.name), words: [...words], took }
  } catch (error) {
    return { error: (error as Error).message, words: [...words] }
  }
}

const isMasked = (unit: string) => {
  const path = `/etc/systemd/system/${unit}`
  return (
    existsSync('/etc/systemd/system') && lstatOf(path)?.isSymbolicLink() === true && readlinkSync(path) === '/dev/null'
  )
}
const lstatOf = (path: string) => {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}

const said: Record<string, unknown> = {}
said.first = await install('own/tinyd:1.0')
said.policy = existsSync('/var/lib/tinyd-policy') ? readFileSync('/var/lib/tinyd-policy', 'utf8').trim() : 'not asked'
said.masked = isMasked('tinyd.service')
said.command = await current.commandOf('tinyd')
said.again = await install('own/tinyd:1.0')
said.newest = await install('tinyd')
said.back = await install('tinyd:1.0')
said.unknownVersion = await install('tinyd:9')
said.unknown = await install('nothing-here')
said.removal = await install('tinyd-')
// a unit of the host with the name of the package, as that of the SSH server beside the package `ssh`
mkdirSync('/usr/lib/systemd/system', { recursive: true })
writeFileSync('/usr/lib/systemd/system/libtiny.service', '[Service]\nExecStart=/bin/true\n')
said.ofDebian = await install('debian/libtiny')
said.foreignMasked = isMasked('libtiny.service')
said.both = await install('own/shared')
said.notThere = await install('debian/tinyd')
said.dependency = await install('withdep')
said.dependencyMasked = isMasked('otherd.service')
said.broken = await install('broken')
said.evil = await install('evil/tinyd2')
said.killed = await install('killer')
said.afterKill = await install('tinyd')
said.killerNow = await current.installed('killer')
// a disk that is full: where apt puts what it fetches, and where dpkg puts the files
for (const [step, place] of [
  ['fullCache', '/var/cache/apt/archives'],
  ['fullDisk', '/usr/share/large'],
] as const) {
  mkdirSync(place, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place])
  said[step] = await install('own/large')
  execFileSync('umount', [place])
}
said.afterFull = await install('own/large')
said.largeNow = execFileSync('stat', ['-c', '%s', '/usr/share/large/file'], { encoding: 'utf8' }).trim()
isDead = true
current = packages()
said.dead = await install('own/late')
said.files = execFileSync('sh', ['-c', 'grep -rl "ss%w" /etc /var /usr/local 2>/dev/null || true'], {
  encoding: 'utf8',
})
console.log(JSON.stringify(said))
process.exit(0)
