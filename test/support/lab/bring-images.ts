import type { LabHost } from './lab-host.ts'

/**
 * A host pulls nothing in the lab, so it has to have the images before somebody asks for them.
 * @param images the path of an archive of them
 */
export async function bringImages(host: LabHost, { images }: { readonly images: string }): Promise<void> {
  const path = '/var/tmp/images.tar'
  await host.receive(images, path)
  await host.sh(`ctr --namespace k8s.io images import ${path} >/dev/null && rm ${path}`)
}
