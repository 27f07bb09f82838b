import { imageFolder, parseImageFileName } from '../../model/systems/image-file-name.ts'
import { sh } from '../../templates/shell-quote.ts'
import type { PartProbe } from '../part.ts'
import { namedUnitState, type UnitState } from '../unit-state.ts'
import type { PlacedUpdates } from './place-updates.ts'

/** What a host says of its downloads. */
export interface UpdatesState {
  /** Programs that they need and that are not there. */
  readonly missing: readonly string[]
  /** Files that a systemd reads instead of keel's. */
  readonly others: readonly string[]
  /** The version of the newest image. Absent where nothing was downloaded. */
  readonly newest?: string
  readonly timer?: UnitState
}

export const updatesState: PartProbe<PlacedUpdates, UpdatesState> = {
  isLasting: false,
  shapes: { 'missing.*': /^[\w.+-]{1,64}$/, 'others.*': /^\/etc\/sys[a-z0-9./*-]+$/, newest: /^v[\w.+-]{1,100}$/ },
  units: ({ timer }) => (timer === undefined ? [] : [timer.unit]),
  script: ({ name, timer }, isQuick) => `${isQuick === true ? '' : downloads(name)}
${timer === undefined ? '' : namedUnitState.script('timer', timer.unit)}`,
  parse(stdout) {
    const all = (key: string) =>
      stdout.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []))
    const newest = parseImageFileName(all('newest')[0]?.split('/').at(-1) ?? '')
    return {
      missing: all('missing'),
      others: all('other'),
      ...(newest === undefined ? {} : { newest: newest.version }),
      ...(all('timer.ActiveState').length === 0 ? {} : { timer: namedUnitState.parse(stdout, 'timer') }),
    }
  },
}

/** Newer versions of systemd read it before the one with the older name (systemd's src/import/pull-common.c). */
const NEWER_KEYRING = '/etc/systemd/import-pubring.pgp'

function downloads(name: PlacedUpdates['name']): string {
  const folder = `/etc/sysupdate.${name}.d`
  return sh`[ -x /usr/lib/systemd/systemd-sysupdate ] || printf 'missing=systemd-sysupdate\n'
command -v gpg >/dev/null || printf 'missing=gpg\n'
for file in ${folder}/*.transfer; do [ ! -e "$file" ] || { printf 'other=%s\n' ${`${folder}/*.transfer`}; break; }; done
[ ! -e ${NEWER_KEYRING} ] || printf 'other=%s\n' ${NEWER_KEYRING}
newest=${`${imageFolder(name)}/newest-${name}`}
[ ! -e "$newest" ] || printf 'newest=%s\n' "$(readlink -- "$newest")"`
}
