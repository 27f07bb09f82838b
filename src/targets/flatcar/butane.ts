import { Document, Scalar } from 'yaml'
import { describeReport, transpile } from '../../butane/index.ts'
import type { WantedFile } from '../../desired/host-state.ts'
import { KeelError } from '../../errors.ts'
import { fileBytes } from '../../model/file-bytes.ts'
import { eachPart } from '../../parts/by-part.ts'
import { generatedText } from '../../templates/generated-text.ts'
import type { FilesRendered } from '../rendered.ts'
import type { Login } from './login.ts'

/** Where systemd reads units; one that keel writes is a unit of Ignition's, so that it is enabled. */
const units = '/etc/systemd/system/'

/**
 * What a Flatcar machine is given for its first boot: its whole state except secrets and programs. These come over SSH;
 * until then the unit of k3s does not start.
 */
export function butaneText(rendered: FilesRendered, login: Login): string {
  const { files, links, directories, services, parts, extensions } = rendered
  const enabled = new Set(
    [...services.map(({ unit }) => unit), ...eachPart(parts, (part, placed) => part.firstBootUnits?.(placed))].map(
      (name) => `${units}${name}`,
    ),
  )
  const isUnit = ({ path }: WantedFile) => enabled.has(path)
  const images = new Set(extensions.map(({ link }) => link))
  const config = {
    variant: 'flatcar',
    version: '1.1.0',
    passwd: { users: [{ name: login.user, ssh_authorized_keys: login.sshKeys }] },
    storage: {
      directories: directories.map(({ path, mode }) => ({ path, mode: octal(mode) })),
      files: files.filter((file) => !isUnit(file)).map(butaneFile),
      links: links
        .filter(({ path }) => !images.has(path))
        .map(({ path, target }) => ({ path, target, overwrite: true })),
    },
    systemd: {
      units: files
        .filter(isUnit)
        .map(({ path, content }) => ({ name: path.slice(units.length), enabled: true, contents: content })),
    },
  }
  // YAML 1.1 for its octal numbers, which every Butane file has: 0644
  return generatedText(new Document(config, { version: '1.1' }).toString({ lineWidth: 0 }))
}

/** The Ignition config of a Butane text of keel's, the same on every machine. @throws KeelError `butane-refused` */
export function ignitionText(butane: string): string {
  const { json, refused, report } = transpile(butane, { pretty: true, compress: false })
  if (json !== undefined && report.length === 0) return `${json}\n`
  throw new KeelError({
    code: 'butane-refused',
    found: `a Butane config with faults: ${refused ?? ''}\n${describeReport(report, 'butane.yaml', Buffer.from(butane))}`,
  })
}

/**
 * What would be read back as something else, or not at all: ends of lines in YAML 1.1, which Butane reads, and not in
 * 1.2; characters that no YAML 1.1 may hold (its section 5.1); and a tab before the first letter, which ends Go's
 * reader, as it looks for the block's indentation there.
 */
const notInline = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|^\s*\t/

function dataUrl(file: WantedFile): string {
  return `data:;base64,${fileBytes(file).toString('base64')}`
}

/** A file at the same path on a new machine comes from the image, not from a person. */
function butaneFile(file: WantedFile): object {
  const { path, content, encoding, mode, owner, group } = file
  return {
    path,
    mode: octal(mode),
    overwrite: true,
    contents: encoding !== undefined || notInline.test(content) ? { source: dataUrl(file) } : { inline: content },
    ...(owner === 'root' ? {} : { user: account(owner) }),
    ...(group === 'root' ? {} : { group: account(group) }),
  }
}

function account(nameOrNumber: string): object {
  return /^\d+$/.test(nameOrNumber) ? { id: Number(nameOrNumber) } : { name: nameOrNumber }
}

/** Printed in octal, like people write modes. */
function octal(mode: string): Scalar {
  const scalar = new Scalar(Number.parseInt(mode, 8))
  scalar.format = 'OCT'
  return scalar
}
