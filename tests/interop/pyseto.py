"""pyseto finds the key in the PASERK document, verifies live tokens, refuses forged ones, and signs its own."""
import json

import pyseto
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from interop import Client, encode, fetch

client = Client("pyseto", "paseto")
keys = {key["kid"]: pyseto.Key.from_paserk(key["key"]) for key in fetch(client.metadata["paserk_uri"])["keys"]}
reader = pyseto.Paseto.new(leeway=0)


def verify(token):
    footer = json.loads(pyseto.Token.new(token).footer)
    if not isinstance(footer, dict) or footer.get("kid") not in list(keys):
        raise ValueError("no such key")
    decoded = reader.decode(keys[footer["kid"]], token, deserializer=json, aud=client.product["audience"])
    return footer.get("typ"), decoded.payload


client.judge(verify, (pyseto.PysetoError, ValueError))
client.say("names the key as PASERK does", all(key.to_paserk_id() == kid for kid, key in keys.items()))

key, another = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
paserk = "k4.public." + encode(key.public_key().public_bytes_raw())
kid = pyseto.Key.from_paserk(paserk).to_paserk_id()


def sign_with(private):
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signer = pyseto.Key.new(4, "public", pem)

    def sign(kind, claims):
        # As text: the library would write an object with blanks, and our footers are the same to the byte.
        footer = json.dumps({"kid": kid, "typ": kind}, separators=(",", ":"))
        return reader.encode(signer, claims, footer).decode()

    return sign


client.sign({"kid": kid, "key": paserk}, sign_with(key), sign_with(another))
