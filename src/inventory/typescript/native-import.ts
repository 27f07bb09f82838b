/**
 * Imports a module with Node's own loader. It has its own file, so that vitest can leave this one import unchanged
 * (vitest.config.ts).
 */
export const nativeImport = (url: string): Promise<object> => import(url)
