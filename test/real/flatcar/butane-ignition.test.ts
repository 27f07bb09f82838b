import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { transpile } from '../../../src/butane/index.ts'
import { butaneText, ignitionText } from '../../../src/targets/flatcar/butane.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { arbitraryConfig, yamlOf } from '../../support/butane/arbitrary-config.ts'
import { butaneCases } from '../../support/butane/cases.ts'
import { ignitionValidator, type Validate } from '../../support/butane/ignition-validator.ts'
import { loadedSamples } from '../../support/samples/loaded-samples.ts'
import { sampleSurroundings } from '../../support/samples/sample-cluster.ts'
import { filesOf } from '../../support/samples/sample-facts.ts'

describe("Ignition's own validator accepts what keel writes", () => {
  let validate: Validate
  beforeAll(async () => {
    validate = await ignitionValidator()
  })

  test('the validator does refuse', async () => {
    expect(await validate('{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"relative"}]}}')).toContain(
      'not absolute',
    )
  })

  const accepted = butaneCases().filter(({ ignition }) => ignition !== undefined)
  test.each(accepted)('$name', async ({ source, options }) => {
    expect(await validate(transpile(source, options).json ?? '')).toBeUndefined()
  })

  test('the Butane file of docs/sysext.md', async () => {
    const page = readFileSync(new URL('../../../docs/sysext.md', import.meta.url), 'utf8')
    const [, text = ''] = /```yaml\n(variant: flatcar\n[^`]*)```/.exec(page) ?? []
    const { json = '', report } = transpile(text, {})
    expect(report).toEqual([])
    expect(await validate(json)).toBeUndefined()
    // what a download has, and which drop-in of the image stays
    expect(json).toContain('"verification":{"hash":"sha256-')
    expect(json).not.toContain('10-kubeadm.conf')
  })

  test('Flatcar hosts whose inventory has odd values', async () => {
    for (const { cluster, host } of loadedSamples('flatcar', 40)) {
      const rendered = filesOf(renderedOf(cluster, host, sampleSurroundings))
      const json = ignitionText(butaneText(rendered, { user: 'core', sshKeys: [] }))
      expect(await validate(json), json).toBeUndefined()
    }
  })

  test('configs that nobody has thought of', async () => {
    const config = fc.constantFrom('1.0.0', '1.1.0').chain(arbitraryConfig).map(yamlOf)
    const written = fc.sample(config, { numRuns: 600, seed: 6 }).flatMap((text) => transpile(text).json ?? [])
    expect(written.length).toBeGreaterThan(100)
    for (const json of written) expect(await validate(json), json).toBeUndefined()
  })
})
