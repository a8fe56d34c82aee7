import { adminConfig, servingNamesFile } from '../kubeadm/paths.ts'

/** Approves serving certificates of kubelets that ask for nothing but their own names and addresses. */
export const approverProgram = '/usr/local/sbin/serving-certificates-approve'

/** Runs it every minute on each control plane. */
export const approverUnit = 'metaltasks-serving-certificates'

/** What the program reads, and as whom it asks the API. */
export const approverFiles = { names: servingNamesFile, kubeconfig: adminConfig }
