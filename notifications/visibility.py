"""Who may ask for a sign-in code: everybody. And for the outbox: whoever sits at the embedded machine; it does not exist elsewhere."""

from common.visibility import ROLES, door

door("sign-in", roles=ROLES, writes=True)
door("outbox", roles=ROLES)
