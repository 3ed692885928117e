"""Signs with Ed25519 (RFC 8032, section 5.1), to make the tokens that a good issuer never makes. Slow, and not for secrets."""
import base64
import hashlib
import secrets

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE_Y = 4 * pow(5, -1, P) % P
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def encoded_multiple(scalar):
    sum_, power = (0, 1, 1, 0), BASE
    while scalar:
        if scalar & 1:
            sum_ = add(sum_, power)
        power, scalar = add(power, power), scalar >> 1
    inverse = pow(sum_[2], -1, P)
    return ((sum_[1] * inverse % P) | ((sum_[0] * inverse % P & 1) << 255)).to_bytes(32, "little")


def hashed(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """A fresh key, with the id that RFC 7638 gives it."""

    def __init__(self):
        digest = hashlib.sha512(secrets.token_bytes(32)).digest()
        self.scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
        self.prefix = digest[32:]
        self.public = encoded_multiple(self.scalar)
        x = base64url(self.public)
        thumbprint = hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest()
        self.kid = base64url(thumbprint)
        self.jwk = {"kty": "OKP", "crv": "Ed25519", "x": x, "use": "sig", "alg": "EdDSA", "kid": self.kid}

    def sign(self, message):
        r = hashed(self.prefix, message) % L
        point = encoded_multiple(r)
        s = (r + hashed(point, self.public, message) * self.scalar) % L
        return point + s.to_bytes(32, "little")
