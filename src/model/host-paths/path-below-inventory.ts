/** Whether a text that somebody wrote is the path of a file below the inventory: `manifests/calico.yaml`. */
export function isPathBelowInventory(text: string): boolean {
  const isPlain = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/.test(text)
  return isPlain && text.split('/').every((part) => !['.', '..', '.git'].includes(part.toLowerCase()))
}
