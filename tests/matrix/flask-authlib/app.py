import os
import time

import requests
from authlib.integrations.flask_oauth2 import ResourceProtector, current_token
from authlib.oauth2.rfc6750.errors import InvalidTokenError
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from authlib.oauth2.rfc9068.claims import JWTAccessTokenClaims
from flask import Flask, abort
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ISSUER, AUDIENCE, JWKS, PORT = (os.environ["MATRIX_" + name] for name in ("ISSUER", "AUDIENCE", "JWKS", "PORT"))
REQUIRED = ("exp", "sub", "client_id", "iat", "jti")
OPTIONS = {name: {"essential": True} for name in REQUIRED}
OPTIONS |= {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": AUDIENCE}}


class Default(JWTBearerTokenValidator):
    """Fetching and keeping the keys is left to the application: here for as long as the issuer allows."""

    kept, until = None, 0

    def get_jwks(self):
        if time.monotonic() > self.until:
            self.kept, self.until = requests.get(JWKS, timeout=5).json(), time.monotonic() + 300
        return self.kept


class Told(Default):
    """The inherited method lets joserfc choose the algorithms, and it leaves EdDSA out unless it is named."""

    def authenticate_token(self, token_string):
        try:
            token = jwt.decode(token_string, KeySet.import_key_set(self.get_jwks()), algorithms=["EdDSA", "Ed25519"])
        except (JoseError, ValueError) as fault:
            raise InvalidTokenError from fault
        return JWTAccessTokenClaims(token.claims, token.header, OPTIONS)


def protector(validator):
    protect = ResourceProtector()
    protect.register_token_validator(validator(issuer=ISSUER, resource_server=AUDIENCE))
    return protect


app = Flask(__name__)


@app.get("/default")
@protector(Default)()
def default():
    return "reached"


@app.get("/told")
@protector(Told)("invoices:read")
def told():
    return "reached"


@app.get("/complete")
@protector(Told)("invoices:read")
def complete():
    if current_token.header.get("typ") != "at+jwt" or current_token["env"] != "test" or current_token["tenant"] != "acme":
        abort(403)
    return "reached"


app.run(port=int(PORT), threaded=True)
