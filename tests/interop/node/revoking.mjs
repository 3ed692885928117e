// Revocation and introspection, of access tokens and of refresh tokens; and what a service says that asks nobody.
import { description } from './interop.mjs'
import { claims, refusal, refused, soon } from './roles.mjs'

const { audience, scope } = description.jwt
const REVOKED = '401 invalid_token revoked'

export async function revoking({ session, helper }, say) {
  const token = await session.ask()
  const { sid, jti, exp } = claims(token.access_token)
  const access = await session.introspect(token.access_token)
  const isAccess = access.active && access.jti === jti && access.exp === exp && access.scope === scope && access.aud === audience
  say('introspects an access token', isAccess && access.client_id === session.id)
  const refresh = await session.introspect(token.refresh_token)
  say('introspects a refresh token', refresh.active && refresh.client_id === session.id && refresh.sid === sid && refresh.exp > exp)
  const strangers = await Promise.all([token.access_token, token.refresh_token].map((text) => helper.introspect(text)))
  say('learns nothing about the tokens of others', strangers.every((told) => JSON.stringify(told) === '{"active":false}'))

  const foreign = '400 unauthorized_client token_of_another_client'
  await refused(say, "to revoke another client's access token", helper.revoke(token.access_token), foreign)
  await refused(say, "to revoke another client's refresh token", helper.revoke(token.refresh_token), foreign)
  const answer = await session.call(token.access_token)
  say('calls a service', answer.status === 200 && (await answer.json()).jti === jti)

  const isOver = async (text) => !(await session.introspect(text)).active
  const isTurnedAway = (text) => soon(async () => (await refusal(session.call(text))) === REVOKED)
  await session.revoke(token.access_token)
  const isGone = (await isOver(token.access_token)) && (await isTurnedAway(token.access_token))
  const renewed = await session.refresh(token.refresh_token)
  say('revokes an access token', isGone && (await session.call(renewed.access_token)).status === 200, 'its session goes on')

  await session.revoke(renewed.refresh_token)
  const isEnded = (await isOver(renewed.refresh_token)) && (await isOver(renewed.access_token))
  say('revokes a refresh token', isEnded && (await isTurnedAway(renewed.access_token)), 'its access tokens end with it')
  await refused(say, 'a revoked refresh token', session.refresh(renewed.refresh_token), '400 invalid_grant refresh_token_ended')
}
