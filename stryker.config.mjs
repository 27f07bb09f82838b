// `npm run test:mutation` changes one thing at a time in the pure folders, and checks whether a fast test fails
// (docs/ARCHITECTURE.md, Mutation tests).
export default {
  mutate: ['src/{plan,desired,inventory,secrets,model,probes}/**/*.ts'],
  // Most strings are texts for people. Where a string decides something, code compares it, and the comparison is
  // mutated.
  mutator: { excludedMutations: ['StringLiteral'] },
  // A mutant in code that runs while a module is loaded needs a run of all tests: two minutes for each, instead of a
  // second.
  ignoreStatic: true,

  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  // A process, because the tests set its umask.
  vitest: { configFile: 'vitest.mutation.config.ts', related: false, pool: 'forks' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  // One run of all these tests takes 100 seconds, and on a busy machine more than the default of 5 minutes.
  dryRunTimeoutMinutes: 30,

  // The tests run in a copy of the repository. Stryker cannot copy a link whose target does not exist, and some of
  // these cases are such links.
  ignorePatterns: ['test/cases/butane'],
  // Without type checks every file would get another first line, and the tests name lines.
  disableTypeChecks: false,
  tempDirName: 'coverage/mutation/sandbox',
  incremental: true,
  incrementalFile: 'coverage/mutation/incremental.json',
  reporters: ['clear-text', 'html', 'progress-append-only'],
  htmlReporter: { fileName: 'coverage/mutation/report.html' },
  clearTextReporter: { reportTests: false },
}
