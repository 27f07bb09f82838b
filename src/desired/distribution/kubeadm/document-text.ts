import type { Json } from '../../../model/cluster.ts'
import { yamlText } from '../../../model/text/yaml-text.ts'

/** Documents for kubeadm as one YAML stream. */
export function documentText(documents: readonly Json[]): string {
  return documents.map((document) => yamlText(document)).join('---\n')
}
