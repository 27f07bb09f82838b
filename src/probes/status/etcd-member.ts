import * as z from 'zod'
import type { Access } from '../../model/distribution/access.ts'
import { type Probe, rows } from '../../model/probe.ts'
import { jsonText } from '../../model/text/json-text.ts'
import { sh } from '../../templates/shell-quote.ts'

/** What a server says of its own part of the cluster's etcd. */
export interface EtcdMember {
  /** It has etcd's data, so it should be a member. */
  readonly hasData: boolean
  /** etcd's own word. Absent where it does not answer. */
  readonly healthy?: boolean
}

/**
 * Bash: `etcd_plain PATH` asks etcd on the port for its metrics, which has no encryption and is on loopback
 * (etcd.io/docs/v3.6/op-guide/monitoring). So no program has to start that can do TLS.
 */
export const etcdPlain = ({ health: { host, port } }: Access['etcd']) =>
  sh`etcd_plain() { timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2" && printf "GET %s HTTP/1.0\\r\\n\\r\\n" "$3" >&3 && exec cat <&3' - ${host} ${port} "$1" 2>/dev/null; }`

/** Whether etcd is healthy, and has anything to be healthy with. */
export const etcdMember: Probe<Access['etcd'], EtcdMember> = {
  name: 'etcd-member',
  script: (etcd) => `${etcdPlain(etcd)}
${sh`if [ -d ${etcd.data} ]; then
  printf 'data\\tyes\\n'
  IFS= read -r -N 4096 answer < <(etcd_plain /health) || :
  answer=\${answer##*$'\\n'}
  printf 'health\\t%s\\n' "\${answer//$'\\t'/}"
fi`}`,
  parse: (stdout) => {
    const found = new Map(rows(stdout).map(([key = '', value = '']) => [key, value]))
    const health = answer.safeParse(found.get('health')).data
    return { hasData: found.get('data') === 'yes', ...(health === undefined ? {} : { healthy: health === 'true' }) }
  },
}

const answer = jsonText.pipe(z.object({ health: z.string() })).transform(({ health }) => health)
