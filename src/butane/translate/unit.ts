import type { Path } from '../report.ts'
import type { ButaneUnit, IgnitionUnit } from '../schema/config.ts'
import { textOfBytes } from '../text.ts'
import { LocalFileError } from './local-files.ts'
import type { Translation } from './translation.ts'

/** A unit with its contents and those of its drop-ins. The config decides which of them come from local files. */
export function translateUnit(
  { contentsLocal, dropins, ...unit }: ButaneUnit,
  path: Path,
  translation: Translation,
): IgnitionUnit {
  // butane reads the files of drop-ins first, and reports in that order
  const translated = dropins.map(({ contentsLocal: local, ...dropin }, index) => {
    const contents = readContents(local, [...path, 'dropins', index], translation)
    return { ...dropin, contents: contents ?? dropin.contents }
  })
  return { ...unit, dropins: translated, contents: readContents(contentsLocal, path, translation) ?? unit.contents }
}

function readContents(
  local: string | undefined,
  path: Path,
  { files, origins, report }: Translation,
): string | undefined {
  if (!local) return undefined
  const origin = [...path, 'contents_local']
  const contents = files.read(local)
  if (contents instanceof LocalFileError) {
    report.error(origin, contents.message)
    return undefined
  }
  origins.add([...path, 'contents'], origin)
  return textOfBytes(contents)
}
