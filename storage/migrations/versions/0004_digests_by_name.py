"""Lines bear the name of the digest they went into, and a digest is written once for many readers."""

from alembic import op
import sqlalchemy as sa


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('nudges', schema=None) as batch_op:
        batch_op.add_column(sa.Column('digest', sa.String(length=48), nullable=True))
        batch_op.create_index('ix_nudges_digest', ['digest', 'account_id'], unique=False, sqlite_where=sa.text('digest IS NOT NULL'), postgresql_where=sa.text('digest IS NOT NULL'))


def downgrade() -> None:
    with op.batch_alter_table('nudges', schema=None) as batch_op:
        batch_op.drop_index('ix_nudges_digest', sqlite_where=sa.text('digest IS NOT NULL'), postgresql_where=sa.text('digest IS NOT NULL'))
        batch_op.drop_column('digest')
