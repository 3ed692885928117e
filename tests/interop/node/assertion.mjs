// private_key_jwt (RFC 7523): a client that signs who it is, with a key that its library made.
import { description } from './interop.mjs'
import { again, claims, refused } from './roles.mjs'

const FAILED = '401 invalid_client client_authentication_failed'

// `signer({ role, key, asserted })` is the client of a role; another key, and a change to the assertion, if they are given.
export async function assertion({ signer, pairOf, roles: { es256, eddsa } }, say) {
  for (const [role, other] of [
    [es256, eddsa],
    [eddsa, es256],
  ]) {
    const own = await signer({ role })
    const token = await own.ask()
    const { client_id } = claims(token.access_token)
    say(`authenticates by ${role.algorithm}`, token.token_type === 'bearer' && client_id === role.id)
    await refused(say, 'an assertion that was used before', () => again(own.sent), '401 invalid_client assertion_replayed')

    const renewed = await own.refresh(token.refresh_token)
    const isKnown = (await own.introspect(renewed.access_token)).active
    await own.revoke(renewed.refresh_token)
    const isOver = !(await own.introspect(renewed.access_token)).active
    say('signs for refresh, introspection and revocation', isKnown && isOver, role.algorithm)

    const asserting = async (change) => (await signer({ role, asserted: (_, payload) => Object.assign(payload, change(payload)) })).ask()
    const elsewhere = asserting(() => ({ aud: `${description.issuer}/oauth2/token` }))
    await refused(say, 'an assertion for an endpoint', elsewhere, '401 invalid_client assertion_audience')
    const several = asserting(({ aud }) => ({ aud: [aud, 'https://elsewhere.example'] }))
    await refused(say, 'an assertion for several', several, '401 invalid_client assertion_audience')
    const long = asserting(({ iat }) => ({ exp: iat + 3600 }))
    await refused(say, 'an assertion that lives for an hour', long, '401 invalid_client assertion_lifetime')
    const nameless = asserting(() => ({ jti: undefined }))
    await refused(say, 'an assertion without a name', nameless, '401 invalid_client assertion_jti')
    const { privateKey } = await pairOf(role.algorithm)
    await refused(say, 'an assertion by another key', (await signer({ role, key: privateKey })).ask(), FAILED)
    await refused(say, "an assertion by another client's key", (await signer({ role, key: other.key })).ask(), FAILED)
  }
}
