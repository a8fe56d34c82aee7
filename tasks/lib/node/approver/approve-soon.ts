import { quote } from '../../cli/process/quote.ts'
import { kubectl } from '../kubeadm/tokens.ts'
import { approverUnit } from './names.ts'

/** On a control plane: starts the approver as soon as that node has asked; where it takes longer the timer does. */
export function approveSoon(node: string): string {
  return `for try in 1 2 3 4 5 6 7 8 9 10; do
  ${asked} | grep -qxF ${quote(`system:node:${node}`)} && break
  sleep 2
done
systemctl start ${approverUnit}.service`
}

const asked = `${kubectl} get certificatesigningrequests --field-selector spec.signerName=kubernetes.io/kubelet-serving -o 'jsonpath={range .items[*]}{.spec.username}{"\\n"}{end}'`
