import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { addPodUser, hostUsers, removePodUser } from '../../../src/vkubelet/host/pod-users.ts'

/** Runs where /etc is a copy (pod-users.test.ts). Prints what became of it. */
const added = (before: readonly string[]) => linesOf('passwd').filter((line) => !before.includes(line))
const linesOf = (file: string) => readFileSync(`/etc/${file}`, 'utf8').split('\n')

const before = { passwd: linesOf('passwd'), group: linesOf('group') }
// also a user of the host, who has an entry already
for (const user of [54_321, 54_321, 0]) await addPodUser(user)
execFileSync('groupadd', ['--gid', '54322', 'others'])
await addPodUser(54_322)
const entries = added(before.passwd)
const ofPods = [...(await hostUsers()).ofPods]
for (const user of ofPods) await removePodUser(user)
execFileSync('groupdel', ['others'])
const left = [...added(before.passwd), ...linesOf('group').filter((line) => !before.group.includes(line))]
const again = await removePodUser(54_321).then(
  () => 'removed',
  () => 'refused',
)
console.log(JSON.stringify({ entries, ofPods, left, again }))
