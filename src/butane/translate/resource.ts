import type { Path } from '../report.ts'
import type { ButaneResource, IgnitionResource } from '../schema/config.ts'
import { yamlName } from '../schema/kinds.ts'
import { bytesOfText } from '../text.ts'
import { embed } from './data-url.ts'
import { LocalFileError } from './local-files.ts'
import type { Translation } from './translation.ts'

/** A resource whose inline or local contents have become a data URL. `path` has Ignition's spelling. */
export function translateResource(
  resource: ButaneResource,
  path: Path,
  { files, origins, report, compress }: Translation,
): IgnitionResource {
  const { inline, local, ...rest } = resource
  const field = local !== undefined ? 'local' : 'inline'
  const origin = [...path.map((step) => (typeof step === 'string' ? yamlName(step) : step)), field]
  if (local === undefined && inline === undefined) return rest
  const contents = local === undefined ? bytesOfText(inline ?? '') : files.read(local)
  if (contents instanceof LocalFileError) {
    report.error(origin, contents.message)
    return rest
  }
  const { source, compression } = embed(contents, rest.compression, compress)
  origins.add([...path, 'source'], origin)
  if (compression === undefined) return { ...rest, source }
  origins.add([...path, 'compression'], origin)
  return { ...rest, source, compression }
}
