"""Who may ask for a sign-in code: everybody. The outbox: who sits at the embedded machine; elsewhere there is none."""

from common.visibility import ROLES, door

door("sign-in", roles=ROLES, writes=True)
door("outbox", roles=ROLES)
