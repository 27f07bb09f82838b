import { madeByKeel } from '../../model/made-by-keel.ts'
import type { ImageKey } from '../../model/systems/image-file-name.ts'
import { sysupdateService, sysupdateTimer, transferFile, transferPath } from '../../sysext/sysupdate.ts'
import type { Placement } from '../part.ts'
import { rootFile } from '../root-file.ts'
import type { HostUpdates } from './host-updates.ts'

export interface PlacedUpdates extends Pick<ImageKey, 'name' | 'version'> {
  /** Absent where a person starts systemd-sysupdate. */
  readonly timer?: { readonly unit: string; readonly path: string }
}

/** If it is there, systemd does not read the keys that the system came with (importctl(1), --verify=). */
const KEYRING = '/etc/systemd/import-pubring.gpg'
const UNITS = '/etc/systemd/system'
const TIMER = 'keel-sysupdate.timer'

/**
 * The name that every systemd reads, because nobody has asked the host for its version: from 257 on, systemd-sysupdate
 * reads `.conf` where a component has no `.transfer` (measured with 257).
 */
const NAMED_FOR = 252

/** What systemd-sysupdate reads, and what may start it. It only downloads: the link that the node boots with stays. */
export function placeUpdates({ name, version, url, keyring, timer }: HostUpdates): Placement<PlacedUpdates> {
  const timerPath = `${UNITS}/${TIMER}`
  return {
    files: [
      rootFile(
        transferPath({ name }, NAMED_FOR),
        '0644',
        `${madeByKeel}${transferFile({ name, version, url, when: 'download' })}`,
      ),
      { ...rootFile(KEYRING, '0644', keyring), encoding: 'base64' },
      ...(timer
        ? [
            rootFile(`${UNITS}/keel-sysupdate.service`, '0644', `${madeByKeel}${sysupdateService(name)}`),
            rootFile(timerPath, '0644', `${madeByKeel}${sysupdateTimer(name)}`),
          ]
        : []),
    ],
    placed: { name, version, ...(timer ? { timer: { unit: TIMER, path: timerPath } } : {}) },
  }
}
