/** Bytes of a path, and of each of its parts (Linux: PATH_MAX, NAME_MAX). */
const LONGEST = 4000
const LONGEST_PART = 255

/**
 * Whether a path stays below the folder it begins in, whatever it is: no `..`, no empty part. The first part never begins
 * with `..`, because those names are keel's own (`..data`).
 */
export function isPathInside(path: string): boolean {
  if (Buffer.byteLength(path) > LONGEST || !path.isWellFormed()) return false
  if (/[\0-\x1f\x7f]/.test(path) || path.startsWith('..')) return false
  return path.split('/').every((part) => isFileName(part))
}

function isFileName(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= LONGEST_PART
}

/** A key of a configMap or a secret as the name of a file (apimachinery, IsConfigMapKey). */
export function isKey(text: string): boolean {
  return /^[-._a-zA-Z0-9]{1,253}$/.test(text) && isPathInside(text)
}
