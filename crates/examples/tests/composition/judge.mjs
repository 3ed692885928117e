// Judges one case a line: the headers that came, and a record. Prints whether the claims are for it, or why not.
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const { Refused, fromGate } = await import(pathToFileURL(`${process.argv[2]}/claims.mjs`))
for await (const line of createInterface({ input: process.stdin })) {
  const { headers, scope, record, axes } = JSON.parse(line)
  const headersDistinct = {}
  for (const [name, value] of headers) (headersDistinct[name.toLowerCase()] ??= []).push(value)
  try {
    console.log(JSON.stringify(fromGate({ headersDistinct }, scope).allows(record, axes)))
  } catch (why) {
    if (!(why instanceof Refused)) throw why
    console.log(JSON.stringify(`${why.status} ${why.body.reason}`))
  }
}
