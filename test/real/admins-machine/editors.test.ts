import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CompletionList, Diagnostic, Hover } from 'vscode-languageserver-protocol'
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver-protocol/node'
import { newInventoryFiles } from '../../../src/commands/init/new-inventory.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { makeVariant } from '../../fast/inventory/variant.ts'

const ADA = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOTEhgQ0JyMix4eNZu4mWRe3AP0cI+UTKj7IpgcnvlR0'

/** The editors' own servers, over an inventory without a node_modules. */

describe('a YAML file, in yaml-language-server', () => {
  test('offers keys and their descriptions, and marks what is wrong', async () => {
    const text =
      '# yaml-language-server: $schema=../../.keel/host.json\nos: debian\nrole: agent\naddress: root@10.0.0.2\nk3s: { kublet-arg: [] }\n'
    const directory = makeVariant({ form: 'yaml' })
    await loadInventory(directory)
    writeFileSync(join(directory, 'hosts/b/host.yaml'), text)
    const { offered, hover, marked } = await askYamlServer(directory, 'hosts/b/host.yaml', text)
    expect(offered).toEqual(expect.arrayContaining(['hostKey', 'nodeIP', 'labels', 'taints', 'registries']))
    expect(offered).not.toContain('os')
    expect(hover).toContain('its SSH address')
    expect(marked).toMatchObject([
      { message: expect.stringContaining('kublet-arg'), range: { start: { line: 4, character: 7 } } },
    ])
  })
})

async function askYamlServer(directory: string, file: string, text: string) {
  const server = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server')
  const child = spawn(process.execPath, [server, '--stdio'], { cwd: directory, stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill())
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  )
  const uri = pathToFileURL(join(directory, file)).href
  const diagnosed = new Promise<Diagnostic[]>((resolve) => {
    connection.onNotification('textDocument/publishDiagnostics', ({ diagnostics }: { diagnostics: Diagnostic[] }) =>
      resolve(diagnostics),
    )
  })
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => ({})))
  connection.onRequest('client/registerCapability', () => null)
  connection.listen()
  const rootUri = pathToFileURL(directory).href
  await connection.sendRequest('initialize', { processId: process.pid, rootUri, capabilities: {} })
  await connection.sendNotification('initialized', {})
  const settings = { yaml: { validate: true, completion: true, hover: true, schemaStore: { enable: false } } }
  await connection.sendNotification('workspace/didChangeConfiguration', { settings })
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'yaml', version: 1, text },
  })
  const at = (line: number, character: number) => ({ textDocument: { uri }, position: { line, character } })
  const list: CompletionList = await connection.sendRequest(
    'textDocument/completion',
    at(text.split('\n').length - 1, 0),
  )
  const hover: Hover = await connection.sendRequest('textDocument/hover', at(3, 2))
  return {
    offered: list.items.map(({ label }) => label),
    hover: JSON.stringify(hover.contents),
    marked: await diagnosed,
  }
}

describe('a TypeScript file, in TypeScript itself', () => {
  test('of an inventory that init made has no fault', async () => {
    const { file, text } = await newInventory()
    expect(errorsOf(file, text)).toEqual([])
  })

  test.for([
    ["  role: 'agent',", "  role: 'worker',", `Type '"worker"' is not assignable`],
    ["  role: 'agent',", "  role: 'agent',\n  lables: {},", "'lables' does not exist"],
    ["  role: 'agent',", "  role: 'agent',\n  k3s: { 'kublet-arg': [] },", "'kublet-arg'"],
    [
      "  role: 'agent',",
      "  role: 'agent',\n  k3s: { 'vpn-auth': 'x' },",
      "Type 'string' is not assignable to type 'SecretRefInput'",
    ],
    ["  role: 'agent',\n", '', "Property 'role' is missing"],
  ] as const)('marks %j → %j', async ([from, to, message]) => {
    const { file, text } = await newInventory()
    expect(errorsOf(file, text.replace(from, to)).join('\n')).toContain(message)
  })

  test('offers keys and their descriptions', async () => {
    const { file, text: before } = await newInventory()
    const text = before.replace("  role: 'agent',", "  role: 'agent',\n  ")
    const service = serviceFor(file, text)
    const at = text.indexOf("'agent',\n  ") + "'agent',\n  ".length
    const names = service.getCompletionsAtPosition(file, at, undefined)?.entries.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['nodeIP', 'labels', 'k3s', 'registries']))
    const info = service.getQuickInfoAtPosition(file, text.indexOf('address'))
    expect(ts.displayPartsToString(info?.documentation)).toContain('its SSH address')
  })
})

function errorsOf(file: string, text: string): string[] {
  const service = serviceFor(file, text)
  return [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  )
}

function serviceFor(file: string, text: string): ts.LanguageService {
  const directory = join(file, '../../..')
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined }
  const config = ts.getParsedCommandLineOfConfigFile(join(directory, 'tsconfig.json'), {}, host)
  return ts.createLanguageService({
    getCompilationSettings: () => config?.options ?? {},
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => ts.ScriptSnapshot.fromString(path === file ? text : (ts.sys.readFile(path) ?? '')),
    getCurrentDirectory: () => directory,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  })
}

/** What `keel init` writes for two hosts, and what keel then puts beside it. */
async function newInventory(): Promise<{ readonly file: string; readonly text: string }> {
  const host = { os: 'debian', address: 'root@10.0.0.2' } as const
  const hosts = new Map([
    ['a', { ...host, role: 'server' as const }],
    ['b', { ...host, role: 'agent' as const, address: 'root@10.0.0.3' }],
  ])
  const files = newInventoryFiles({ name: 'x', version: 'v1.36.3+k3s1', admins: { ada: ADA }, hosts })
  const directory = makeVariant({ write: { 'hosts/c/host.ts': null, ...Object.fromEntries(files) } })
  await loadInventory(directory)
  const file = join(directory, 'hosts/b/host.ts')
  return { file, text: readFileSync(file, 'utf8') }
}
