import type { HostState } from '../../desired/host-state.ts'
import type { SecretName } from '../../model/brands.ts'
import type { NixosSystem } from '../../model/cluster.ts'
import { ofNode } from '../../model/distribution/service.ts'
import { byPart } from '../../parts/by-part.ts'
import type { NixosPlacement } from '../../parts/part.ts'
import { generatedText } from '../../templates/generated-text.ts'
import { k3sServiceOf } from '../k3s-service-of.ts'
import type { SystemRendered } from '../rendered.ts'
import { ageSecretNames } from './age-secrets.ts'
import { k3sModule } from './k3s-module.ts'
import { placementsOf } from './placements.ts'
import { keptPath } from './start-scripts.ts'

/** NixOS has one name for both roles. */
const unit = 'k3s.service'

/** HostState → a NixOS host: all that keel says of it is in one module of its system. Pure. */
export function renderNixos(state: HostState, system: NixosSystem): SystemRendered {
  const placements = placementsOf(state)
  return {
    kind: 'system',
    distribution: 'k3s',
    host: state.host,
    role: state.role,
    node: state.node,
    access: state.distribution.access,
    past: state.distribution.past,
    places: state.distribution.places,
    ports: state.distribution.ports,
    services: [{ ...ofNode(state.distribution.services), unit }],
    parts: byPart<'placed'>(({ name }) => placements.find((placement) => placement.name === name)?.placed),
    system,
    version: k3sServiceOf(state).version,
    module: moduleText(state, placements),
    secrets: ageSecretNames(state),
    tokens: Object.values(k3sServiceOf(state).credentialFiles).map((name) => ({
      id: name,
      content: { kind: 'secret', secret: name as SecretName },
      readAtStartBy: unit,
      path: keptPath(name),
    })),
  }
}

/** `hosts/<name>/k3s.nix` as it is on the disk. */
export function moduleText(state: HostState, placements?: readonly NixosPlacement[]): string {
  return generatedText(k3sModule(state, placements))
}
