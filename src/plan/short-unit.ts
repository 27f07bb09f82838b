/** `k3s` for `k3s.service`, as systemctl takes it, too. */
export function shortUnit(unit: string): string {
  return unit.replace(/\.service$/, '')
}
