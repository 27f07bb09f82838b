import { agentIdentity } from '../../model/keel-agent/agent-identity.ts'
import { stateDirectory } from '../../probes/host/generation.ts'
import { sh } from '../../templates/shell-quote.ts'
import { noteSeen, refuseUnstaged, type Staging, scriptHead, stagingPlaces } from '../host/host-script.ts'

/** What a signature of the host's new key is for (`ssh-keygen -Y sign -n`). */
export const NAMESPACE = 'keel-agent-first-certificate'

/**
 * Makes a key on the host, and proves that the host has it. The key stays there, in the folder of this deploy. By
 * programs that every host with an SSH server has.
 */
export function requestScript({ id }: Pick<Staging, 'id'>, challenge: string): string {
  const { folder, first } = stagingPlaces({ id })
  return [
    scriptHead(),
    sh`mkdir -p -- ${folder}
[ -e ${folder}/connection ] || connection > ${folder}/connection
rm -rf -- ${first}
mkdir -- ${first} || gave_up $? "$PWD/"${first} 4096
ssh-keygen -q -t ecdsa -b 256 -m PKCS8 -N '' -C '' -f ${first}/key < /dev/null || gave_up $? "$PWD/"${first}/key 4096
printf 'proof %s\n' "$(printf '%s' ${challenge} | ssh-keygen -Y sign -n ${NAMESPACE} -f ${first}/key 2>/dev/null | grep -v '^-----' | tr -d '\n')"
rm -f -- ${first}/key.pub`,
  ].join('\n')
}

/** Receives the certificate on stdin, beside the key. */
export function receiveScript({ id }: Pick<Staging, 'id'>): string {
  const { first } = stagingPlaces({ id })
  return [
    scriptHead(),
    sh`[ -f ${first}/key ]
cat > ${first}/certificate || gave_up $? "$PWD/"${first}/certificate 4096
sync -f ${first}`,
  ].join('\n')
}

/**
 * Replaces the pair that the agent has: both paths lead through one link, which one rename replaces, as the agent itself
 * does it (`keepPair`). So they fit whenever the script is cut off.
 * @param questions with them the deploy relies on what it has seen of this host: something else is staged there
 */
export function placePairScript({ id, questions }: Pick<Staging, 'id'> & Partial<Staging>): string {
  const { folder, certificate, key } = { folder: agentIdentity.folder, ...agentIdentity.first }
  const prefix = `.${certificate.slice(folder.length + 1)}-`
  const current = `${prefix}current`
  const name = `${prefix}${id}`
  return [
    scriptHead(),
    ...(questions === undefined ? [] : [refuseUnstaged({ id, questions })]),
    sh`own_folder ${folder} 0700
staged=$PWD/${stagingPlaces({ id }).first}
cd ${folder}
lead() { [ "$(readlink -- "$1")" = "$2" ] || { ln -sfnT -- "$2" "$1.new" && mv -fT -- "$1.new" "$1"; } || gave_up $? ${folder}/"$1" 4096; }
rm -rf -- ${name}
mv -T -- "$staged" ${name} || gave_up $? ${folder}/${name} 4096
sync -f .
lead ${current} ${name}
lead ${key.slice(folder.length + 1)} ${`${current}/key`}
lead ${certificate.slice(folder.length + 1)} ${`${current}/certificate`}
for old in ${prefix}*; do
  [ "$old" = ${current} ] || [ "$old" = ${name} ] || [ -L "$old" ] || rm -rf -- "$old"
done
sync -f .
cd ${stateDirectory}`,
    questions === undefined ? sh`drop_staged ${stagingPlaces({ id }).folder}` : noteSeen({ id, questions }),
  ].join('\n')
}
