"""When a dealer was last checked, and what was found."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "dealers",
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True, comment="when it was last checked"),
    )
    op.add_column(
        "dealers",
        sa.Column(
            "verified_outcome", sa.String(length=30), nullable=True, comment="healthy, or what the check found first"
        ),
    )


def downgrade() -> None:
    op.drop_column("dealers", "verified_outcome")
    op.drop_column("dealers", "verified_at")
