// Refresh: a session goes on, whatever its client lost or however many workers share it.
import { description } from './interop.mjs'
import { claims, refused } from './roles.mjs'

const { scope } = description.jwt
const WORKERS = 16

export async function refreshing({ session, helper }, say) {
  const first = await session.ask()
  const second = await session.refresh(first.refresh_token)
  const [before, after] = [first, second].map((token) => claims(token.access_token))
  const goesOn = second.refresh_token !== first.refresh_token && after.jti !== before.jti && after.sid === before.sid
  const isWhole = second.scope === scope && second.expires_in > 0 && second.expires_at === after.exp && second.refresh_expires_at > after.exp
  say('refreshes its session', goesOn && isWhole)

  const lost = await session.refresh(first.refresh_token)
  say('refreshes again after an answer was lost', lost.refresh_token === second.refresh_token)

  const workers = await Promise.all(Array.from({ length: WORKERS }, () => session.refresh(second.refresh_token)))
  const [newest, ...others] = new Set(workers.map((token) => token.refresh_token))
  const straggler = await session.refresh(first.refresh_token)
  const isOne = others.length === 0 && newest !== second.refresh_token && straggler.refresh_token === newest
  say('shares its session among workers', isOne, `${WORKERS} at once, and one that comes late`)

  const slip = newest.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  await refused(say, 'a refresh token with a slip in it', session.refresh(slip), '400 invalid_grant refresh_token_checksum')
  await refused(say, "another client's refresh token", helper.refresh(newest), '400 invalid_grant refresh_token_other_client')
  await refused(say, 'a scope beyond the session', session.refresh(newest, { scope: `${scope}-later` }), '400 invalid_scope ')
  say('refreshes after refusals', (await session.refresh(newest)).refresh_token !== newest)
}
