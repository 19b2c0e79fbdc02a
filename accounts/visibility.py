"""Who may come to the routes of signing in: everybody, or nobody could."""

from common.visibility import ROLES, SIGNED_IN, door

door("sign-in-code", "sign-in-password", "sign-in-link", "sign-out", "set_language", roles=ROLES, writes=True)
door("api-schema", "api-tokens", roles=ROLES)
door("api-token", roles=SIGNED_IN, writes=True)
