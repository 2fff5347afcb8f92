"""What an OAuth library and a JOSE library do with tokens after they were issued, from the metadata document alone.

Usage: token_life.py ISSUER CLIENT_ID SECRET life
       token_life.py ISSUER CLIENT_ID SECRET fetch
       token_life.py ISSUER CLIENT_ID SECRET verify TOKEN
Prints one JSON object.
"""

import json
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet


def discover(issuer):
    """RFC 8414."""
    answer = requests.get(issuer + "/.well-known/oauth-authorization-server", timeout=10)
    answer.raise_for_status()
    return answer.json()


def verifies(metadata, token):
    """RFC 9068 with the keys that are published now."""
    published = requests.get(metadata["jwks_uri"], timeout=10).json()
    algorithms = sorted({key["alg"] for key in published["keys"]})
    told = {"published": len(published["keys"]), "algorithms": algorithms}
    try:
        jwt.decode(token, KeySet.import_key_set(published), algorithms=algorithms)
    except (JoseError, ValueError):
        return {"verifies": False, **told}
    return {"verifies": True, **told}


def refusal(answer):
    """RFC 6749 §5.2: a refusal is JSON with an `error`, and nobody keeps it."""
    assert answer.headers["content-type"].startswith("application/json"), answer.headers
    assert "no-store" in answer.headers["cache-control"], answer.headers
    return [answer.status_code, answer.json()["error"]]


def life(metadata, client_id, secret, client, token):
    """RFC 7662 and RFC 7009."""

    def introspect(text):
        answer = client.introspect_token(metadata["introspection_endpoint"], token=text)
        answer.raise_for_status()
        return answer.json()

    before = introspect(token)
    revoked = client.revoke_token(metadata["revocation_endpoint"], token=token)
    again = client.revoke_token(metadata["revocation_endpoint"], token=token)

    def post(url, body, password=secret):
        return refusal(requests.post(url, data=body, auth=(client_id, password), timeout=10))

    return {
        "before": before,
        "revoked": [revoked.status_code, again.status_code],
        "after": introspect(token),
        "forged": introspect(token[:-8] + "AAAAAAAA"),
        "wrong_secret": post(metadata["token_endpoint"], {"grant_type": "client_credentials"}, "wrong"),
        "wrong_grant": post(metadata["token_endpoint"], {"grant_type": "password"}),
        "wrong_scope": post(metadata["token_endpoint"], {"grant_type": "client_credentials", "scope": "clients.write"}),
        "no_token": post(metadata["introspection_endpoint"], {}),
        "nothing_to_revoke": post(metadata["revocation_endpoint"], {}),
    }


def main(issuer, client_id, secret, what, token=None):
    metadata = discover(issuer)
    client = OAuth2Session(client_id, secret, scope="tokens.introspect")
    if what == "verify":
        print(json.dumps(verifies(metadata, token)))
        return
    token = client.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")["access_token"]
    if what == "fetch":
        print(json.dumps({"token": token, **verifies(metadata, token)}))
    else:
        print(json.dumps(life(metadata, client_id, secret, client, token)))


main(*sys.argv[1:])
