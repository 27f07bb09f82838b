import { cleanPath, joinPath } from '../../go/clean-path.ts'
import { type IgnitionLink, storage } from '../../schema/config.ts'
import type { IgnitionOf } from '../../schema/kinds.ts'
import { below, type Check, ignitionCheck, type Place } from '../check.ts'

type Storage = IgnitionOf<typeof storage>

/** Checks that concern several files, directories, links, filesystems or disks together. */
export const storageChecks: readonly Check[] = [
  ignitionCheck(storage, (value, place) => {
    for (const [index, { path }] of value.directories.entries()) {
      checkUnderLinks('directory', path, value, below(place, 'directories', index))
    }
    for (const [index, { path }] of value.files.entries())
      checkUnderLinks('file', path, value, below(place, 'files', index))
    for (const [index, link] of value.links.entries()) {
      checkUnderLinks('link', link.path, value, below(place, 'links', index))
      checkLink(link, value, below(place, 'links', index))
    }
    checkFilesystems(value, place)
  }),
]

/** One error for each link that is part of the path. */
function checkUnderLinks(node: string, path: string, { links }: Storage, place: Place): void {
  for (const link of links) {
    if (path.startsWith(`${link.path}/`)) place.report.error(place.path, `${node} path includes link in config`)
  }
}

function checkLink(link: IgnitionLink, { directories }: Storage, place: Place): void {
  if (link.target === undefined || link.target === '') {
    place.report.error(below(place, 'target').path, 'link target is required')
    return
  }
  if (link.hard !== true) return
  const clean = cleanPath(link.target)
  // Ignition resolves a relative target from the path of the link, not from the directory that contains it
  const target = clean.startsWith('/') ? clean : joinPath(link.path, link.target)
  for (const { path } of directories) {
    if (path === target) place.report.error(place.path, 'hard link target is a directory')
  }
  for (const who of ['user', 'group'] as const) {
    for (const field of ['id', 'name'] as const) {
      if (link[who][field] !== undefined)
        place.report.warn(below(place, who, field).path, 'without effect: a hard link has the owner of its file')
    }
  }
}

function checkFilesystems({ disks, filesystems }: Storage, place: Place): void {
  const byDevice = new Map(disks.map((disk) => [disk.device, disk]))
  filesystems.forEach(({ device, wipeFilesystem }, index) => {
    const disk = byDevice.get(device)
    if (disk === undefined) return
    const { path } = below(place, 'filesystems', index, 'device')
    if (disk.partitions.length > 0)
      place.report.warn(path, 'the config also partitions this disk; the filesystem takes the place of the partitions')
    else if (wipeFilesystem !== true && disk.wipeTable === true) {
      place.report.warn(path, 'the config also clears this disk (`wipe_table`), and whatever filesystem it has with it')
    }
  })
}
