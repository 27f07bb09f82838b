import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { objectChecker } from '../../support/kubeadm/object-checker.ts'

/** The checks of Kubernetes' API server on what keel applies. */
let faultsOf: (yaml: string) => string
beforeAll(async () => {
  faultsOf = await objectChecker()
}, 1_800_000)

const golden = new URL('../../golden/manifests/', import.meta.url).pathname
test.each(readdirSync(golden))('an API server accepts %s', (name) => {
  expect(faultsOf(readFileSync(join(golden, name), 'utf8'))).toBe('')
})

test.each<[string, string, string, RegExp]>([
  [
    'a field that does not exist',
    'hostNetwork: true',
    'hostNet: true',
    /unknown field "spec\.template\.spec\.hostNet"/,
  ],
  [
    'a mount of a volume that is not there',
    'name: xtables-lock\n              mount',
    'name: lock\n              mount',
    /"lock"/,
  ],
  ['an effect that does not exist', 'NoExecute', 'NoExecut', /tolerations\[1\]\.effect/],
])('it refuses %s', (_what, text, other, why) => {
  const manifest = readFileSync(join(golden, 'flannel-ipv4.yaml'), 'utf8')
  expect(manifest).toContain(text)
  expect(faultsOf(manifest.replace(text, other))).toMatch(why)
})
