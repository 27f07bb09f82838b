import { expect, test } from 'vitest'
import { describeReport, transpile } from '../../../src/butane/index.ts'
import { butaneCases } from '../../support/butane/cases.ts'

// Go's own words for what a JSON decoder or the operating system found; keel has others
const ownWords = new Set([
  'ign-merge-inline-not-json',
  'local-missing',
  'passwd-keys-local-missing',
  'unit-contents-local-missing',
])

test.each(butaneCases().filter(({ name, stderr }) => stderr !== '' && !ownWords.has(name)))(
  'the report of $name',
  ({ source, options, stderr, fileName }) => {
    const { report, refused } = transpile(source, options)
    const end = refused === undefined ? '' : `Error translating config: ${refused}\n`
    expect(describeReport(report, fileName, source) + end).toBe(stderr)
  },
)
