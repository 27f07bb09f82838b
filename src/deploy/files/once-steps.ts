import type { OnceStep } from '../../model/distribution/once-step.ts'
import { hasOperation } from '../../plan/operation.ts'
import type { FilesDeployment } from './files-deployment.ts'

type Planned = Pick<FilesDeployment, 'plan' | 'rendered'>

/** The steps of a host that its plan has. */
export function stepsDue({ plan, rendered }: Planned): readonly OnceStep[] {
  return rendered.once.filter(({ kind }) => hasOperation(plan.operations, kind))
}

/** What its script reads on stdin: a base64 line for each value. */
export async function stepInput(step: OnceStep, { readSecret, redactor }: FilesDeployment): Promise<string> {
  switch (step.kind) {
    case 'place-ca': {
      const bytes = await readSecret(step.key)
      redactor.remember(bytes)
      return `${Buffer.from(bytes).toString('base64')}\n${Buffer.from(step.certificatePem).toString('base64')}\n`
    }
  }
}
