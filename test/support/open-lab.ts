import { openLab } from './lab.ts'

// A run of its own, to be killed: opens a lab with one machine and says where. Usage: open-lab NAME
const lab = await openLab({ machines: [{ name: process.argv[2]! }] })
console.log(JSON.stringify({ namespace: lab.namespace, folder: lab.folder }))
setInterval(() => {}, 60_000)
