import type { Command } from './shared/command.ts'
import { build } from './sysext/sysext-build.ts'
import { list } from './sysext/sysext-list.ts'
import { publish } from './sysext/sysext-publish.ts'
import { transfer } from './sysext/sysext-transfer.ts'

export const sysextVerbs: readonly Command<never>[] = [list, build, publish, transfer]
