import { k3sRegistrationPath, splitRegistration } from '../../desired/distribution/k3s/config.ts'
import { joinFile } from '../../desired/distribution/k3s/join-file.ts'
import { registriesId, secretFlagsId } from '../../desired/distribution/k3s/state.ts'
import { generatedYaml } from '../../desired/generated-yaml.ts'
import type { HostState, K3sService, WantedFile, WantedLink } from '../../desired/host-state.ts'
import { ofNode } from '../../model/distribution/service.ts'
import { k3sPaths } from '../../model/k3s/paths.ts'
import { k3sServiceOf } from '../k3s-service-of.ts'

/** What k3s reads, as files: its configuration, how it joins, registries, the inventory's own files and manifests. */
export function k3sFiles(state: HostState): readonly WantedFile[] {
  const { distribution, files, manifests } = state
  const k3s = k3sServiceOf(state)
  const { registration, rest } = splitRegistration(configOf(state))
  const { unit } = ofNode(distribution.services)
  return [
    generatedYaml(k3sPaths.config, rest, { readAtStartBy: unit }),
    ...(Object.keys(registration).length === 0 ? [] : [generatedYaml(k3sRegistrationPath, registration)]),
    ...joinFile(k3s.join, k3s.otherWaysIn, unit),
    ...registriesFile(state),
    ...files,
    ...manifests.map(({ name, content }) => ({
      path: `${k3sPaths.manifests}/${name}`,
      content,
      mode: '0600',
      owner: 'root',
      group: 'root',
    })),
  ]
}

/**
 * k3s reads config.yaml.d/*.yaml through links: the secret flags live in a credential and appear only inside the
 * service.
 */
export function secretFlagLinks(state: HostState): readonly WantedLink[] {
  if (!has(state, secretFlagsId)) return []
  return [
    {
      path: `${k3sPaths.configParts}/90-keel-secrets.yaml`,
      target: credentialPath(state, secretFlagsId),
      readAtStartBy: ofNode(state.distribution.services).unit,
    },
  ]
}

function configOf(state: HostState): K3sService['config'] {
  const { config } = k3sServiceOf(state)
  return has(state, registriesId) ? { ...config, 'private-registry': credentialPath(state, registriesId) } : config
}

function registriesFile(state: HostState): readonly WantedFile[] {
  const { registries } = k3sServiceOf(state)
  if (registries === undefined || has(state, registriesId)) return []
  return [generatedYaml(k3sPaths.registries, registries, { readAtStartBy: ofNode(state.distribution.services).unit })]
}

function has({ distribution: { credentials } }: HostState, wanted: string): boolean {
  return credentials.some(({ id }) => id === wanted)
}

function credentialPath({ distribution }: HostState, id: string): string {
  return `/run/credentials/${ofNode(distribution.services).unit}/${id}`
}
