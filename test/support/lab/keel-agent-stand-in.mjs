// A stand-in for the program of the keel-agent, which a later version of keel contains. It serves nobody. Under the
// agent's own unit it uses what that program will use: JavaScript's engine, the configuration, the kubeconfig and the
// files that it names, the API, a TCP port, the folder for its key. It also tries what it must not do. A client of its
// port gets the result of all of it. It has no YAML parser, and finds keys by their lines.
import { generateKeyPairSync } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect, createServer } from 'node:net'

const [option, path] = process.argv.slice(2)
const node = process.env.NODE_NAME
if (option !== '--config' || node === undefined) throw new Error('usage: NODE_NAME=… keel-agent --config FILE')
const { version, kubernetes, operational, listen, log } = JSON.parse(readFileSync(path, 'utf8'))
if (version !== 1) throw new Error(`a configuration of version ${version}`)

const { privateKey } = generateKeyPairSync('ed25519')
writeFileSync(operational.key, privateKey.export({ type: 'pkcs8', format: 'pem' }))

/** What the API says of this agent's own Node; every file is read again each time. */
function ask() {
  const text = readFileSync(kubernetes.kubeconfig, 'utf8')
  const value = (key) => new RegExp(`^ *${key}: (\\S+)$`, 'm').exec(text)?.[1]
  const file = (key) => readFileSync(value(key))
  const credential = { cert: file('client-certificate'), key: file('client-key'), ca: file('certificate-authority') }
  return new Promise((resolve, reject) => {
    const url = `${value('server')}/api/v1/nodes/${node}`
    const asked = request(url, { ...credential, timeout: 2000, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(`${answer.statusCode}`))
    })
    asked.on('timeout', () => asked.destroy(new Error('ETIMEDOUT')))
    asked.on('error', reject).end()
  })
}

/** Which of the files, folders and sockets it gets at, as the mode that it was given says. */
async function reached(paths) {
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

function written(folders) {
  return folders.filter((folder) => {
    try {
      writeFileSync(`${folder}/keel-agent-was-here`, '')
      return true
    } catch {
      return false
    }
  })
}

const say = async (connection) => {
  const api = await ask().catch((error) => error.code ?? error.message)
  connection.end(`${JSON.stringify({ node, api, level: log.level })}\n`)
}
// `reach PATH…` and `write FOLDER…` in one line ask for what it must not; an empty line how it is
createServer((connection) => {
  connection.on('error', () => undefined)
  connection.once('data', async (line) => {
    const [verb, ...paths] = line.toString().trim().split(' ')
    if (verb === 'reach') connection.end(`${JSON.stringify(await reached(paths))}\n`)
    else if (verb === 'write') connection.end(`${JSON.stringify(written(paths))}\n`)
    else await say(connection)
  })
}).listen(listen.port, '::')
