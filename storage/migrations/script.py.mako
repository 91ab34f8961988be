"""${message}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant, RowId

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
