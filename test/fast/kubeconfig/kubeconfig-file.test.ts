import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { changeKubeconfig, defaultKubeconfig } from '../../../src/kubeconfig/kubeconfig-file.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'keel-kubeconfig-'))
})
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('a kubeconfig is changed', () => {
  test('where there is none: folder and file for their owner alone', () => {
    changeKubeconfig(join(home, '.kube/config'), (text) => `was ${text}`)
    expect(readFileSync(join(home, '.kube/config'), 'utf8')).toBe('was undefined')
    expect([modeOf(join(home, '.kube')), modeOf(join(home, '.kube/config'))]).toEqual(['700', '600'])
    expect(readdirSync(join(home, '.kube'))).toEqual(['config'])
  })

  test('open to others before: for its owner alone afterwards', () => {
    writeFileSync(join(home, 'config'), 'old')
    chmodSync(join(home, 'config'), 0o644)
    changeKubeconfig(join(home, 'config'), (text) => `${text} and new`)
    expect([readFileSync(join(home, 'config'), 'utf8'), modeOf(join(home, 'config'))]).toEqual(['old and new', '600'])
  })

  test('through a link: the link stays', () => {
    mkdirSync(join(home, 'dotfiles'))
    writeFileSync(join(home, 'dotfiles/config'), 'old')
    symlinkSync('dotfiles/config', join(home, 'config'))
    changeKubeconfig(join(home, 'config'), () => 'new')
    expect(readFileSync(join(home, 'dotfiles/config'), 'utf8')).toBe('new')
    expect(readdirSync(home).sort()).toEqual(['config', 'dotfiles'])
  })
})

describe('two at once exclude each other', () => {
  const locked = expect.objectContaining({ code: 'kubeconfig-locked', exit: 5 })
  beforeEach(() => {
    for (const folder of ['dotfiles', 'a', 'b']) mkdirSync(join(home, folder))
    writeFileSync(join(home, 'dotfiles/config'), 'old')
    for (const folder of ['a', 'b']) symlinkSync('../dotfiles/config', join(home, folder, 'config'))
  })

  test('two keels through different links to one file', () => {
    changeKubeconfig(join(home, 'a/config'), () => {
      expect(() => changeKubeconfig(join(home, 'b/config'), () => 'b')).toThrow(locked)
      return 'a'
    })
    expect(readFileSync(join(home, 'dotfiles/config'), 'utf8')).toBe('a')
    for (const folder of ['dotfiles', 'a', 'b']) expect(readdirSync(join(home, folder))).toEqual(['config'])
  })

  test('a link among the folders is none to the file', () => {
    symlinkSync('dotfiles', join(home, 'linked'))
    changeKubeconfig(join(home, 'linked/config'), () => 'new')
    changeKubeconfig(join(home, 'linked/other'), () => 'new')
    expect(readdirSync(join(home, 'dotfiles'))).toEqual(['config', 'other'])
  })

  test('keel and kubectl, which locks the link', () => {
    writeFileSync(join(home, 'a/config.lock'), '')
    expect(() => changeKubeconfig(join(home, 'a/config'), () => 'a')).toThrow(locked)
    expect(readdirSync(join(home, 'dotfiles'))).toEqual(['config'])
    rmSync(join(home, 'a/config.lock'))
    changeKubeconfig(join(home, 'a/config'), (text) => {
      expect(existsSync(join(home, 'a/config.lock'))).toBe(true)
      return `${text} and new`
    })
    expect(readFileSync(join(home, 'a/config'), 'utf8')).toBe('old and new')
    expect(readdirSync(join(home, 'a'))).toEqual(['config'])
  })
})

describe('refused, and nothing is changed', () => {
  const changed = () => {
    throw new Error('must not be asked')
  }

  test('while kubectl changes it', () => {
    writeFileSync(join(home, 'config'), 'old')
    writeFileSync(join(home, 'config.lock'), '')
    expect(() => changeKubeconfig(join(home, 'config'), changed)).toThrow(
      expect.objectContaining({ code: 'kubeconfig-locked', exit: 5 }),
    )
    expect(existsSync(join(home, 'config.lock'))).toBe(true)
  })

  test.each([
    ['a folder', (path: string) => mkdirSync(path)],
    ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
  ])('%s', (_what, make) => {
    make(join(home, 'config'))
    expect(() => changeKubeconfig(join(home, 'config'), changed)).toThrow(
      expect.objectContaining({ code: 'kubeconfig-no-file' }),
    )
    expect(readdirSync(home)).toEqual(['config'])
  })

  test('a link to nothing', () => {
    symlinkSync('nowhere/config', join(home, 'config'))
    expect(() => changeKubeconfig(join(home, 'config'), () => 'new')).toThrow(
      expect.objectContaining({ code: 'kubeconfig-no-file' }),
    )
    expect(readdirSync(home)).toEqual(['config'])
  })

  test('what the change refuses', () => {
    writeFileSync(join(home, 'config'), 'old')
    expect(() =>
      changeKubeconfig(join(home, 'config'), () => {
        throw new Error('taken')
      }),
    ).toThrow('taken')
    expect([readFileSync(join(home, 'config'), 'utf8'), readdirSync(home)]).toEqual(['old', ['config']])
  })
})

test('which file it is: the first of KUBECONFIG that is there, the last if none is, ~/.kube/config without it', () => {
  writeFileSync(join(home, 'b'), '')
  expect(defaultKubeconfig({ KUBECONFIG: `:${home}/a:${home}/b:${home}/c` }, home)).toBe(`${home}/b`)
  expect(defaultKubeconfig({ KUBECONFIG: `${home}/a:${home}/c` }, home)).toBe(`${home}/c`)
  expect(defaultKubeconfig({ KUBECONFIG: '' }, home)).toBe(`${home}/.kube/config`)
})
