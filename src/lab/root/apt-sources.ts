/**
 * What `apt-get indextargets --format APT_TARGETS 'Created-By: Packages'` prints about the machine's own sources, a
 * line each.
 */
export const aptTargetsFormat = '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(CODENAME)'

/**
 * The machine's own Debian sources for another suite, in apt's one-line format (sources.list(5)): the lab names no
 * mirror of its own. Empty where the machine has no Debian source: mmdebstrap then takes Debian's default.
 */
export function debianSources(targets: string, suite: string, keyring: string | undefined): readonly string[] {
  const lines = targets.split('\n').flatMap((line) => {
    const [origin, uri, release, component, codename] = line.split('|')
    if (origin !== 'Debian' || component !== 'main' || uri === undefined || release === undefined || codename === undefined)
      return []
    // bookworm, bookworm-updates, bookworm-security; `stable-updates` has the codename bookworm-updates
    const part = /^[a-z]+(-updates|-security)?$/.exec(codename)
    if (part === null) return []
    const options = keyring === undefined ? '' : `[signed-by=${keyring}] `
    return [`deb ${options}${uri} ${suite}${part[1] ?? ''} ${component}`]
  })
  return [...new Set(lines)]
}

/**
 * The part of `apt-config dump` that decides whether the machine's sources can be reached and believed: proxies, and
 * its rules about stale dates (a frozen mirror's Release files are old). Its output is apt.conf(5) already.
 */
export function aptOptions(dump: string): string {
  const wanted = /^Acquire::(?:(?:https?|ftp)::.*|Check-Valid-Until|Check-Date|Max-ValidTime|Retries|ForceIPv[46]) /
  return dump
    .split('\n')
    .filter((line) => wanted.test(line))
    .map((line) => `${line}\n`)
    .join('')
}
