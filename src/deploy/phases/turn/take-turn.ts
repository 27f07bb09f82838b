import type { HostDeployment } from '../../deployment.ts'

/** From here on the host is being switched, and others wait for it. */
export async function takeTurn({ plan, emit }: HostDeployment): Promise<void> {
  emit({ event: 'phase', host: plan.host, phase: 'activate' })
}
