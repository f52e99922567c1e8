"""Until when listings and their history were taken away, so that who asks for a day before is told."""

import sqlalchemy as sa
from alembic import op

from inventory.columns import Time

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "prunings",
        sa.Column("before", Time(), primary_key=True, comment="listings that had ended before were taken away"),
        sa.Column("begun_at", Time(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("prunings")
