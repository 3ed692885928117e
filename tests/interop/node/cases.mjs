// All that a library tries that can do more than ask for a token.
import { library } from './interop.mjs'
import { assertion } from './assertion.mjs'
import { exchanging, exchangingBound } from './exchanging.mjs'
import { possession } from './possession.mjs'
import { refreshing } from './refreshing.mjs'
import { revoking } from './revoking.mjs'
import { roles } from './roles.mjs'

// `agent({ role, key, asserted, pair, proved })` does as a client what the library can do: `ask`, `refresh`, `exchange`,
// `revoke`, `introspect`, `call` a service, say its `thumbprint`; and it keeps what it `sent`.
export async function cases(name, { agent, pairOf }) {
  const { say } = library(name)
  const known = await roles(name)
  const [session, helper] = await Promise.all([known.session, known.helper].map((role) => agent({ role })))
  const parts = { session, helper }
  await refreshing(parts, say)
  await revoking(parts, say)
  await exchanging(parts, say)
  await assertion({ signer: agent, pairOf, roles: known }, say)
  await possession({ bound: (holder) => agent({ role: known.bound, ...holder }), pairOf }, say)

  const [pair, other] = await Promise.all([pairOf('ES256'), pairOf('ES256')])
  const holder = await agent({ role: known.bound, pair })
  const [keyed, stranger] = await Promise.all([pair, other].map((pair) => agent({ role: known.helper, pair })))
  await exchangingBound({ holder, keyed, unkeyed: helper, stranger }, say)
}
