"""conversations that go to people

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hand_overs',
    sa.Column('conversation_id', sa.String(length=32), nullable=False),
    sa.Column('reason', sa.String(length=16), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('person', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('conversation_id')
    )
    op.create_index(op.f('ix_hand_overs_queued_at'), 'hand_overs', ['queued_at'], unique=False)
    op.create_table('conversation_events',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('conversation_id', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('author', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_conversation_events_conversation_id'), 'conversation_events', ['conversation_id'], unique=False)
    op.create_table('contacts',
    sa.Column('conversation_id', sa.String(length=32), nullable=False),
    sa.Column('details', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('conversation_id')
    )
    op.create_table('webhook',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sent_to', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    # Conversations that were queued before there was a queue.
    conversations = sa.table('conversations', sa.column('id'), sa.column('state'), sa.column('created_at'))
    hand_overs = sa.table('hand_overs', sa.column('conversation_id'), sa.column('reason'), sa.column('queued_at'))
    waiting = sa.select(conversations.c.id, sa.literal('asked'), conversations.c.created_at).where(conversations.c.state == 'queued')
    op.execute(hand_overs.insert().from_select(['conversation_id', 'reason', 'queued_at'], waiting))


def downgrade() -> None:
    op.drop_table('webhook')
    op.drop_table('contacts')
    op.drop_table('conversation_events')
    op.drop_table('hand_overs')
