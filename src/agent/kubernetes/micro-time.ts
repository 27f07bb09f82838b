/** Kubernetes' MicroTime: exactly six digits of a second, in UTC (k8s.io/apimachinery, RFC3339Micro). */
export function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z')
}
