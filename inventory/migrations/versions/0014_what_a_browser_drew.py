"""Pages that a browser drew, whose pages need one, and what the hosted rendering API cost by day."""

import sqlalchemy as sa
from alembic import op

from inventory.columns import Time

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, comment in (("pages_rendered", "asked of a browser"), ("credits_used", "of the hosted rendering API")):
        op.add_column("crawls", sa.Column(name, sa.Integer(), server_default="0", nullable=False, comment=comment))
    op.add_column(
        "dealers",
        sa.Column(
            "shells_seen_at",
            Time(),
            comment="when plain HTTP last brought empty shells: a browser is asked first for a time",
        ),
    )
    op.create_table(
        "render_credits",
        sa.Column("day", sa.String(10), primary_key=True, comment="ISO 8601, UTC"),
        sa.Column(
            "credits",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="of the hosted rendering API: used or set aside",
        ),
        sa.Column("requests", sa.Integer(), server_default="0", nullable=False),
    )


def downgrade() -> None:
    op.drop_table("render_credits")
    op.drop_column("dealers", "shells_seen_at")
    op.drop_column("crawls", "credits_used")
    op.drop_column("crawls", "pages_rendered")
