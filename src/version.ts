import manifest from '../package.json' with { type: 'json' }

/** keel's own version, as published. */
export const version: string = manifest.version
