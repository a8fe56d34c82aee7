/** Who logs in to a registry of container images, and how. */
export interface RegistryLogin {
  /** "ghcr.io", "registry.example.com:5000". */
  server: string
  username: string
  password: string
  email?: string
}

/** Docker Hub goes by this name in the file, and no other is looked for. */
const dockerHub = 'https://index.docker.io/v1/'

/** The text of .dockerconfigjson, as `kubectl create secret docker-registry` writes it. */
export function dockerConfig({ server, username, password, email }: RegistryLogin): string {
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  const login = { username, password, ...(email && { email }), auth }
  return JSON.stringify({ auths: { [serverName(server)]: login } })
}

function serverName(server: string): string {
  return /^(https:\/\/)?((index|registry-1|registry)\.)?docker\.(io|com)(\/.*)?$|^hub\.docker\.com$/.test(
    server,
  )
    ? dockerHub
    : server
}
