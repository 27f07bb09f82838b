/**
 * A path from / on in which a unit reads nothing as its own, so it needs no quotes and no escapes anywhere: not even in
 * `BindPaths=`, where a colon ends it. No part of it goes up.
 */
export function isPlainPath(path: string): boolean {
  return path.length < 1024 && /^(?:\/[A-Za-z0-9._@+,=~-]+)+$/.test(path) && !/\/\.\.?(\/|$)/.test(path)
}
