import { KeelError } from '../../errors.ts'
import { STAGING } from './staging.ts'

export function overtaken(at: string | undefined, found: string): KeelError {
  return new KeelError({
    code: 'secrets-overtaken',
    at: at ?? STAGING,
    found,
    why: 'another keel assumed that this one was dead, and removed its staged files',
    todo: 'check `git status`, then run the command again',
  })
}
