"""counters of requests that several processes share; ids that are given out once, although rows are erased

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table('request_counts',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('key')
    )
    if op.get_bind().dialect.name == 'sqlite':  # which gives the ids of erased rows out again, unless it is told not to
        for table in ('conversation_events', 'turns'):
            with op.batch_alter_table(table, recreate='always', table_kwargs={'sqlite_autoincrement': True}):
                pass


def downgrade() -> None:
    """Back to the one before; ids that are given out once stay so."""
    op.drop_table('request_counts')
