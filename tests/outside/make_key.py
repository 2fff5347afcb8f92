"""Makes an Ed25519 key with another JOSE library.

Usage: make_key.py FILE
Writes the private key to FILE (PEM) and prints the public key as a JSON Web Key with its thumbprint.
"""

import json
import sys

from joserfc.jwk import OKPKey

key = OKPKey.generate_key("Ed25519")
with open(sys.argv[1], "wb") as file:
    file.write(key.as_pem(private=True))
print(json.dumps({"kid": key.thumbprint(), "jwk": json.dumps(key.as_dict(private=False))}))
