// Makes a key pair with the library, before its client is registered: `node keys.mjs <folder> <name> <algorithm>`.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair } from 'oauth4webapi'

const [folder, name, algorithm] = process.argv.slice(2)
const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
for (const [half, key] of Object.entries({ private: privateKey, public: publicKey })) {
  await writeFile(join(folder, `${name}.${half}`), JSON.stringify(await crypto.subtle.exportKey('jwk', key)), { mode: 0o600 })
}
