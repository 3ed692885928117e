// oauth4webapi finds the issuer by its metadata (RFC 8414) and gets a token.
import * as oauth from 'oauth4webapi'
import { description, library, secret } from './node/interop.mjs'

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
