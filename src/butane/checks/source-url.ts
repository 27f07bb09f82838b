import { isDataUrl } from '../go/data-url.ts'
import { type ParsedUrl, parseUrl, queryValues } from '../go/parse-url.ts'
import type { Version } from '../versions.ts'

/** What is wrong with a URL from which Ignition would fetch something; undefined if nothing is wrong. */
export function sourceProblem(text: string, version: Version): string | undefined {
  const url = parseUrl(text)
  if (url === undefined) return 'unable to parse url'
  switch (url.scheme) {
    case 'http':
    case 'https':
    case 'tftp':
    case 'gs':
      return undefined
    case 's3':
      return objectVersionProblem(url)
    case 'arn':
      // since Ignition 3.4
      return version === '1.0.0' ? 'invalid url scheme' : arnProblem(url)
    case 'data':
      return isDataUrl(text) ? undefined : "a `data:` URL that can't be decoded"
    default:
      return 'invalid url scheme'
  }
}

function objectVersionProblem({ query }: ParsedUrl): string | undefined {
  return queryValues(query, 'versionId')[0] === '' ? 'invalid S3 object VersionId' : undefined
}

// arn:partition:service:region:account:resource. In S3 a resource is a bucket or an access point, with an object after
// a slash.
function arnProblem(url: ParsedUrl): string | undefined {
  const [, service, , , ...resource] = url.opaque.split(':')
  const parts = url.opaque.split('/').length
  const isAccessPoint = resource.join(':').startsWith('accesspoint/')
  if (resource.length === 0 || service !== 's3' || parts < (isAccessPoint ? 3 : 2)) return 'invalid S3 ARN format'
  return objectVersionProblem(url)
}
