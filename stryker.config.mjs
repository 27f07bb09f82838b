// `npm run test:mutation` changes one thing at a time in the pure folders and sees whether a fast test fails (docs/ARCHITECTURE.md, Mutation tests).
export default {
  mutate: ['src/{plan,desired,inventory,secrets,model,probes}/**/*.ts'],
  // Most strings are texts for people. Where one decides something it is compared, and the comparison is mutated.
  mutator: { excludedMutations: ['StringLiteral'] },
  // A mutant in what a module computes as it is loaded takes a run of all tests: two minutes for each, instead of a second.
  ignoreStatic: true,

  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  // A process, as the tests set its umask.
  vitest: { configFile: 'vitest.mutation.config.ts', related: false, pool: 'forks' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  // All of these tests once: 100 seconds, and on a busy machine more than the 5 minutes that are the default.
  dryRunTimeoutMinutes: 30,

  // The tests run in a copy of the repository. Stryker cannot copy a link that leads nowhere, and some of these cases are such links.
  ignorePatterns: ['test/cases/butane'],
  // With type checks off every file would get a first line more, and the tests name lines.
  disableTypeChecks: false,
  tempDirName: 'coverage/mutation/sandbox',
  incremental: true,
  incrementalFile: 'coverage/mutation/incremental.json',
  reporters: ['clear-text', 'html', 'progress-append-only'],
  htmlReporter: { fileName: 'coverage/mutation/report.html' },
  clearTextReporter: { reportTests: false },
}
