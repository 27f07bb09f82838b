import { describe, expect, it } from 'vitest'
import { misplacedWords, sourcesIn } from '../../../scripts/distribution-words.ts'

const sources = sourcesIn(new URL('../../..', import.meta.url).pathname)
const withText = (file: string, text: string) =>
  misplacedWords(new Map([...sources, [file, `${sources.get(file) ?? ''}${text}`]]))

describe('what only k3s says', () => {
  it('is in no other file of the sources', () => {
    expect(sources.size).toBeGreaterThan(400)
    expect(misplacedWords(sources)).toEqual([])
  })

  it.each([
    ['a command', 'src/plan/wrong.ts', "export const nodes = 'k3s kubectl get nodes'\n"],
    ['a folder of its data', 'src/probes/wrong.ts', "export const data = '/var/lib/rancher/k3s'\n"],
    ['a folder of its configuration', 'src/templates/probes/wrong.sh', 'cat /etc/rancher/k3s/config.yaml\n'],
    ['a token', 'src/desired/distribution/wrong.ts', 'export const form = /^K10/\n'],
  ])('%s is found in another', (_what, file, text) => {
    expect(withText(file, text)).toEqual([expect.stringContaining(`${file}: 1 lines`)])
  })

  it('is found in a file that may say it, in one line too many', () => {
    const file = 'src/deploy/causes/settings.ts'
    expect(withText(file, "export const more = 'k3s kubectl get nodes'\n")).toEqual([
      expect.stringContaining(`${file}: 2 lines`),
    ])
  })

  it('may be in its own folders', () => {
    expect(withText('src/desired/distribution/k3s/more.ts', "export const data = '/var/lib/rancher/k3s'\n")).toEqual([])
  })

  it('is still in each file that may say it', () => {
    const without = new Map([...sources, ['src/deploy/causes/settings.ts', '']])
    expect(misplacedWords(without)).toEqual([
      expect.stringContaining('src/deploy/causes/settings.ts: has no such line'),
    ])
  })
})
