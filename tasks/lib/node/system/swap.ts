import { quoteAll } from '../../cli/process/quote.ts'
import type { Action, Answer, Resource } from '../resource.ts'
import { answerLines } from './answers.ts'
import { replaceLinesCommands } from './edit-commands.ts'

const fstab = '/etc/fstab'

/** No swap: not in use, not from fstab, and by no unit at the next boot. Lines of fstab stay as comments. */
export function swapOff(): Resource {
  return {
    target: 'swap',
    probe: swapProbe,
    plan: (answer) => ({ actions: swapActions(swapState(answer)) }),
  }
}

// swap.target is what pulls in swap of fstab, of partitions found by their type and of zram-generator.
const swapProbe = `tail -n +2 /proc/swaps | sed 's/^/active /'
test ! -e ${fstab} || grep -E '^[^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap([[:space:]]|$)' ${fstab} | sed 's/^/fstab /'
command -v systemctl >/dev/null || exit 0
echo "target $(systemctl is-enabled swap.target 2>/dev/null)"
echo "zramswap $(systemctl is-enabled zramswap.service 2>/dev/null)"`

interface SwapState {
  devices: string[]
  lines: string[]
  /** systemctl's word for it: "static", "masked". */
  target?: string
  zramswap?: string
}

function swapState(answer: Answer): SwapState {
  const rows = answerLines(answer)
  const after = (word: string) =>
    rows.filter((row) => row.startsWith(`${word} `)).map((row) => row.slice(word.length + 1))
  return {
    devices: after('active').map((row) => unescaped(row.split(/\s/)[0]!)),
    lines: after('fstab'),
    target: after('target')[0],
    zramswap: after('zramswap')[0],
  }
}

// The kernel writes a space as \\040.
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

function swapActions({ devices, lines, target, zramswap }: SwapState): Action[] {
  const actions: Action[] = []
  if (lines.length > 0) actions.push(commentOut([...new Set(lines)]))
  if (zramswap === 'enabled') actions.push(disableZramswap)
  if (target !== undefined && target !== 'masked') actions.push(maskTarget)
  if (devices.length > 0) actions.push(endSwap(devices))
  return actions
}

function commentOut(lines: string[]): Action {
  const commented = new Map(lines.map((line) => [line, `# swap is off: ${line}`]))
  return {
    action: 'update',
    title: `comment out swap in ${fstab}`,
    before: lines,
    after: [...commented.values()],
    commands: replaceLinesCommands(fstab, commented),
  }
}

const disableZramswap: Action = {
  action: 'update',
  title: 'disable zramswap.service',
  before: ['enabled'],
  after: ['disabled'],
  commands: ['systemctl disable --now zramswap.service'],
}

const maskTarget: Action = {
  action: 'update',
  title: 'keep units from starting swap at boot',
  // What it does at the next boot needs nothing read now.
  commands: ['systemctl mask --no-reload swap.target'],
}

function endSwap(devices: string[]): Action {
  return {
    action: 'run',
    title: `end swap on ${devices.join(', ')}`,
    before: devices.map((device) => `${device} in use`),
    commands: [`swapoff -- ${quoteAll(devices)}`],
    notes: ['what is swapped out goes back into memory'],
  }
}
