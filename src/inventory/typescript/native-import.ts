/**
 * Imports a module by Node's own loader. A file of its own, so that vitest can leave this one import alone
 * (vitest.config.ts).
 */
export const nativeImport = (url: string): Promise<object> => import(url)
