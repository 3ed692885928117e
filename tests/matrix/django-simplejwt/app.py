import os
import sys

import django
from django.conf import settings

ISSUER, AUDIENCE, JWKS, PORT = (os.environ["MATRIX_" + name] for name in ("ISSUER", "AUDIENCE", "JWKS", "PORT"))
settings.configure(
    SECRET_KEY=os.urandom(16).hex(),
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
    # Its own tokens say what they are in `token_type`; those of others have no such claim.
    SIMPLE_JWT={"ALGORITHM": "EdDSA", "JWK_URL": JWKS, "AUDIENCE": AUDIENCE, "ISSUER": ISSUER,
                "TOKEN_TYPE_CLAIM": None, "USER_ID_CLAIM": "sub"},
)
django.setup()

import jwt
from django.core.management import execute_from_command_line
from django.urls import path
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication


class Ours(BasePermission):
    def has_permission(self, request, view):
        header = jwt.get_unverified_header(request.headers["Authorization"].split()[1])
        claims = request.auth.payload
        return (header.get("typ") == "at+jwt" and claims.get("env") == "test" and claims.get("tenant") == "acme"
                and "invoices:read" in claims.get("scope", "").split())


def view(*permissions):
    def reached(request):
        return Response("reached")

    guarded = permission_classes([IsAuthenticated, *permissions])(reached)
    return api_view()(authentication_classes([JWTStatelessUserAuthentication])(guarded))


urlpatterns = [path("told", view()), path("complete", view(Ours))]
if __name__ == "__main__":
    execute_from_command_line([sys.argv[0], "runserver", "--noreload", f"127.0.0.1:{PORT}"])
