import {
  butaneOnly,
  flag,
  ignitionOnly,
  integer,
  listOf,
  name,
  named,
  one,
  since11,
  struct,
  text,
  textKind,
} from './fields.ts'
import type { IgnitionOf, ValueOf } from './kinds.ts'

// The whole tree of a Butane config and of its Ignition config. One description serves both, in the spelling and order
// of Ignition (Ignition's schemas 3.3 and 3.4, Butane's documentation of variant flatcar 1.0.0 and 1.1.0).

const anyOrder = { duplicates: 'allowed' } as const
const node = { shared: 'nodes' } as const
const argument = { shared: 'arguments' } as const

export const verification = struct('Verification', { hash: text })
export const httpHeader = struct('HTTPHeader', { name, value: text })
export const resource = struct('Resource', {
  compression: text,
  httpHeaders: listOf(httpHeader, { name: 'HTTPHeaders' }),
  source: text,
  inline: butaneOnly(text),
  local: butaneOnly(text),
  verification: one(verification),
})

export const owner = struct('NodeUser', { id: integer, name: text })
export const ownerGroup = struct('NodeGroup', { id: integer, name: text })
const nodeFields = { group: one(ownerGroup), overwrite: flag, path: name, user: one(owner) }
export const directory = struct('Directory', { ...nodeFields, mode: integer })
export const file = struct('File', {
  ...nodeFields,
  append: listOf(resource, anyOrder),
  contents: one(resource),
  mode: integer,
})
export const link = struct('Link', { ...nodeFields, hard: flag, target: text })
export const tree = struct('Tree', { local: name, path: text })

export const partition = struct('Partition', {
  guid: text,
  label: text,
  number: { ...integer, required: 'unless empty' },
  resize: flag,
  shouldExist: flag,
  sizeMiB: integer,
  startMiB: integer,
  typeGuid: text,
  wipePartitionEntry: flag,
})
export const disk = struct('Disk', { device: name, partitions: listOf(partition), wipeTable: flag })
export const filesystem = struct('Filesystem', {
  device: name,
  format: text,
  label: text,
  mountOptions: listOf(textKind, anyOrder),
  options: listOf(textKind, anyOrder),
  path: text,
  uuid: text,
  wipeFilesystem: flag,
  withMountUnit: butaneOnly(flag),
})
export const device = named('Device')
export const raid = struct('Raid', {
  devices: listOf(device),
  level: text,
  name,
  options: listOf(textKind, anyOrder),
  spares: integer,
})

export const clevisCustom = struct('ClevisCustom', { config: text, needsNetwork: flag, pin: text })
export const tang = struct('Tang', {
  advertisement: since11(text),
  thumbprint: text,
  url: { ...text, required: 'unless empty' },
})
export const clevis = struct('Clevis', {
  custom: one(clevisCustom),
  tang: listOf(tang),
  threshold: integer,
  tpm2: flag,
})
export const luks = struct('Luks', {
  clevis: one(clevis),
  device: text,
  discard: since11(flag),
  keyFile: one(resource),
  label: text,
  name,
  openOptions: since11(listOf(textKind)),
  options: listOf(textKind, anyOrder),
  uuid: text,
  wipeVolume: flag,
})
export const storage = struct('Storage', {
  directories: listOf(directory, node),
  disks: listOf(disk),
  files: listOf(file, node),
  filesystems: listOf(filesystem),
  links: listOf(link, node),
  luks: listOf(luks),
  raid: listOf(raid),
  trees: butaneOnly(listOf(tree)),
})

export const dropin = struct('Dropin', { contents: text, contentsLocal: butaneOnly(since11(text)), name })
export const unit = struct('Unit', {
  contents: text,
  contentsLocal: butaneOnly(since11(text)),
  dropins: listOf(dropin),
  enabled: flag,
  mask: flag,
  name,
})
export const systemd = struct('Systemd', { units: listOf(unit) })

const passwdGroup = struct('PasswdGroup', { gid: integer, name, passwordHash: text, shouldExist: flag, system: flag })
const passwdUser = struct('PasswdUser', {
  gecos: text,
  groups: listOf(named('Group')),
  homeDir: text,
  name,
  noCreateHome: flag,
  noLogInit: flag,
  noUserGroup: flag,
  passwordHash: text,
  primaryGroup: text,
  sshAuthorizedKeys: listOf(named('SSHAuthorizedKey')),
  sshAuthorizedKeysLocal: butaneOnly(since11(listOf(textKind))),
  shell: text,
  shouldExist: flag,
  system: flag,
  uid: integer,
})
const passwd = struct('Passwd', { groups: listOf(passwdGroup), users: listOf(passwdUser) })

export const ignitionConfig = struct('IgnitionConfig', { merge: listOf(resource), replace: one(resource) })
export const proxy = struct('Proxy', { httpProxy: text, httpsProxy: text, noProxy: listOf(textKind) })
export const tls = struct('TLS', { certificateAuthorities: listOf(resource) })
const timeouts = struct('Timeouts', { httpResponseHeaders: integer, httpTotal: integer })
export const ignition = struct('Ignition', {
  config: one(ignitionConfig),
  proxy: one(proxy),
  security: one(struct('Security', { tls: one(tls) })),
  timeouts: one(timeouts),
  version: ignitionOnly(name),
})
const kernelArguments = struct('KernelArguments', {
  shouldExist: listOf(named('KernelArgument'), argument),
  shouldNotExist: listOf(named('KernelArgument'), argument),
})

export const config = struct('Config', {
  variant: butaneOnly(text),
  version: butaneOnly(text),
  ignition: one(ignition),
  kernelArguments: one(kernelArguments),
  passwd: one(passwd),
  storage: one(storage),
  systemd: one(systemd),
})
/** The keys that decide how to read the rest. */
export const header = struct('config.commonFields', { variant: text, version: text })

export type ButaneConfig = ValueOf<typeof config>
export type ButaneResource = ValueOf<typeof resource>
export type ButaneFilesystem = ValueOf<typeof filesystem>
export type ButaneUnit = ValueOf<typeof unit>
export type ButaneUser = ValueOf<typeof passwdUser>

export type IgnitionConfig = IgnitionOf<typeof config>
export type IgnitionResource = IgnitionOf<typeof resource>
export type IgnitionFile = IgnitionOf<typeof file>
export type IgnitionLink = IgnitionOf<typeof link>
export type IgnitionUnit = IgnitionOf<typeof unit>
export type IgnitionUser = IgnitionOf<typeof passwdUser>
