import type { Fault } from '../../errors.ts'
import type { Host } from '../../model/cluster.ts'
import type { UpdatesState } from './updates-state.ts'

/** What keeps this host from downloading. */
export function refuseUpdates({ name: at }: Host, { missing, others }: UpdatesState): readonly Fault[] {
  const instead = 'or write `sysupdate: false` in the file of this host'
  return [
    ...(missing.length === 0
      ? []
      : [
          {
            code: 'no-sysupdate',
            at,
            found: `no ${missing.join(', ')}`,
            why: '`sysupdate` needs these programs, and keel installs no packages; Debian 12 has no systemd-sysupdate',
            todo: `install them before keel merges an image (Debian 13: \`apt-get install systemd-container gpg\`), ${instead}`,
          },
        ]),
    ...(others.length > 0
      ? [
          {
            code: 'sysupdate-other-file',
            at,
            found: `files of somebody else: ${others.join(', ')}`,
            why: "newer versions of systemd read these instead of keel's, which have the names that every systemd reads",
            todo: `remove them, ${instead}`,
          },
        ]
      : []),
  ]
}
