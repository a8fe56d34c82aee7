import type { Finding, Place } from '../../cli/errors.ts'
import type { Action, Planned, Resource } from '../resource.ts'
import { stageFolder } from './names.ts'
import { foreignNote } from './on-our-machines.ts'
import { installCommands, type WantedProgram } from './program-commands.ts'
import { type ProgramState, programProbe, programState } from './program-state.ts'
import type { ReleaseSource } from './release-source.ts'
import { releaseOf } from './releases.ts'
import { type PackedFile, tarStream } from './tar-stream.ts'
import { kubernetesPrograms, type ProgramName } from './versions.ts'

export interface ProgramsOptions {
  versions: Readonly<Record<ProgramName, string>>
  releases: ReleaseSource
  /** Also takes the programs of Kubernetes on a member of a cluster to another version: one step of an upgrade. */
  upgrades?: boolean
  source?: Place
}

/** Programs of official releases, each in that version and unchanged since it was installed; one upload for all. */
export function releasedPrograms(names: readonly ProgramName[], options: ProgramsOptions): Resource {
  return {
    target: `programs ${names.join(', ')}`,
    source: options.source,
    probe: programProbe,
    plan: (answer) => planPrograms(names, { state: programState(answer), options }),
  }
}

function planPrograms(names: readonly ProgramName[], { state, options }: Scene): Planned {
  if (state.isForeign && options.upgrades) return { actions: [blockedAction([foreignUpgrade])] }
  if (state.isForeign) return { actions: [], findings: [foreignNote] }
  if (!state.arch) return { actions: [blockedAction([noReleases(state)])] }
  const kept = names.filter((name) => isKept(name, { state, options }))
  const wanted = names
    .filter((name) => !kept.includes(name))
    .map((name) => wantedProgram(name, { state, options }))
  const missing = wanted.filter((program) => !isInstalled(program, state))
  const findings = kept.length > 0 ? [keptNote(kept, { state, options })] : []
  if (missing.length === 0) return { actions: state.hasLeftOver ? [removeLeftOver] : [], findings }
  const refusals = missing.flatMap(({ release }) => options.releases.refusal(release.path) ?? [])
  if (refusals.length > 0) return { actions: [blockedAction(refusals)], findings }
  return { actions: [installAction(missing, { state, options })], findings }
}

interface Scene {
  state: ProgramState
  options: ProgramsOptions
}

// What runs in a cluster changes its version by an upgrade only: drained, one machine after the other.
function isKept(name: ProgramName, { state, options }: Scene): boolean {
  const isOfKubernetes = (kubernetesPrograms as readonly string[]).includes(name)
  if (!isOfKubernetes || !state.isMember || options.upgrades) return false
  const installed = state.installed.get(name)
  return installed !== undefined && installed.version !== options.versions[name]
}

function wantedProgram(name: ProgramName, { state, options }: Scene): WantedProgram {
  const version = options.versions[name]
  const release = releaseOf(name, { version, arch: state.arch! })
  return { name, version, release, sha256: options.releases.digest(release.path) ?? '' }
}

function isInstalled({ name, version, sha256 }: WantedProgram, { installed }: ProgramState): boolean {
  const found = installed.get(name)
  // Without a digest to compare with, the version has to do: what is there was verified when it came.
  return found?.isWhole === true && found.version === version && (sha256 === '' || found.sha256 === sha256)
}

function installAction(missing: WantedProgram[], { state, options }: Scene): Action {
  const { releases } = options
  const before = missing.flatMap(({ name }) => beforeLine(name, state))
  const bringsKubelet = missing.some(({ name }) => name === 'kubelet')
  return {
    action: before.length > 0 ? 'update' : 'create',
    title: `install ${missing.map(({ name, version }) => `${name} ${version}`).join(', ')}`,
    before,
    after: missing.map(({ name, version }) => `${name} ${version}`),
    commands: installCommands(missing, { joinsLater: bringsKubelet && !state.isMember }),
    notes: [`from ${releases.shown}`],
    input: async (progress = silent) => {
      const files: PackedFile[] = []
      for (const { release } of missing) files.push(await releases.get(release, progress))
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
      progress.say(`sending ${files.length} files, ${(bytes / 1_000_000).toFixed(0)} MB`)
      return () => tarStream(files)
    },
  }
}

const silent = { say: () => {}, signal: new AbortController().signal }

function beforeLine(name: ProgramName, { installed }: ProgramState): string[] {
  const found = installed.get(name)
  return found ? [`${name} ${found.version}${found.isWhole ? '' : ' (its files were changed)'}`] : []
}

function keptNote(kept: ProgramName[], { state, options }: Scene): Finding {
  const version = options.versions[kept[0]!]
  const there = kept.map((name) => `${name} ${state.installed.get(name)!.version}`).join(', ')
  return {
    severity: 'note',
    message: `${there} stays as it is: a member of the cluster goes to ${version} by an upgrade`,
    hint: `tasks cluster:upgrade ${version}`,
  }
}

const foreignUpgrade: Finding = {
  severity: 'error',
  message: 'its programs of Kubernetes were installed by others: how they are upgraded is not known',
  hint: 'where they came from apt: software: { source: packages }; else install the new ones by hand, with { source: none }',
}

const removeLeftOver: Action = {
  action: 'delete',
  title: 'remove what an interrupted installation of programs has left',
  before: [stageFolder],
  commands: [`rm -rf -- ${stageFolder}`],
}

function noReleases({ machine }: ProgramState): Finding {
  const message = `there are no releases for its processor, ${machine}: only for x86_64 and aarch64`
  return {
    severity: 'error',
    message,
    hint: 'install the programs yourself, and set software: { source: none }',
  }
}

function blockedAction([first, ...more]: Finding[]): Action {
  const message = [first!.message, ...more.map((finding) => finding.message)].join('\n')
  return { action: 'create', title: 'install programs', commands: [], blocked: { ...first!, message } }
}
