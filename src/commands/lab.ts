import type { Command } from './command.ts'

export const labVerbs: readonly Command<never>[] = []
