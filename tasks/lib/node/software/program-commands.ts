import { quote, quoteAll } from '../../cli/process/quote.ts'
import { membership, recordFolder, seenFolder, stageFolder } from './names.ts'
import { sentName } from './obtain.ts'
import type { Release } from './releases.ts'
import type { ProgramName } from './versions.ts'

/** A program that a machine is to have. */
export interface WantedProgram {
  name: ProgramName
  version: string
  release: Release
  /** Of the release. */
  sha256: string
}

/**
 * Commands that install programs from the archive on stdin. Each program is checked against the digest of its project
 * on the machine too, and takes its place in one step: killed at any moment, each is the old one or the new one, whole.
 */
export function installCommands(
  programs: readonly WantedProgram[],
  { joinsLater }: { joinsLater: boolean },
): string[] {
  return [
    ...(joinsLater
      ? [`if test -e ${membership}; then echo 'it joined a cluster meanwhile' >&2; exit 1; fi`]
      : []),
    `rm -rf -- ${stageFolder} && install -d -m 0700 -- ${stageFolder}`,
    `tar -xf - -C ${stageFolder} --no-same-owner`,
    ...programs.filter(isBare).map(({ release }) => `gunzip -- ${stageFolder}/${quote(sentName(release))}`),
    checkCommand(programs),
    ...programs.map(installCommand),
    ...programs.flatMap(restartCommand),
    `rm -rf -- ${stageFolder}`,
  ]
}

function isBare({ release }: WantedProgram): boolean {
  return release.folder === undefined
}

/** The file of a release, as its project named it. */
function stagedName({ release: { path } }: WantedProgram): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function checkCommand(programs: readonly WantedProgram[]): string {
  const lines = programs.map((program) => `${program.sha256}  ${stagedName(program)}`)
  return `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} | (cd ${stageFolder} && sha256sum -c --strict --quiet -)`
}

// A power cut must not leave a record of files that are not on the disk. Each line ends the script where it fails: && would not.
function installCommand(program: WantedProgram): string {
  const { name, version, sha256, release } = program
  const { to } = release
  return `${unpackCommand(program)}
install -d -m 0755 -- ${to} ${seenFolder}
install -d -m 0700 -- ${recordFolder}
files=
for program in $programs
do install -m 0755 -- "$from/$program" "${to}/.$program.next"
  sync -- "${to}/.$program.next"
  mv -fT -- "${to}/.$program.next" "${to}/$program"
  files="$files ${to}/$program"
done
test -n "$files"
{ echo '# ${name} ${version} ${sha256}'; sha256sum -- $files; } >${recordFolder}/.${name}.next
sync -- ${recordFolder}/.${name}.next
mv -fT -- ${recordFolder}/.${name}.next ${recordFolder}/${name}
stat -c '%s %Y %Z %i %n' -- $files >${seenFolder}/${name}`
}

// A bare program has another name in its release: runc.amd64.
function unpackCommand(program: WantedProgram): string {
  const { name, release } = program
  const from = `${stageFolder}/${name}.files`
  const file = `${stageFolder}/${stagedName(program)}`
  if (release.folder === undefined) {
    const [only] = release.only!
    return `mkdir ${from}\nmv -- ${file} ${from}/${only}\nfrom=${from} programs=${only}`
  }
  const programs = release.only
    ? `'${quoteAll(release.only)}'`
    : `$(cd "$from" && find . -maxdepth 1 -type f -perm -0100 -printf '%f ')`
  const unpack = `tar -xzf ${file} -C ${from} --no-same-owner`
  return `mkdir ${from}\n${unpack}\nfrom=${from}/${release.folder}\nprograms=${programs}`
}

function restartCommand({ name }: WantedProgram): string[] {
  if (name !== 'containerd' && name !== 'kubelet') return []
  return [`if systemctl is-active -q ${name}.service; then systemctl restart ${name}.service; fi`]
}
