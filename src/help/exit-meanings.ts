import { ExitCode } from '../errors.ts'

interface Meaning {
  /** In the help of a verb. */
  readonly short: string
  /** In docs/exit-codes.md; `npm run schema` writes it there. */
  readonly full: string
}

/** What keel's exit codes mean. */
export const exitMeanings: Readonly<Record<ExitCode, Meaning>> = {
  [ExitCode.Done]: {
    short: 'done',
    full: 'Done. `plan` found no fault (with `--exit-code`: and nothing to change).',
  },
  [ExitCode.Failed]: {
    short: 'failed; stderr shows what and where',
    full: 'Failed. stderr shows what failed and where. Also: you did not confirm a deploy.',
  },
  [ExitCode.Usage]: {
    short: 'wrong usage, or a fault in the inventory; nothing was changed',
    full: 'Wrong usage, or a fault in the inventory. Nothing was changed.',
  },
  [ExitCode.ChangesPending]: {
    short: 'something is pending',
    full: 'Something is pending. `plan --exit-code` or `deploy --dry-run --exit-code` found changes, or `rekey` or `rekey --check` found a secret that is out of date or has no value.',
  },
  [ExitCode.RolledBack]: {
    short: 'rolled back: a NixOS host runs its previous system again',
    full: 'Rolled back: a NixOS host runs its previous system again. keel rolls back no other system yet.',
  },
  [ExitCode.Locked]: {
    short: "another keel is working on a host or on the inventory's secrets",
    full: "Another keel is working on a host or on the inventory's secrets.",
  },
  [ExitCode.Unreachable]: {
    short: 'a host could not be reached, or is not the one in the inventory',
    full: 'A host could not be reached, is not the one in the inventory, or sent an invalid answer. keel also uses 6 if `plan` or `deploy --skip-unreachable` handled the other hosts. `vip status` uses 6 only if no server answered.',
  },
  [ExitCode.Interrupted]: { short: 'interrupted', full: 'Interrupted.' },
  [ExitCode.NobodyReads]: {
    short: "the program that reads keel's output has ended",
    full: "The program that reads keel's output has ended (`keel … \\| head`). keel prints no message, like other programs.",
  },
}

/** The codes that every verb can end with, and that its help always shows. */
export const everyVerb: readonly ExitCode[] = [ExitCode.Done, ExitCode.Failed, ExitCode.Usage, ExitCode.Interrupted]
