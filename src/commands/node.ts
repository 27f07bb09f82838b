import { actionVerbs } from './node/node-actions.ts'
import { login } from './node/node-login.ts'
import { reportVerbs } from './node/node-reports.ts'
import { streamVerbs } from './node/node-streams.ts'
import type { Command } from './shared/command.ts'

export const nodeVerbs: readonly Command<never>[] = [...reportVerbs, ...streamVerbs, ...actionVerbs, login]
