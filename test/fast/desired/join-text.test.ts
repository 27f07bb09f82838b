import fc from 'fast-check'
import { expect, it } from 'vitest'
import { joinText } from '../../../src/desired/distribution/k3s/join-file.ts'
import { yamlText } from '../../../src/model/text/yaml-text.ts'

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6().map((ip) => `[${ip}]`),
  fc.domain(),
  fc.constant('[fe80::1%eth0]'),
)

it('a way in is written as the library writes it', () => {
  fc.assert(
    fc.property(address, (host) => {
      const server = `https://${host}:6443`
      expect(joinText({ kind: 'join', server })).toBe(yamlText({ server }))
    }),
  )
  expect(joinText({ kind: 'found' })).toBe(yamlText({ 'cluster-init': true }))
})
