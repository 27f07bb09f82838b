import type { Command } from './command.ts'

export const secretVerbs: readonly Command<never>[] = []
