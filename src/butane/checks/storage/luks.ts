import { parseUrl } from '../../go/parse-url.ts'
import { clevisCustom, luks, tang } from '../../schema/config.ts'
import type { IgnitionOf } from '../../schema/kinds.ts'
import { byteLength } from '../../text.ts'
import { below, type Check, ignitionCheck } from '../check.ts'
import { sourceProblem } from '../source-url.ts'
import { checkPath } from './paths.ts'

type Luks = IgnitionOf<typeof luks>

export const luksChecks: readonly Check[] = [
  ignitionCheck(luks, (value, place) => {
    const { report, version } = place
    if (value.name.includes('/')) report.error(below(place, 'name').path, 'device names cannot contain slashes')
    // LUKS2 has 48 bytes for it, and the last one is NUL
    if (value.label && byteLength(value.label) > 47) {
      report.error(below(place, 'label').path, 'luks device labels cannot be longer than 47 characters')
    }
    if (!value.device) report.error(below(place, 'device').path, 'disk device is required')
    else checkPath(value.device, below(place, 'device'))
    if (mixesClevisPins(value)) {
      report.error(below(place, 'clevis').path, '`custom` must be the only field in clevis: leave out the other fields')
    }
    // the name that Ignition itself has for the field
    if (value.keyFile.source && sourceProblem(value.keyFile.source, version) !== undefined) {
      report.error(below(place, 'keys').path, 'invalid key-file source')
    }
  }),
  // only merged configs reach this, because the variant flatcar has no clevis
  ignitionCheck(clevisCustom, ({ pin, config, needsNetwork }, place) => {
    if (!pin && !config && needsNetwork !== true) return
    if (!pin) place.report.error(below(place, 'pin').path, '`custom` needs a `pin`')
    else if (!['tpm2', 'tang', 'sss'].includes(pin))
      place.report.error(below(place, 'pin').path, 'no such pin: tpm2, tang or sss')
    if (!config) place.report.error(below(place, 'config').path, '`custom` needs a `config` for its pin')
  }),
  ignitionCheck(tang, ({ url, thumbprint, advertisement }, place) => {
    const parsed = parseUrl(url)
    if (parsed === undefined) place.report.error(below(place, 'url').path, 'unable to parse url')
    else if (!/^https?$/.test(parsed.scheme)) place.report.error(below(place, 'url').path, 'invalid url scheme')
    if (!thumbprint)
      place.report.error(
        below(place, 'thumbprint').path,
        'a tang server is known by its `thumbprint`, which is missing',
      )
    if (advertisement && !isJson(advertisement)) {
      place.report.error(below(place, 'advertisement').path, 'the advertisement has to be JSON')
    }
  }),
]

function mixesClevisPins({ clevis }: Luks): boolean {
  const others =
    clevis.tang.length > 0 || clevis.tpm2 === true || (clevis.threshold !== undefined && clevis.threshold !== 0n)
  return Boolean(clevis.custom.pin) && others
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
