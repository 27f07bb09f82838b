import { extensionOf } from '../go/clean-path.ts'
import { parseUnitFile, UnitError, type UnitOption } from '../go/unit-file.ts'
import { config, dropin, systemd, unit } from '../schema/config.ts'
import { bytesOfText } from '../text.ts'
import { below, type Check, ignitionCheck, type Place } from './check.ts'

const unitExtensions = /^\.(service|socket|device|mount|automount|swap|target|path|timer|snapshot|slice|scope)$/
const unitDirectory = '/etc/systemd/system'

export const unitChecks: readonly Check[] = [
  ignitionCheck(config, (value, place) => {
    const written = new Set<string>()
    for (const { name, contents, dropins } of value.systemd.units) {
      if (contents) written.add(`${unitDirectory}/${name}`)
      for (const dropin of dropins) if (dropin.contents) written.add(`${unitDirectory}/${name}.d/${dropin.name}`)
    }
    for (const list of ['files', 'directories', 'links'] as const) {
      value.storage[list].forEach(({ path }, index) => {
        if (!written.has(path)) return
        place.report.error(
          below(place, 'storage', list, index, 'path').path,
          'the config writes a unit or drop-in to the same path',
        )
      })
    }
  }),
  ignitionCheck(systemd, ({ units }, place) => {
    const byName = new Map(units.map((value) => [value.name, value]))
    units.forEach(({ name, enabled }, index) => {
      // systemd.unit(5): foo@bar.service is an instance of the template foo@.service
      const [, prefix] = /^([^\n]+?)@[^\n]+?\.service$/.exec(name) ?? []
      if (enabled !== true || prefix === undefined) return
      const template = `${prefix}@.service`
      const options = readOptions(byName.get(template)?.contents)
      if (options === undefined || options instanceof UnitError || hasInstallSection(options)) return
      place.report.warn(
        below(place, 'units', index, 'contents').path,
        `${JSON.stringify(name)} can't be enabled: its template ${JSON.stringify(template)} says nothing under [Install]`,
      )
    })
  }),
  ignitionCheck(unit, ({ name, contents, enabled }, place) => {
    if (!unitExtensions.test(extensionOf(name))) {
      place.report.error(
        below(place, 'name').path,
        'the name has no ending that systemd knows, such as .service or .mount',
      )
    }
    const options = checkContents(contents, place)
    if (enabled === true && options !== undefined && !hasInstallSection(options)) {
      place.report.warn(
        below(place, 'contents').path,
        `${JSON.stringify(name)} can't be enabled: it says nothing under [Install]`,
      )
    }
  }),
  ignitionCheck(dropin, ({ name, contents }, place) => {
    checkContents(contents, place)
    if (extensionOf(name) !== '.conf')
      place.report.error(below(place, 'name').path, 'the name of a drop-in ends in .conf')
  }),
]

/** The options of a unit that has readable contents. */
function checkContents(contents: string | undefined, place: Place): readonly UnitOption[] | undefined {
  const options = readOptions(contents)
  if (!(options instanceof UnitError)) return options
  place.report.error(below(place, 'contents').path, `invalid unit content: ${options.message}`)
  return undefined
}

function readOptions(contents: string | undefined): readonly UnitOption[] | UnitError | undefined {
  if (!contents) return undefined
  try {
    return parseUnitFile(bytesOfText(contents))
  } catch (error) {
    if (error instanceof UnitError) return error
    throw error
  }
}

function hasInstallSection(options: readonly UnitOption[]): boolean {
  return options.some(({ section }) => section === 'Install')
}
