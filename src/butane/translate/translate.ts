import type { FilesDirectory } from '../files.ts'
import { type Path, Report } from '../report.ts'
import type { ButaneConfig, IgnitionConfig } from '../schema/config.ts'
import { type Version, versions } from '../versions.ts'
import { LocalFiles } from './local-files.ts'
import { addMountUnits } from './mount-units.ts'
import { Origins } from './origins.ts'
import { translateResource } from './resource.ts'
import type { Translation } from './translation.ts'
import { addTrees } from './trees.ts'
import { translateUnit } from './unit.ts'
import { translateUser } from './user.ts'

export interface TranslateOptions {
  /** The source of `local` files and `trees`. Without it they are refused. */
  readonly files?: FilesDirectory
  /**
   * Whether contents may be embedded as gzip if that is shorter, like in butane (the default). Without it the result is
   * the same with every zlib.
   */
  readonly compress?: boolean
}

export interface Translated {
  readonly ignition: IgnitionConfig
  readonly origins: Origins
  readonly report: Report
}

/**
 * Translates a Butane config into an Ignition config. It checks only whether the named files can be read. Those errors
 * are in `report`.
 */
export function translate(
  config: ButaneConfig,
  version: Version,
  { files, compress = true }: TranslateOptions,
): Translated {
  const translation = { files: new LocalFiles(files), origins: new Origins(), report: new Report(), compress }
  const plain = translateTree(config, version, translation)
  const withMounts = {
    ...plain,
    systemd: addMountUnits(plain.systemd, config.storage.filesystems, translation.origins),
  }
  const storage = addTrees(withMounts.storage, config.storage.trees, translation)
  return { ignition: { ...withMounts, storage }, origins: translation.origins, report: translation.report }
}

/** Part by part, in Ignition's order, which is also the order of the errors. */
function translateTree(config: ButaneConfig, version: Version, translation: Translation): IgnitionConfig {
  const resource = (value: Parameters<typeof translateResource>[0], ...path: Path) =>
    translateResource(value, path, translation)
  const { ignition, kernelArguments, passwd, storage, systemd } = config
  return {
    ignition: {
      ...ignition,
      config: {
        merge: ignition.config.merge.map((value, index) => resource(value, 'ignition', 'config', 'merge', index)),
        replace: resource(ignition.config.replace, 'ignition', 'config', 'replace'),
      },
      security: {
        tls: {
          certificateAuthorities: ignition.security.tls.certificateAuthorities.map((value, index) =>
            resource(value, 'ignition', 'security', 'tls', 'certificateAuthorities', index),
          ),
        },
      },
      version: versions[version].ignition,
    },
    kernelArguments,
    passwd: {
      groups: passwd.groups,
      users: passwd.users.map((user, index) => translateUser(user, ['passwd', 'users', index], translation)),
    },
    storage: {
      directories: storage.directories,
      disks: storage.disks,
      files: storage.files.map((file, index) => ({
        ...file,
        append: file.append.map((value, place) => resource(value, 'storage', 'files', index, 'append', place)),
        contents: resource(file.contents, 'storage', 'files', index, 'contents'),
      })),
      filesystems: storage.filesystems.map(({ withMountUnit: _, ...filesystem }) => filesystem),
      links: storage.links,
      luks: storage.luks.map((luks, index) => ({
        ...luks,
        keyFile: resource(luks.keyFile, 'storage', 'luks', index, 'keyFile'),
      })),
      raid: storage.raid,
    },
    systemd: {
      units: systemd.units.map((unit, index) => translateUnit(unit, ['systemd', 'units', index], translation)),
    },
  }
}
