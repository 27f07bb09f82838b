import { type LabOf, readLab } from '../../../src/lab/description.ts'

/** The description of a lab that is for k3s. */
export async function readK3sLab(name: string, env = process.env): Promise<LabOf<'k3s'>> {
  const lab = await readLab(name, env)
  if (lab.distribution !== 'k3s') throw new Error(`lab ${name} is for ${lab.distribution}`)
  return lab
}
