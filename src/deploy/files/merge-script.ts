import type { FilesRendered } from '../../targets/rendered.ts'
import { sh } from '../../templates/shell-quote.ts'
import { HostExit } from '../host/host-script.ts'

/**
 * Bash that notes where the extensions' links lead before any is changed, and the function that leads them there again.
 */
export function rememberExtensions({ extensions }: FilesRendered): string {
  const remember = extensions.map(({ link }, index) => sh`before_${index}=$(readlink -- ${link} || true)`)
  const restore = extensions.map(
    ({ link }, index) =>
      sh`if [ -n "$before_${index}" ]; then ln -sfnT -- "$before_${index}" ${link}; else rm -f -- ${link}; fi`,
  )
  return [
    ...remember,
    'not_merged() {',
    ...restore,
    `systemd-sysext refresh || true; exit ${HostExit.NotMerged}`,
    '}',
  ].join('\n')
}

/**
 * Bash that has systemd merge the extensions. systemd ignores an image with another ID or architecture and exits with 0
 * (measured with systemd 252), so the script checks that the pinned program is there. If not, it restores the links, so
 * that the next start finds k3s. Needs sha256-of.sh.
 */
export function mergeExtensions({ extensions }: FilesRendered): string {
  const check = extensions.map(
    ({ program }) =>
      sh`[ "$(sha256_of ${program.path})" = ${program.sha256} ] || { systemd-sysext status >&2; not_merged; }`,
  )
  return ['systemd-sysext refresh || not_merged', ...check].join('\n')
}
