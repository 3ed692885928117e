// oauth4webapi finds the issuer by its metadata (RFC 8414), gets a token, and does the rest of what it can.
import * as oauth from 'oauth4webapi'
import { cases } from './node/cases.mjs'
import { TOKEN_EXCHANGE } from './node/exchanging.mjs'
import { description, library, secret } from './node/interop.mjs'
import { recorder } from './node/roles.mjs'

const { audience, scope } = description.jwt
const { say } = library('oauth4webapi')
// The documented way to speak http, which is for loopback alone.
const insecure = { [oauth.allowInsecureRequests]: true }
const issuer = new URL(description.issuer)
const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
const server = await oauth.processDiscoveryResponse(issuer, found)
const client = { client_id: description.client_id }

async function ask(authentication) {
  const parameters = new URLSearchParams({ scope, resource: audience })
  const answer = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, insecure)
  return oauth.processClientCredentialsResponse(server, client, answer)
}

for (const method of [oauth.ClientSecretPost, oauth.ClientSecretBasic]) {
  const token = await ask(method(secret))
  const isOne = token.access_token.length > 0 && token.token_type === 'bearer' && token.expires_in > 0 && token.scope === scope
  say('gets a token', isOne, method === oauth.ClientSecretPost ? 'client_secret_post' : 'client_secret_basic')
}

try {
  await ask(oauth.ClientSecretBasic(secret.replace(/\d/g, 'x')))
  say('is told why', false)
} catch (error) {
  // The library stops at the challenge that every 401 has; the answer is there for whoever wants the word.
  const challenged = error instanceof oauth.WWWAuthenticateChallengeError && error.cause[0].scheme === 'basic'
  say('is told why', challenged && (await error.response.json()).error === 'invalid_client', 'left to the user: the body')
}

// Everything else it does as clients of its own.
const pairOf = (algorithm) => oauth.generateKeyPair(algorithm)

async function agent({ role, key = role.key, asserted, pair, proved }) {
  const me = { client_id: role.id }
  const modified = (change) => change && { [oauth.modifyAssertion]: change }
  const authentication = key ? oauth.PrivateKeyJwt(key, modified(asserted)) : oauth.ClientSecretBasic(role.secret)
  const { sent, send } = recorder()
  const DPoP = pair && oauth.DPoP(me, pair, modified(proved))
  const options = { ...insecure, [oauth.customFetch]: send, DPoP }
  // Once more with the nonce that the first answer told, as its documentation has it.
  const withNonce = (attempt) => attempt().catch((error) => (oauth.isDPoPNonceError(error) ? attempt() : Promise.reject(error)))
  return {
    id: role.id,
    sent,
    ask: () =>
      withNonce(async () => {
        const answer = await oauth.clientCredentialsGrantRequest(server, me, authentication, { scope, resource: audience }, options)
        return oauth.processClientCredentialsResponse(server, me, answer)
      }),
    refresh: (token, additionalParameters) =>
      withNonce(async () => {
        const answer = await oauth.refreshTokenGrantRequest(server, me, authentication, token, { ...options, additionalParameters })
        return oauth.processRefreshTokenResponse(server, me, answer)
      }),
    exchange: (parameters) =>
      withNonce(async () => {
        const answer = await oauth.genericTokenEndpointRequest(server, me, authentication, TOKEN_EXCHANGE, parameters, options)
        return oauth.processGenericTokenEndpointResponse(server, me, answer)
      }),
    revoke: async (token) => oauth.processRevocationResponse(await oauth.revocationRequest(server, me, authentication, token, options)),
    introspect: async (token) =>
      oauth.processIntrospectionResponse(server, me, await oauth.introspectionRequest(server, me, authentication, token, options)),
    call: (token) =>
      withNonce(() => oauth.protectedResourceRequest(token, 'GET', new URL(description.service), undefined, undefined, options)),
    thumbprint: () => DPoP.calculateThumbprint(),
  }
}

await cases('oauth4webapi', { agent, pairOf })
