"""A platform's backend in another language: an OAuth library, a JOSE library, and gRPC by reflection.

Knows three things only: the issuer's URL, its own client id with a secret or a private key, and where the registry
listens. Everything else comes from the metadata document and from server reflection.

Usage: oauth_client.py ISSUER REGISTRY CLIENT_ID (secret:TEXT | key:PEM_FILE:KID) STREAMER
Prints one JSON object.
"""

import json
import sys

import grpc
import requests
from authlib.integrations.requests_client import OAuth2Session
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey


def discover(issuer):
    """RFC 8414."""
    answer = requests.get(issuer + "/.well-known/oauth-authorization-server", timeout=10)
    answer.raise_for_status()
    metadata = answer.json()
    assert metadata["issuer"] == issuer, metadata
    return metadata


def session(metadata, client_id, proof):
    kind, _, rest = proof.partition(":")
    if kind == "secret":
        return OAuth2Session(client_id, rest, scope="permissions.check")
    path, _, kid = rest.partition(":")
    client = OAuth2Session(client_id, token_endpoint_auth_method="private_key_jwt", scope="permissions.check")
    client.register_client_auth_method(("private_key_jwt", assertion_auth(metadata, path, kid)))
    return client


def assertion_auth(metadata, path, kid):
    """RFC 7523, signed by a JOSE library with an Ed25519 key."""
    import time
    import uuid

    key = OKPKey.import_key(open(path, encoding="ascii").read())

    def authenticate(client, method, uri, headers, body):
        now = int(time.time())
        claims = {
            "iss": client.client_id,
            "sub": client.client_id,
            "aud": metadata["token_endpoint"],
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
        }
        assertion = jwt.encode({"alg": "EdDSA", "kid": kid}, claims, key, algorithms=["EdDSA"])
        kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        body = f"{body}&client_assertion_type={kind}&client_assertion={assertion}"
        headers["Content-Length"] = str(len(body))
        return uri, headers, body

    return authenticate


def read_token(metadata, token):
    """RFC 9068: the token verifies with the published keys."""
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
    read = jwt.decode(token, keys, algorithms=["EdDSA"])
    assert read.header["typ"] == "at+jwt", read.header
    return read.claims


def check(registry, token, streamer):
    with grpc.insecure_channel(registry) as channel:
        pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
        method = pool.FindMethodByName("greenroom.registry.v1.PermissionService.CheckPermission")
        request = message_factory.GetMessageClass(method.input_type)(streamer=streamer)
        response = message_factory.GetMessageClass(method.output_type)
        call = channel.unary_unary(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=response.FromString,
        )
        answer = call(request, metadata=[("authorization", "Bearer " + token)], timeout=10)
        return json_format.MessageToDict(answer)


def main(issuer, registry, client_id, proof, streamer):
    metadata = discover(issuer)
    client = session(metadata, client_id, proof)
    token = client.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    claims = read_token(metadata, token["access_token"])
    answer = check(registry, token["access_token"], streamer)
    print(json.dumps({"audience": claims["aud"], "scope": token["scope"], **answer["decision"]}))


main(*sys.argv[1:])
