// openid-client finds the issuer by its metadata, gets a token, and does the rest of what it can.
import * as client from 'openid-client'
import { cases } from './node/cases.mjs'
import { TOKEN_EXCHANGE } from './node/exchanging.mjs'
import { description, library, secret } from './node/interop.mjs'
import { recorder } from './node/roles.mjs'

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

// Everything else it does as clients of its own.
const pairOf = (algorithm) => client.randomDPoPKeyPair(algorithm)
const server = (await discover(secret, 'oauth2')).serverMetadata()

async function agent({ role, key = role.key, asserted, pair, proved }) {
  const modified = (change) => change && { [client.modifyAssertion]: change }
  const authentication = key ? client.PrivateKeyJwt(key, modified(asserted)) : client.ClientSecretPost(role.secret)
  const configuration = new client.Configuration(server, role.id, undefined, authentication)
  client.allowInsecureRequests(configuration)
  const { sent, send } = recorder()
  configuration[client.customFetch] = send
  const DPoP = pair && client.getDPoPHandle(configuration, pair, modified(proved))
  return {
    id: role.id,
    sent,
    ask: () => client.clientCredentialsGrant(configuration, { scope, resource: audience }, { DPoP }),
    refresh: (token, parameters) => client.refreshTokenGrant(configuration, token, parameters, { DPoP }),
    exchange: (parameters) => client.genericGrantRequest(configuration, TOKEN_EXCHANGE, parameters, { DPoP }),
    revoke: (token) => client.tokenRevocation(configuration, token),
    introspect: (token) => client.tokenIntrospection(configuration, token),
    call: (token) =>
      client.fetchProtectedResource(configuration, token, new URL(description.service), 'GET', undefined, undefined, { DPoP }),
    thumbprint: () => DPoP.calculateThumbprint(),
  }
}

await cases('openid-client', { agent, pairOf })
