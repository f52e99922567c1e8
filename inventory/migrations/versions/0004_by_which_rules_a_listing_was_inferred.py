"""By which rules and tables a listing's category and size were inferred."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "listings",
        sa.Column(
            "inference_version",
            sa.String(length=20),
            nullable=True,
            comment="rules and tables that its category and size are from; another one than the program's is old",
        ),
    )


def downgrade() -> None:
    op.drop_column("listings", "inference_version")
