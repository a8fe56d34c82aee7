import { basename } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import {
  type ClockFacts,
  type Disk,
  type Facts,
  type ModuleState,
  type VolumeGroup,
  wantedModules,
} from './facts.ts'

/** When a script's first word and its last one were here, in milliseconds since 1970 by the clock here. */
export interface Heard {
  beganAt: number
  endedAt: number
}

/** The facts in what the facts script printed. Throws a TaskError where that is something else. */
export function readFacts(stdout: string, heard: Heard): Facts {
  const lines = stdout.split('\n').filter((line) => line.includes('\t'))
  const pairs = lines.map((line): [string, string] => {
    const at = line.indexOf('\t')
    return [line.slice(0, at), line.slice(at + 1).trim()]
  })
  const all = (key: string) => pairs.filter(([name]) => name === key).map(([, value]) => value)
  const one = (key: string): string | undefined => all(key)[0]
  const number = (key: string) => finite(one(key))
  const hostname = one('hostname')
  if (hostname === undefined || all('clock').length !== 2)
    throw new TaskError('the facts of a machine could not be read', {
      hint: 'look what a script prints there: ssh NODE sh -c true',
    })
  const memory = number('memory-kib')
  const cgroup = one('cgroup')
  return {
    hostname,
    machineId: one('machine-id'),
    bootId: one('boot-id'),
    os: { name: one('os') ?? 'Linux', id: one('os-id'), version: one('os-version') },
    kernel: one('kernel') ?? '',
    architecture: one('architecture') ?? '',
    cpus: number('cpus'),
    memoryBytes: memory === undefined ? undefined : memory * 1024,
    swap: all('swap'),
    cgroup: cgroup === undefined ? undefined : cgroup === 'cgroup2fs' ? 2 : 1,
    uptimeSeconds: number('uptime'),
    rebootRequired: one('reboot-required') === 'yes',
    clock: readClock(all('clock'), {
      heard,
      synchronized: one('clock-synchronized'),
      service: one('clock-service'),
    }),
    disks: all('disk').flatMap(readDisk),
    volumeGroups: all('volume-group').flatMap(readGroup),
    modules: readModules({
      loaded: all('module-loaded'),
      builtin: all('module-builtin'),
      files: all('module-dep'),
    }),
    addresses: all('address'),
    users: all('user'),
    runtime: one('runtime') && runtimeText(one('runtime')!),
    kubelet: /v(\d\S*)/.exec(one('kubelet') ?? '')?.[1],
  }
}

interface ClockLines {
  heard: Heard
  synchronized?: string
  service?: string
}

// Both times each word was on its way for a while: the later of the two guesses is nearer, how they differ says how near.
function readClock(lines: string[], { heard, synchronized, service }: ClockLines): ClockFacts {
  const [began, ended] = lines.map((line) => Number(line) * 1000) as [number, number]
  const guesses = [began - heard.beganAt, ended - heard.endedAt]
  return {
    aheadSeconds: Math.round(Math.max(...guesses)) / 1000,
    uncertainSeconds: Math.round(Math.abs(guesses[0]! - guesses[1]!) + 100) / 1000,
    ...(synchronized !== undefined && { isSynchronized: synchronized === 'yes' }),
    ...(service !== undefined && { service }),
  }
}

interface ModuleLines {
  loaded: string[]
  builtin: string[]
  files: string[]
}

function readModules({ loaded, builtin, files }: ModuleLines): Facts['modules'] {
  const named = (paths: string[]) =>
    paths.map((path) =>
      basename(path)
        .replace(/\.ko.*/, '')
        .replaceAll('-', '_'),
    )
  const inUse = [...loaded, ...named(builtin)]
  const there = named(files)
  const state = (name: string): ModuleState =>
    inUse.includes(name) ? 'loaded' : there.includes(name) ? 'available' : 'missing'
  return Object.fromEntries(wantedModules.map((name) => [name, state(name)]))
}

// NAME="sda" SIZE="512110190592" ROTA="0" TYPE="disk" FSTYPE=""
function readDisk(text: string): Disk[] {
  const value = (key: string) => new RegExp(`\\b${key}="([^"]*)"`).exec(text)?.[1] ?? ''
  if (value('TYPE') !== 'disk') return []
  const signature = value('FSTYPE')
  const isRotating = value('ROTA') === '1'
  return [{ name: value('NAME'), bytes: Number(value('SIZE')), isRotating, ...(signature && { signature }) }]
}

function readGroup(text: string): VolumeGroup[] {
  const [name, bytes, freeBytes] = text.split(/\s+/)
  return name && bytes && freeBytes ? [{ name, bytes: Number(bytes), freeBytes: Number(freeBytes) }] : []
}

// "containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1", "Docker version 20.10.24, build 297e128"
function runtimeText(line: string): string {
  const name = line.split(' ')[0]!.toLowerCase()
  const version = /\bv?(\d+\.\d+[^\s,]*)/.exec(line)?.[1]
  return version ? `${name} ${version}` : name
}

function finite(text: string | undefined): number | undefined {
  const value = Number(text)
  return text === undefined || text === '' || !Number.isFinite(value) ? undefined : value
}
