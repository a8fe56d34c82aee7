import { quote } from '../../cli/process/quote.ts'
import { ownPrograms } from '../kubeadm/own-programs.ts'
import { ageOf, type Component, renewedFiles } from './kubeadm-certificates.ts'

export interface StaticPodRestart {
  component: Component
  /** The name of its node. */
  node: string
  /** Waits until the cluster counts it as ready; false where that cannot be, with other certificates still expired. */
  waitsForReady: boolean
  /** It is started anew for its certificates alone: one that was started after they were written stays. */
  forCertificates?: boolean
}

const crictl = 'crictl --runtime-endpoint unix:///run/containerd/containerd.sock'

/**
 * Ends the container of a static pod; the kubelet starts it again by itself, so that nothing is missing whenever this is
 * killed. Waits until another container runs, and is ready. etcd is left alone where one of its other members is not
 * well: without this one too there would be no majority.
 */
export function restartCommands({
  component,
  node,
  waitsForReady,
  forCertificates,
}: StaticPodRestart): string[] {
  const list = `${crictl} ps --quiet --state running --name '^${component}$'`
  return [
    ownPrograms,
    ...(component === 'etcd' && waitsForReady ? [membersAreWell] : []),
    `old=$(${list})`,
    // A kubelet that was just brought back starts it with what is there now.
    ...(forCertificates ? [`if ${isYoung(component)}; then old=; fi`] : []),
    // One that does not answer in time is ended all the same, or the next command says that it was not.
    `if [ -n "$old" ]; then ${crictl} --timeout 120s stop --timeout 30 $old || true; fi`,
    waiting(`new=$(${list}) && [ -n "$new" ] && [ "$new" != "$old" ]`, `${component} is not started again`),
    ...(waitsForReady ? [waiting(isReady(component, node), `${component} is not ready`)] : []),
  ]
}

function isYoung(component: Component): string {
  const files = renewedFiles.filter(({ reader }) => reader === component).map(({ file }) => file)
  const written = `stat -L -c %Y -- ${files.join(' ')} 2>/dev/null | sort -n | tail -n 1`
  return `written=$(${written}); age=$(${ageOf(component)}); [ -n "$age" ] && [ "$(($(date +%s) - age))" -gt "$written" ]`
}

// One that is alone, or that does not answer itself, takes nothing away by being started anew.
const membersAreWell =
  'if etcd endpoint health >/dev/null 2>&1; then etcd endpoint health --cluster >/dev/null; fi'

function isReady(component: Component, node: string): string {
  const selector = `-l component=${component} --field-selector spec.nodeName=${quote(node)}`
  const path = `{.items[*].status.containerStatuses[*].containerID} {.items[*].status.containerStatuses[*].ready}`
  return `[ "$(api -n kube-system get pods ${selector} -o 'jsonpath=${path}' 2>/dev/null)" = "containerd://$new true" ]`
}

// Five minutes: an API server that has much to load takes one of them.
function waiting(condition: string, otherwise: string): string {
  return `tries=0
until ${condition}
do tries=$((tries + 1)); if [ "$tries" -gt 150 ]; then echo '${otherwise}' >&2; exit 1; fi; sleep 2
done`
}
