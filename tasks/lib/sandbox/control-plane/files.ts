/** The files of a sandbox, by what they are. */
export function sandboxFiles(directory: string) {
  const at = (name: string) => `${directory}/${name}`
  return {
    etcdData: at('etcd'),
    authority: { certificate: at('pki/ca.crt'), key: at('pki/ca.key') },
    apiServer: { certificate: at('pki/apiserver.crt'), key: at('pki/apiserver.key') },
    etcd: { certificate: at('pki/etcd.crt'), key: at('pki/etcd.key') },
    serviceAccount: { publicKey: at('pki/sa.pub'), privateKey: at('pki/sa.key') },
    kubeconfig: at('kubeconfig'),
    controllerManager: at('controller-manager.kubeconfig'),
    scheduler: at('scheduler.kubeconfig'),
    kwok: at('kwok.kubeconfig'),
    admission: at('admission.json'),
    encryption: at('encryption.json'),
    audit: at('audit-policy.json'),
    auditLog: at('logs/audit.log'),
    egress: at('egress.json'),
    stages: at('stages.yaml'),
    log: (name: string) => at(`logs/${name}.log`),
    pid: (name: string) => at(`run/${name}.pid`),
  }
}
