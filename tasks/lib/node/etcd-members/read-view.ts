import { TaskError } from '../../cli/errors.ts'
import { type EtcdAccess, etcdctl, etcdctlLogin } from './access.ts'
import type { EtcdMember, EtcdView, MemberAnswer } from './member.ts'

/** How often each member is asked, and the pause between. */
export interface Probing {
  times?: number
  pauseSeconds?: number
}

/**
 * The members of etcd and how each of them answers, several times over some seconds. A TaskError where not even one
 * member gives the list.
 */
export async function readEtcd(
  access: EtcdAccess,
  { signal, ...probing }: Probing & { signal?: AbortSignal } = {},
): Promise<EtcdView> {
  const { machine } = access
  const title = 'ask for the members of etcd'
  const script = viewScript(access, probing)
  const options = { title, signal, allowFailure: true, timeoutSeconds: 300 }
  const { stdout, stderr, exitCode } = await machine.run(script, options)
  if (exitCode === 127)
    throw new TaskError(`${machine.label} has no etcdctl`, {
      hint: `tasks install --only node-software, or install it on ${machine.label} from the release of etcd`,
    })
  if (exitCode !== 0)
    throw new TaskError(
      `${machine.label}: etcd at ${access.endpoint} does not answer: ${lastWords(stderr)}`,
      {
        hint: `look at it on ${machine.label}: crictl ps -a --name etcd`,
      },
    )
  return readView(stdout)
}

/**
 * Reads only: the list as a majority has it, else as one member has it, then the status of each, again and again. All
 * are asked side by side and no round waits for another, so members that are gone cost their time once.
 */
export function viewScript(access: EtcdAccess, { times = 3, pauseSeconds = 2 }: Probing = {}): string {
  const ask = etcdctl(access)
  const each = etcdctlLogin(access, 4)
  return [
    'command -v etcdctl >/dev/null || exit 127',
    `if list=$(${ask} member list -w json 2>/dev/null); then echo quorum`,
    `else list=$(${ask} member list --consistency=s -w json) || exit 1; fi`,
    'printf "members %s\\n" "$list"',
    `at=$(printf %s "$list" | grep -o '"clientURLs":\\["[^"]*"' | cut -d'"' -f4)`,
    `echo rounds ${times}`,
    'round=0',
    `while [ "$round" -lt ${times} ]; do`,
    `  [ "$round" -eq 0 ] || sleep ${pauseSeconds}`,
    '  round=$((round + 1))',
    '  for one in $at; do',
    `    printf "status $round %s\\n" "$(${each} --endpoints="$one" endpoint status -w json 2>/dev/null)" &`,
    '  done',
    'done',
    'wait',
    'echo end',
  ].join('\n')
}

/** What the script printed; an answer that was cut off is an error. */
export function readView(stdout: string): EtcdView {
  const lines = stdout.split('\n').filter(Boolean)
  const after = (word: string) => lines.find((line) => line.startsWith(word))?.slice(word.length)
  const list = after('members ')
  const rounds = Number(after('rounds '))
  if (!list || !rounds || lines.at(-1) !== 'end')
    throw new TaskError('what etcd answered was cut off', hintAgain)
  const { members = [] } = parse<{ members?: ListedMember[] }>(list)
  const probes = Array.from({ length: rounds }, (_, index) => answersOf(lines, `status ${index + 1} `))
  return { hasQuorum: lines.includes('quorum'), members: members.map((one) => memberOf(one, probes)) }
}

const hintAgain = { hint: 'run the same command again' }

interface ListedMember {
  ID: string | number
  name?: string
  peerURLs?: string[]
  clientURLs?: string[]
  isLearner?: boolean
}

interface EndpointStatus {
  Status: {
    header: { member_id: string | number }
    version?: string
    dbSize?: number
    leader?: string | number
    errors?: string[]
  }
}

function memberOf(
  { ID, name, peerURLs = [], clientURLs = [], isLearner = false }: ListedMember,
  probes: Map<string, MemberAnswer>[],
): EtcdMember {
  const id = hexadecimal(ID)
  const answers = probes.map((probe) => probe.get(id))
  return { id, ...(name && { name }), peerUrls: peerURLs, clientUrls: clientURLs, isLearner, answers }
}

// Each answer carries the id of the member that gave it: two at one address cannot be taken for each other.
function answersOf(lines: string[], round: string): Map<string, MemberAnswer> {
  const texts = lines.filter((line) => line.startsWith(round)).map((line) => line.slice(round.length).trim())
  // Where a member does not answer it prints null, or nothing.
  const all = texts.flatMap((text) => (text && parse<EndpointStatus[] | null>(text)) || [])
  return new Map(
    all.map(({ Status: { header, version = '', dbSize = 0, leader, errors = [] } }) => {
      const id = hexadecimal(header.member_id)
      const hasLeader = leader !== undefined && !errors.some((error) => error.includes('no leader'))
      return [
        id,
        { version, bytes: dbSize, hasLeader, isLeader: hasLeader && hexadecimal(leader) === id, errors },
      ]
    }),
  )
}

// Ids have 64 bits, more than a number holds: they are read as text.
function parse<T>(text: string): T {
  try {
    return JSON.parse(
      text.replace(/("(?:[^"\\]|\\.)*")|(-?\d{16,})/g, (_, string, id) => string ?? `"${id}"`),
    ) as T
  } catch (cause) {
    throw new TaskError('what etcdctl printed is not JSON', { ...hintAgain, cause })
  }
}

function hexadecimal(id: string | number): string {
  return BigInt(id).toString(16)
}

function lastWords(stderr: string): string {
  return stderr.trim().split('\n').slice(-2).join(' ').slice(-300) || 'it said nothing'
}
