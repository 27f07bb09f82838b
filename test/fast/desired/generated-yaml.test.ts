import { expect, it } from 'vitest'
import { generatedYaml } from '../../../src/desired/generated-yaml.ts'
import { madeByKeel } from '../../../src/model/made-by-keel.ts'

const base = { path: '/etc/a.yaml', mode: '0600', owner: 'root', group: 'root' }

it.each<[string, Parameters<typeof generatedYaml>, object]>([
  ['sorted, and right in this form alone', ['/etc/a.yaml', { b: 1, a: 2 }], { content: `${madeByKeel}a: 2\nb: 1\n` }],
  [
    'as text, beside another text that is as right',
    ['/etc/a.yaml', 'b: 1\n', { alternatives: ['b: 2\n'] }],
    { content: `${madeByKeel}b: 1\n`, alternatives: [`${madeByKeel}b: 2\n`] },
  ],
  [
    'read by a service at its start',
    ['/etc/a.yaml', 'b: 1\n', { readAtStartBy: 'k3s.service' }],
    { content: `${madeByKeel}b: 1\n`, readAtStartBy: 'k3s.service' },
  ],
])('keel writes YAML that is %s', (_what, of, file) => {
  expect(generatedYaml(...of)).toStrictEqual({ ...base, ...file })
})
