// Token exchange (RFC 8693): a client that was handed a token gets one of its own, which is never more.
import { description } from './interop.mjs'
import { claims, refusal, refused, soon } from './roles.mjs'

const { audience, scope } = description.jwt
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const handed = (token, more) => ({ subject_token: token.access_token, subject_token_type: ACCESS_TOKEN, ...more })

// The session delegates to the helper, and nobody delegates to the session.
export async function exchanging({ session, helper }, say) {
  const parent = await session.ask()
  const from = claims(parent.access_token)
  const child = await helper.exchange(handed(parent))
  const to = claims(child.access_token)
  const isLine = to.sub === session.id && to.client_id === helper.id && to.act.sub === helper.id && to.anc[0] === from.jti
  const isNoMore = to.exp <= from.exp && to.sid === from.sid && to.aud === audience && to.scope === scope && !child.refresh_token
  say('exchanges a token that it was handed', isLine && isNoMore && child.issued_token_type === ACCESS_TOKEN)

  const own = await helper.exchange(handed(parent, { delegate: 'true' }))
  const renewed = await helper.refresh(own.refresh_token)
  const later = claims(renewed.access_token)
  const goesOn = later.sub === session.id && later.act.sub === helper.id && renewed.refresh_token !== own.refresh_token
  say('goes on with a session that it was lent', goesOn)

  const wider = helper.exchange(handed(parent, { scope: `${scope}-later` }))
  await refused(say, 'more than was handed over', wider, '400 invalid_scope ')
  const elsewhere = helper.exchange(handed(parent, { resource: 'https://archive.example' }))
  await refused(say, 'an exchange for another service', elsewhere, '400 invalid_target target_not_of_subject_token')
  const unasked = session.exchange(handed(await helper.ask()))
  await refused(say, 'an exchange that nobody allowed', unasked, '400 unauthorized_client delegation_not_allowed')

  await session.revoke(parent.refresh_token)
  const lent = [child, renewed].map((token) => token.access_token)
  const isOver = async (text) => !(await helper.introspect(text)).active
  const isTurnedAway = (text) => soon(async () => (await refusal(helper.call(text))) === '401 invalid_token revoked')
  const over = await Promise.all([...lent.map(isOver), ...lent.map(isTurnedAway)])
  say('loses what it was lent with the session', over.every(Boolean), 'at the issuer and at a service')
  await refused(say, 'a session whose lender ended', helper.refresh(renewed.refresh_token), '400 invalid_grant refresh_token_ended')
}

// A bound token is exchanged by whoever has its key, and what comes of it is bound too.
export async function exchangingBound({ holder, keyed, unkeyed, stranger }, say) {
  const parent = await holder.ask()
  const child = claims((await keyed.exchange(handed(parent))).access_token)
  say('exchanges a bound token with its key', child.act.sub === keyed.id && child.cnf.jkt === (await holder.thumbprint()))
  const unproved = '400 invalid_request subject_token_key_not_proved'
  await refused(say, 'a bound token without its key', unkeyed.exchange(handed(parent)), unproved)
  await refused(say, 'a bound token with another key', stranger.exchange(handed(parent)), unproved)
}
