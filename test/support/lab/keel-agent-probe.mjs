// What a program reaches under the keel-agent's own unit: run in its place, by the same node, with the same settings.
// `api` asks the API for the agent's own Node with what its kubeconfig names; it has no YAML parser, and finds keys by
// their lines. `reach PATH…` and `write FOLDER…` try what the agent must not do, and print where they were let in.
import { lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:net'

const [verb, ...paths] = process.argv.slice(2)

/** What the API says of this agent's own Node. */
function ask() {
  const text = readFileSync('/etc/keel/kubeconfig', 'utf8')
  const value = (key) => new RegExp(`^ *${key}: (\\S+)$`, 'm').exec(text)?.[1]
  const file = (key) => readFileSync(value(key))
  const credential = { cert: file('client-certificate'), key: file('client-key'), ca: file('certificate-authority') }
  return new Promise((resolve) => {
    const url = `${value('server')}/api/v1/nodes/${process.env.NODE_NAME}`
    const asked = request(url, { ...credential, timeout: 2000, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(`${answer.statusCode}`))
    })
    asked.on('timeout', () => asked.destroy(new Error('ETIMEDOUT')))
    asked.on('error', (error) => resolve(error.code ?? error.message)).end()
  })
}

/** Which of the files, folders and sockets it gets at, as the mode that it was given says. */
async function reached() {
  const got = await Promise.all(
    paths.map(async (one) => {
      try {
        const stat = lstatSync(one)
        if (stat.isDirectory()) readdirSync(one)
        else if (stat.isSocket()) await connected(one)
        else readFileSync(one)
        return [one]
      } catch {
        return []
      }
    }),
  )
  return got.flat()
}

function connected(socket) {
  return new Promise((resolve, reject) => {
    const connection = connect(socket, () => resolve(connection.destroy()))
    connection.on('error', reject)
  })
}

function written() {
  return paths.filter((folder) => {
    try {
      writeFileSync(`${folder}/keel-agent-was-here`, '')
      rmSync(`${folder}/keel-agent-was-here`)
      return true
    } catch {
      return false
    }
  })
}

const verbs = { api: ask, reach: reached, write: written }
process.stdout.write(JSON.stringify(await verbs[verb]()))
