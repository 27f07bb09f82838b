import { parseUrl } from '../go/parse-url.ts'
import {
  httpHeader,
  type IgnitionResource,
  ignitionConfig,
  proxy,
  resource,
  tls,
  verification,
} from '../schema/config.ts'
import { byteLength } from '../text.ts'
import { below, type Check, ignitionCheck, type Place } from './check.ts'
import { sourceProblem } from './source-url.ts'

const hexDigits: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 }

export const resourceChecks: readonly Check[] = [
  ignitionCheck(resource, (value, place) => {
    const { report, version } = place
    if (value.compression && value.compression !== 'gzip') {
      report.error(below(place, 'compression').path, 'invalid compression method')
    }
    if (value.verification.hash !== undefined && value.source === undefined) {
      report.error(below(place, 'verification', 'hash').path, 'source must be specified if verification is specified')
    }
    const source = value.source ? sourceProblem(value.source, version) : undefined
    if (source !== undefined) report.error(below(place, 'source').path, source)
    const headers = headersProblem(value)
    if (headers !== undefined) report.error(below(place, 'httpHeaders').path, headers)
  }),
  ignitionCheck(httpHeader, ({ name, value }, place) => {
    if (name === '') place.report.error(below(place, 'name').path, "HTTP header name can't be empty")
    if (value === '') place.report.error(below(place, 'value').path, 'unable to parse HTTP header')
  }),
  ignitionCheck(verification, ({ hash }, place) => {
    const problem = hash === undefined ? undefined : hashProblem(hash)
    if (problem !== undefined) place.report.error(below(place, 'hash').path, problem)
  }),
  ignitionCheck(ignitionConfig, ({ merge }, place) => checkRequiredSources(merge, below(place, 'merge'))),
  ignitionCheck(tls, ({ certificateAuthorities }, place) => {
    checkRequiredSources(certificateAuthorities, below(place, 'certificateAuthorities'))
  }),
  ignitionCheck(proxy, ({ httpProxy, httpsProxy }, place) => {
    checkProxy(httpProxy, below(place, 'httpProxy'))
    checkProxy(
      httpsProxy,
      below(place, 'httpsProxy'),
      'what is asked for by https goes to this proxy without encryption',
    )
  }),
]

function headersProblem({ httpHeaders, source }: IgnitionResource): string | undefined {
  if (httpHeaders.length === 0) return undefined
  const url = source ? parseUrl(source) : undefined
  if (url === undefined) return 'unable to parse url'
  return /^https?$/.test(url.scheme) ? undefined : 'cannot use HTTP headers with this source scheme'
}

function hashProblem(hash: string): string | undefined {
  const dash = hash.indexOf('-')
  if (dash < 0) return 'a hash is written as sha512-DIGITS or sha256-DIGITS'
  const algorithm = hash.slice(0, dash)
  if (!Object.hasOwn(hexDigits, algorithm)) return 'no such hash: sha512 or sha256'
  return byteLength(hash.slice(dash + 1)) === hexDigits[algorithm]
    ? undefined
    : 'wrong number of digits: sha512 has 128 and sha256 has 64'
}

function checkRequiredSources(resources: readonly IgnitionResource[], place: Place): void {
  resources.forEach(({ source }, index) => {
    const problem = source ? sourceProblem(source, place.version) : 'source is required'
    if (problem !== undefined) place.report.error(below(place, index).path, problem)
  })
}

function checkProxy(text: string | undefined, { path, report }: Place, plaintextWarning?: string): void {
  if (text === undefined) return
  const url = parseUrl(text)
  if (url === undefined) report.error(path, 'unable to parse url')
  else if (!/^https?$/.test(url.scheme)) report.error(path, 'the URL of a proxy begins with http:// or https://')
  else if (url.scheme === 'http' && plaintextWarning !== undefined) report.warn(path, plaintextWarning)
}
