"""The settings under test, and what only tests need. tests/plugin.py has set the environment before this is read."""

from config.settings import *  # noqa: F403 - the tests run the real settings; what differs stands below
from config.settings import DATABASES, STORAGES, VAR_DIR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The hashed names of the manifest exist only after `collectstatic`.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
MEDIA_ROOT = VAR_DIR / "media"

_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = 0
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # A file, because other processes and threads read it too.
    _database["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
