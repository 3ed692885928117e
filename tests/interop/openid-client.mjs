// openid-client finds the issuer by its metadata and gets a token.
import * as client from 'openid-client'
import { description, library, secret } from './node/interop.mjs'

const { audience, scope } = description.jwt
const { say } = library('openid-client')

// Both documents are looked for: the one of RFC 8414, and the one of OpenID Connect, which is its default.
const discover = (secret, algorithm) =>
  client.discovery(new URL(description.issuer), description.client_id, secret, undefined, {
    algorithm,
    // The documented way to speak http, which is for loopback alone.
    execute: [client.allowInsecureRequests],
  })
const ask = (configuration) => client.clientCredentialsGrant(configuration, { scope, resource: audience })

for (const algorithm of ['oauth2', 'oidc']) {
  const token = await ask(await discover(secret, algorithm))
  const isOne = token.access_token.length > 0 && token.token_type === 'bearer' && token.expiresIn() > 0 && token.scope === scope
  say('gets a token', isOne, `found by ${algorithm}`)
}

try {
  await ask(await discover(secret.replace(/\d/g, 'x'), 'oauth2'))
  say('is told why', false)
} catch (error) {
  // The library stops at the challenge that every 401 has; the answer is there for whoever wants the word.
  const challenged = error instanceof client.WWWAuthenticateChallengeError && error.cause[0].scheme === 'basic'
  say('is told why', challenged && (await error.response.json()).error === 'invalid_client', 'left to the user: the body')
}
