import { run } from './cli.ts'

/** Makes a network namespace with a bridge: "MARK-bridge". */
export function bridgeScript(mark: string): string {
  const bridge = `ip -n ${mark}-bridge`
  return `ip netns add ${mark}-bridge; ${bridge} link add br0 type bridge forward_delay 0; ${bridge} link set br0 up`
}

/** Connects a namespace to it, at that address. */
export function linkScript(
  mark: string,
  { namespace, address }: { namespace: string; address: string },
): string {
  const port = `p${address.split('.').at(-1)}`
  // The kernel takes links of a namespace that has gone away in its own time.
  return `set -e
ip -n ${mark}-bridge link del ${port} 2>/dev/null || :
ip -n ${namespace} link add eth0 type veth peer name ${port} netns ${mark}-bridge
ip -n ${mark}-bridge link set ${port} master br0 up
ip -n ${namespace} addr add ${address}/24 dev eth0
ip -n ${namespace} link set lo up
ip -n ${namespace} link set eth0 up`
}

/** Runs a script on this host; throws with what it printed when it fails. */
export async function sh(script: string): Promise<string> {
  const ran = await run('sh', ['-c', script])
  if (ran.exitCode !== 0) throw new Error(`${script}\n${ran.stderr}`)
  return ran.stdout
}
