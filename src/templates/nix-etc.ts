import { type NixValue, nixCode, nixName } from './nix-text.ts'

/** What `environment.etc` calls a file under /etc. */
export function etcName(path: string): string {
  return path.slice('/etc/'.length)
}

/** Where such a file is in the store: a trigger that changes with its content. */
export function etcSource(path: string): NixValue {
  return nixCode(`config.environment.etc.${nixName(etcName(path))}.source`)
}
