/** Folder of kubeadm's own files. */
export const kubernetesFolder = '/etc/kubernetes'

/** Folder of our records about a node, 0700. */
export const recordFolder = '/etc/kubernetes/metaltasks'

/** There from before a node's `kubeadm init` or `join` until after it: what was begun here is ours to finish. */
export const beginningFile = '/etc/kubernetes/metaltasks/beginning'

/** What kubeadm is told while a node is set up. */
export const kubeadmConfigFile = '/etc/kubernetes/metaltasks/kubeadm.yaml'

/** Names and addresses that serving certificates of kubelets may have, a node on each line. */
export const servingNamesFile = '/etc/kubernetes/metaltasks/serving-names'

/** EncryptionConfiguration of the API server. */
export const encryptionFile = '/etc/kubernetes/enc/config.yaml'

/** AdmissionConfiguration of the API server. */
export const admissionFile = '/etc/kubernetes/admission/config.yaml'

/** Policy of the API server's audit log. */
export const auditPolicyFile = '/etc/kubernetes/audit/policy.yaml'

/** The audit log itself. */
export const auditLogFile = '/var/log/kubernetes/audit/audit.log'

/** The certificate authority of an OpenID Connect issuer. */
export const oidcCaFile = '/etc/kubernetes/oidc/ca.crt'

/** Files that are alike on every control plane, and that kubeadm copies to none. */
export const sharedFiles = [encryptionFile, admissionFile, auditPolicyFile, oidcCaFile] as const

/** Certificates of kubeadm, with their keys. */
export const pkiFolder = '/etc/kubernetes/pki'

/** Kubeconfig of the kubelet: a node that has it is a member of a cluster. */
export const kubeletConfig = '/etc/kubernetes/kubelet.conf'

/** What a kubelet logs in with while it has no certificate. */
export const bootstrapConfig = '/etc/kubernetes/bootstrap-kubelet.conf'

/** With what the kubelet logs in to the API; renewed by it. */
export const kubeletClientCertificate = '/var/lib/kubelet/pki/kubelet-client-current.pem'

/** With what the kubelet answers; renewed by it, and approved each time. */
export const kubeletServerCertificate = '/var/lib/kubelet/pki/kubelet-server-current.pem'

/** Settings of the kubelet, as kubeadm wrote them. */
export const kubeletSettings = '/var/lib/kubelet/config.yaml'

/** Kubeconfig of the cluster's administrator. */
export const adminConfig = '/etc/kubernetes/admin.conf'

/** The administrator that no rule of the cluster can stop; only on a first control plane, until it is set up. */
export const superAdminConfig = '/etc/kubernetes/super-admin.conf'

/** Folder of static pods. */
export const manifestsFolder = '/etc/kubernetes/manifests'

/** Where pod networks say how a container is connected. */
export const cniFolder = '/etc/cni/net.d'

/** Data of etcd. */
export const etcdFolder = '/var/lib/etcd'

/** Client certificate for etcd on hosts of its own: ca.crt, client.crt, client.key. */
export const externalEtcdFolder = '/etc/kubernetes/pki/etcd-external'

/** Says that etcd's data and the authorities here come out of a backup: the cluster is made on top of them. */
export const restoredRecord = '/etc/kubernetes/metaltasks/restored.json'
