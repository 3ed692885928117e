// jose takes its turns: it signs and verifies what it is told, one after the other, and says how many nanoseconds
// that took.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { importJWK, jwtVerify, SignJWT } from "jose";

const { version } = createRequire(import.meta.url)("jose/package.json");
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { key, issuer, audience, claims, tokens } = JSON.parse((await lines.next()).value);
const { d, ...open } = key;
const [secretKey, publicKey] = [await importJWK(key, "EdDSA"), await importJWK(open, "EdDSA")];
const header = { alg: "EdDSA", typ: "at+jwt", kid: key.kid };
const expected = { issuer, audience, typ: "at+jwt", algorithms: ["EdDSA"], requiredClaims: ["exp"] };

const work = {
  sign: (at) => new SignJWT(claims[at % claims.length]).setProtectedHeader(header).sign(secretKey),
  verify: (at) => jwtVerify(tokens[at % tokens.length], publicKey, expected),
};

console.log(JSON.stringify({ version: `${version} on node ${process.version}`, token: await work.sign(0) }));
let done = 0;
for await (const line of lines) {
  const [verb, repetitions] = line.split(" ");
  const start = process.hrtime.bigint();
  for (const end = done + Number(repetitions); done < end; done += 1) await work[verb](done);
  console.log(String(process.hrtime.bigint() - start));
}
