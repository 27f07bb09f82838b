import type { Command } from './shared/command.ts'
import { build } from './sysext/sysext-build.ts'

export const sysextVerbs: readonly Command<never>[] = [build]
