import type { Settings } from './service.ts'

/** systemd starts a service again and again, with growing pauses. */
export const restartedAlways: Settings = {
  Restart: 'always',
  RestartSec: '2s',
  // since systemd 254; an older one logs that it does not know them, and keeps the 2 s
  RestartSteps: '5',
  RestartMaxDelaySec: '1min',
}

/** systemd.exec(5): a service that sees nothing of devices, the kernel and other processes, and changes nothing of them. */
export const machineClosed: Settings = {
  DevicePolicy: 'closed',
  ProtectClock: 'yes',
  ProtectControlGroups: 'yes',
  ProtectHostname: 'yes',
  ProtectKernelLogs: 'yes',
  ProtectKernelModules: 'yes',
  ProtectKernelTunables: 'yes',
  ProtectProc: 'invisible',
}

/** The same of what it asks the kernel for. */
export const callsClosed: Settings = {
  RestrictNamespaces: 'yes',
  RestrictRealtime: 'yes',
  RestrictSUIDSGID: 'yes',
  KeyringMode: 'private',
  SystemCallArchitectures: 'native',
  SystemCallFilter: ['@system-service', '~@privileged @resources'],
  SystemCallErrorNumber: 'EPERM',
}
