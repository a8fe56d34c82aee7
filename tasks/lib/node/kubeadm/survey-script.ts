import { sameEverywhere } from '../plan/frame.ts'
import {
  adminConfig,
  beginningFile,
  cniFolder,
  etcdFolder,
  kubeletClientCertificate,
  kubeletConfig,
  kubeletServerCertificate,
  kubeletSettings,
  kubernetesFolder,
  manifestsFolder,
  pkiFolder,
  restoredRecord,
  sharedFiles,
} from './paths.ts'
import { rosterFunctions } from './roster.ts'
import { traces } from './traces.ts'

const kubeletCertificates = [kubeletClientCertificate, kubeletServerCertificate]

/** What else is asked. */
export interface Asked {
  /** Whom its cluster knows; up to 20 seconds where its API server or etcd hang. */
  roster?: boolean
}

/**
 * Prints the state as lines of a key, a tab and a value; a key may come several times, what is not there does not come,
 * and the last line is "whole". Reads only, and no private key: certificates come as base64 of their PEM.
 */
export function surveyScript({ roster = false }: Asked = {}): string {
  return `${sameEverywhere}
say() { [ -z "$2" ] || printf '%s\\t%s\\n' "$1" "$2"; }
has() { command -v "$1" >/dev/null 2>&1; }
pem() { sed -n '/-BEGIN CERTIFICATE-/,/-END CERTIFICATE-/p' "$1" | base64 -w0; }
flag() { [ ! -e "$2" ] || sed -n "s/^ *- --$1=//p" "$2" | head -n 1; }
value() { sed -n "s/^ *$1: *//p" "$2" | tr -d '"' | head -n 1; }
[ ! -e ${beginningFile} ] || say begun "$(head -n 1 ${beginningFile})"
[ ! -e ${restoredRecord} ] || say restored yes
for file in ${traces.join(' ')}; do [ ! -e "$file" ] || say trace "$file"; done
if [ -e ${kubeletConfig} ]; then
  say server "$(value server ${kubeletConfig})"
  say kubelet-ca "$(value certificate-authority-data ${kubeletConfig})"
fi
[ ! -e ${pkiFolder}/ca.crt ] || say ca "$(pem ${pkiFolder}/ca.crt)"
[ ! -e ${etcdFolder}/member ] || say etcd-data yes
if has kubelet; then say kubelet "$(kubelet --version 2>/dev/null)"; fi
if has kubeadm; then say kubeadm "$(kubeadm version -o short 2>/dev/null)"; fi
if has containerd; then say containerd "$(containerd --version 2>/dev/null)"; fi
for name in kube-apiserver etcd; do
  manifest=${manifestsFolder}/$name.yaml
  [ ! -e "$manifest" ] || say "$name-image" "$(value image "$manifest")"
done
say podSubnet "$(flag cluster-cidr ${manifestsFolder}/kube-controller-manager.yaml)"
say serviceSubnet "$(flag service-cluster-ip-range ${manifestsFolder}/kube-apiserver.yaml)"
[ ! -e ${kubeletSettings} ] || say dnsDomain "$(value clusterDomain ${kubeletSettings})"
for file in ${cniFolder}/*; do [ ! -f "$file" ] || say cni "$file"; done
if [ ! -e ${manifestsFolder}/etcd.yaml ] && has etcd; then say etcd "$(etcd --version 2>/dev/null | head -n 1)"; fi
for file in ${pkiFolder}/*.crt ${pkiFolder}/etcd/*.crt ${pkiFolder}/etcd-external/*.crt ${kubeletCertificates.join(' ')}; do
  [ ! -e "$file" ] || say certificate "$file $(pem "$file")"
done
for file in ${kubernetesFolder}/*.conf; do
  [ ! -e "$file" ] || say certificate "$file $(value client-certificate-data "$file")"
done
for file in ${sharedFiles.join(' ')}; do [ ! -e "$file" ] || say file "$(sha256sum <"$file" | cut -d' ' -f1) $file"; done
if systemctl is-active -q kubelet 2>/dev/null; then say kubelet-active yes; fi
for target in 192.0.2.1 2001:db8::1; do
  if has ip; then say route "$(ip -o route get "$target" 2>/dev/null)"; fi
done
${roster ? sayRoster : ''}
echo whole
`
}

const sayRoster = `if [ -s ${adminConfig} ]; then
  ${rosterFunctions}
  for line in $(nodes 2>/dev/null; members 2>/dev/null); do say roster "$line"; done
fi`
