import os
from typing import Annotated

import jwt
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

ISSUER, AUDIENCE, JWKS, PORT = (os.environ["MATRIX_" + name] for name in ("ISSUER", "AUDIENCE", "JWKS", "PORT"))
KEYS = jwt.PyJWKClient(JWKS)
Bearer = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
app = FastAPI()


def verify(token, **expectations):
    try:
        return jwt.decode(token, KEYS.get_signing_key_from_jwt(token), algorithms=["EdDSA"], **expectations)
    except jwt.PyJWKClientConnectionError as fault:
        raise HTTPException(503, "no keys") from fault
    except jwt.PyJWTError as fault:
        raise HTTPException(401, str(fault)) from fault


def default(bearer: Bearer):
    # Without `audience` a token that has an `aud` is refused; so people write this.
    return verify(bearer.credentials, options={"verify_aud": False})


def told(bearer: Bearer):
    required = ["iss", "aud", "sub", "client_id", "iat", "exp", "jti"]
    return verify(bearer.credentials, audience=AUDIENCE, issuer=ISSUER, options={"require": required})


def complete(bearer: Bearer):
    claims = told(bearer)
    if jwt.get_unverified_header(bearer.credentials).get("typ") != "at+jwt" or claims.get("env") != "test":
        raise HTTPException(401, "not an access token for this environment")
    if "cnf" in claims:
        raise HTTPException(401, "bound to a key, and without proof of it")
    if claims.get("tenant") != "acme" or "invoices:read" not in claims.get("scope", "").split():
        raise HTTPException(403, "not for these records")
    return claims


for guard in (default, told, complete):
    app.get("/" + guard.__name__, dependencies=[Depends(guard)])(lambda: "reached")
uvicorn.run(app, port=int(PORT), log_level="warning")
